// Package scripts is what goes with the programs: the default configuration,
// the init script, the unit, the package. See README.md.
package scripts
