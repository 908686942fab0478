// Package shm is the arena: the one piece of memory that all processes of a
// server share, and that outlives any of them.
//
// An [Arena] is a sparse memfd that every process maps ([Create], [Attach]), or
// a slice of the Go heap ([NewHeap]) so that the same code runs under the race
// detector, which sees nothing in mapped memory. It starts with a header that
// describes it, a table of processes, a table of named roots, and pages that
// the allocator hands out. A process takes part through a [Proc], its row in the
// process table; everything that changes the arena is a method of Proc or takes
// one, so that each lock and each block under construction names its owner.
//
// A process may be killed at any instruction. The rules that make this harmless:
//
//   - Build aside, publish with one store, unlink with one store. A block under
//     construction belongs to its process ([Proc.Alloc]) until a structure takes
//     it ([Proc.Publish]); one taken out of a structure belongs to a process
//     again ([Proc.Retire]) until it is freed.
//   - Locks ([Mutex]) name their owner. Whoever finds a lock held by a dead
//     process takes it over and is told so, and then repairs what it guards.
//   - A successor's first act is [Proc.Reap]: structures are repaired through
//     the hooks of their kinds, then the half-made blocks are freed.
//   - No Go pointer, string or slice is stored in the arena: offsets ([Ref])
//     and fixed-width integers only ([CheckType]).
//
// What can go wrong: no memory left is an answer (false, counted in [Stats]),
// never a crash. A damaged offset is refused where it is read. A free that is
// wild or double is an error and a counter. [Check] walks everything and says
// what is not as it should be.
//
// The structures live next door: shm/table, shm/ring, shm/wheel, shm/counter.
// The kill points of shm/kill stand between the stores of every operation.
package shm
