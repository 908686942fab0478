// Package robust attacks the running server and shows that it holds: what strangers send, what
// happens to its processes, what an operator gets wrong at start.
//
// It needs nothing but Go, so `make test` runs it, with floods of 50,000 datagrams (10,000 with -short).
// ROBUST=full, which `make interop` sets, makes them a million. A random flood prints its seed; SEED
// repeats it.
package robust
