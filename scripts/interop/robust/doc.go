// Package robust attacks the running server and shows that it holds: what strangers send, what
// happens to its processes, what an operator gets wrong at start.
//
// It needs nothing but Go, so `make test` runs it. Under -short (and without it in the tests that say
// so) the numbers are small; the environment variable ROBUST=full, which `make interop` sets, makes
// them what docs/compatibility.md promises: a million datagrams.
package robust
