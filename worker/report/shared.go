package report

import (
	"fmt"

	"goser/shm"
)

const shared = "shm_status"

// Shared writes of the arena what mem_summary asks for.
func (m Memory) Shared(a *shm.Arena) {
	if !m.wants(SharedBlocks | SharedSums) {
		return
	}
	m.Log = m.Log.Patient()
	defer func() {
		if r := recover(); r != nil {
			m.say(shared, "the shared memory cannot be read: %v", r)
		}
	}()
	all := a.Holdings()
	if m.wants(SharedBlocks) {
		m.Log.Line(m.Level, "", "Memory status (shm):")
		m.status(a.Memory(), all)
	}
	if m.wants(SharedSums) {
		m.Log.Line(m.Level, "", "Memory still-in-use summary (shm):")
		m.say("shm_sums", "summarizing all alloc'ed. fragments:")
		for _, u := range shm.Summary(all) {
			m.say("shm_sums", " count=%6d size=%10d bytes from %s, %s", u.Count, u.Held, what(&u), owner(&u))
		}
		m.end("shm_sums")
	}
}

func (m Memory) status(mem shm.Memory, all []shm.Holding) {
	var used, free uint64
	for _, h := range all {
		if h.Free {
			free += h.Held
		} else {
			used += h.Held
		}
	}
	taken := max(mem.Taken, used+free) // it may have grown meanwhile
	m.say(shared, "heap size= %d", mem.Size)
	m.say(shared, "used= %d, used+overhead=%d, free=%d", used, taken-free, mem.Data-min(taken-free, mem.Data))
	m.say(shared, "max used (+overhead)= %d", mem.Peak)
	if m.What&Short == 0 {
		m.holdings(all, free)
	}
	m.end(shared)
}

func (m Memory) holdings(all []shm.Holding, free uint64) {
	m.say(shared, "dumping all alloc'ed. fragments:")
	for _, h := range all {
		if !h.Free {
			m.say(shared, " count=%6d size=%10d bytes (asked for %d) from %s%s, %s", h.Count, h.Held, h.Bytes, what(&h.Usage), class(h), owner(&h.Usage))
		}
	}
	m.say(shared, "dumping free list stats : %d bytes", free)
	for _, h := range all {
		if h.Free {
			m.say(shared, " count=%6d size=%10d bytes free%s, %s", h.Count, h.Held, class(h), owner(&h.Usage))
		}
	}
}

func what(u *shm.Usage) string {
	if u.Root {
		return "root " + u.Kind
	}
	return u.Kind
}

func class(h shm.Holding) string {
	if h.Class == 0 {
		return ""
	}
	return fmt.Sprintf(" in class %d", h.Class)
}

// owner is whose a block is: of the structure that it is part of, or of the
// process that builds it, takes it apart or keeps it at hand.
func owner(u *shm.Usage) string {
	if u.Owner < 0 {
		return "shared"
	}
	return fmt.Sprintf("process %d", u.Owner)
}
