// Package interop holds our server against the programs it must live with: Kamailio 5.6 with the
// same configuration and the same datagrams, sipp's calls, sipsak's probes, and our own load
// generator while workers are being killed.
//
// `make interop` runs it (build tag interop). Nothing here is skipped: a peer that is not installed
// fails the run. Where ours differs from Kamailio on purpose, the case says so and
// docs/compatibility.md says why; TestDifferencesAreDocumented holds the two together.
package interop
