package tm

import (
	"fmt"

	"goser/cfg/ere"
	"goser/shm"
	"goser/shm/table"
	"goser/shm/wheel"
	"goser/sip"
	"goser/worker/module"
)

// state is what one process has of tm: views of the arena and buffers.
type state struct {
	env    module.Env
	arena  *shm.Arena
	proc   *shm.Proc
	table  *table.Table
	timers *wheel.Wheel
	work   []workRow
	shown  []uint64
	seed   [2]uint64

	out      []byte      // the message being built
	text     []byte      // a key, a frozen request
	fwd      sip.Forward // the request being built
	hop      sip.Msg     // the request of a branch, to make its CANCEL or ACK
	spare    []*sip.Edits
	onSend   int8      // whether the script has an onsend_route: 1 yes, -1 no
	patterns ere.Cache // that scripts compute
	uriQ     int16     // the q of the R-URI: unknown, taken as 1
}

var (
	states  = map[module.Env]*state{}
	current *state
)

// of is the state of the process that an Env stands for: one in a server, one
// for each of a simulation.
func of(e module.Env) *state {
	if current == nil || current.env != e {
		current = states[e]
	}
	return current
}

// open makes the state of a process.
func open(e module.Env) (*state, error) {
	s := &state{env: e, arena: e.Arena(), proc: e.Proc(), timers: e.Timers(), out: make([]byte, 0, 66<<10), uriQ: -1}
	s.seed[0], s.seed[1] = s.arena.Seed()
	s.hop.Limits = e.Conf().Limits
	var err error
	if s.table, err = openTable(s.proc); err != nil {
		return nil, fmt.Errorf("tm: %w", err)
	}
	if s.work, err = openWork(s.proc); err != nil {
		return nil, err
	}
	if s.shown, err = openShown(s.proc); err != nil {
		return nil, err
	}
	states[e], current = s, s
	return s, nil
}

// full counts that the arena had no room.
func (s *state) full() { s.count(&counters.noMemory) }

func (s *state) count(id *module.Counter) { s.env.Count(*id, 1) }

// ticks are how many a time in ms takes, at least one.
func ticks(ms uint32) uint64 { return max(1, uint64(ms)/wheel.TickMs) }
