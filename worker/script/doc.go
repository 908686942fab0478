// Package script runs the routing blocks of a configuration.
//
// # What it does
//
// [New] compiles the typed program of package cfg/check into closures: one for
// each statement and for each operand, specialised by operator and type, so
// that running a script decides nothing that was known at start. [Engine]
// implements module.Runner: Request, Reply and Send run the blocks of that
// name, Call any other.
//
// The functions of the core (forward, append_branch, rewritehost, setflag ...)
// are here too, as module "core": every module declares its functions in the
// same way, and the core is no exception. So are the selects (@from.uri).
//
// # Rules of the language
//
// if is true for a value > 0, while and && || ! for one that is not 0. A call
// inside an expression is 1 or 0, one that is assigned directly is
// its raw code. A module function that returns 0 ends the script, and so does
// return(0). break, return, exit and drop work from anywhere, also from inside
// an expression. What a condition breaks or returns from a block in braces
// ends only that block. The README has the whole list.
//
// # What can go wrong
//
// An expression fails: division by zero, a bad regular expression, a string of
// more than 64 KB. Then an assignment is skipped, a condition is false, and the
// script goes on. The place is logged (file:line:column), at most 20 lines a
// second of each process. Blocks nest at most 100 deep, route calls included;
// a while loop ends after max_while_loops rounds.
//
// # Cost
//
// Running a script allocates nothing on the heap. Strings are built in the
// message's scratch buffer.
package script
