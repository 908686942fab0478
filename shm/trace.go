package shm

// Event is one allocation, or the release of a block.
type Event struct {
	Alloc bool
	Kind  Kind
	Size  uint64 // bytes asked for
	Off   uint64 // of the payload; 0 for an allocation that was refused
}

// Tracer is told of every event of a process, after it has happened, in the
// goroutine that caused it. It must not allocate from the arena.
type Tracer func(Event)

// Trace sets who is told, nil for nobody. What a reap frees is not told.
func (p *Proc) Trace(t Tracer) {
	if t == nil {
		p.trace.Store(nil)
		return
	}
	p.trace.Store(&t)
}

func (p *Proc) traced(e Event) {
	if t := p.trace.Load(); t != nil {
		(*t)(e)
	}
}
