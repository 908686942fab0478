// Package version holds the version of the program, which the build sets with
// -ldflags "-X goser/cmd/ser/version.Version=...".
package version

// Version is what -V shows.
var Version = "devel"
