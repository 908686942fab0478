// Package random makes programs of the configuration language, and messages for them, that nobody would write: what two
// servers make of them must be the same. The same seed makes the same programs.
//
// A program is a tree, so that one on which the servers differ can be made smaller: Smaller has every program in which a
// part was left out, replaced by a part of itself, or by something simple.
package random
