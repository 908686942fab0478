// Package dropin tests that the server takes the place that Kamailio has on a
// Debian machine: the init script and the unit that Debian's package of Kamailio
// installs start, check and stop it when nothing in them is changed but the
// program, the name and the paths; our own script, unit and package do what an
// administrator expects.
//
// What needs a machine to itself, the package above all, runs in a box: the
// files of this machine with all changes kept apart in memory, and mounts,
// processes and network of its own (testdata/box.sh). Nothing on the machine
// itself is installed, changed or stopped. The tests need root.
package dropin
