package shm

import "sync/atomic"

// Stats count what should be rare. They live in the arena, for all processes.
type Stats struct {
	NoMemory   uint64 // allocations refused for lack of room
	BadFree    uint64 // frees of what is no block, or another's
	DoubleFree uint64
	BadUnlock  uint64 // unlocks of what was not held
	Corrupt    uint64 // damaged words met and left alone
	Takeovers  uint64 // locks taken over from dead owners
	Reaps      uint64 // predecessors cleaned up after
	Reaped     uint64 // blocks freed by that
	PutDown    uint64 // stopped processes killed since others waited for their lock
}

func (a *Arena) count(c *uint64) { atomic.AddUint64(c, 1) }

// Stats returns a copy of the counters.
func (a *Arena) Stats() Stats {
	s := &a.hdr.Stats
	l := atomic.LoadUint64
	return Stats{
		l(&s.NoMemory), l(&s.BadFree), l(&s.DoubleFree), l(&s.BadUnlock), l(&s.Corrupt),
		l(&s.Takeovers), l(&s.Reaps), l(&s.Reaped), l(&s.PutDown),
	}
}

// Memory is the cheap summary: what the pages say.
type Memory struct {
	Size  uint64 // the limit, with the header
	Data  uint64 // what roots and blocks can have
	Taken uint64 // what they have, free blocks of started pages included
	Peak  uint64 // the most that Taken has ever been
}

// Memory returns the summary.
func (a *Arena) Memory() Memory {
	m := Memory{Size: a.size, Data: a.hdr.Pages * PageSize, Taken: atomic.LoadUint64(&a.hdr.PagesUsed) * PageSize}
	m.Peak = max(m.Taken, atomic.LoadUint64(&a.hdr.PagesPeak)*PageSize)
	return m
}
