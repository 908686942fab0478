package load

import (
	"context"
	crand "crypto/rand"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"goser/cmd/sipload/internal/hist"
	"goser/cmd/sipload/internal/proc"
	"goser/cmd/sipload/internal/udp"
	"goser/cmd/sipload/internal/wheel"
	"goser/cmd/sipload/internal/wire"
)

const (
	wheelTick = int64(time.Millisecond)
	burst     = 64 // transactions started before replies are looked at again
)

// Engine is one run under way. It belongs to the goroutine that calls Run.
type Engine struct {
	cfg     Config
	run     string // marks our ids, so that a leftover of another run is never taken for ours
	uasHost string
	domain  string
	target  udp.Addr

	sockets   []*udp.Socket // cfg.Ports client sockets, then the called side's, if any
	poller    *udp.Poller
	templates []*wire.Template
	viaHosts  [][]byte
	uas       []*uas // one, or two that a call is forked to
	plan      plan
	calls     bool // the scenario is one of calls
	expect    int
	losses    *rand.Rand

	slots  []slot
	free   []uint32
	serial uint64
	wheel  *wheel.Wheel
	fire   func(int32) // e.timer, bound once

	base      time.Time
	now       int64 // nanoseconds since base
	stopAt    int64
	warmUntil int64
	measured  bool // the warm-up is over
	begun     int64
	stopped   int64 // when the last transaction was started, 0 while they are
	lastDone  int64
	nextDue   float64 // open loop
	step      float64
	doneAtEnd int64
	nextLook  [2]int64
	more      bool  // a socket may hold more than was taken
	worked    bool  // the turn under way did something
	idle      int64 // time of the turns that did not, when spinning
	cpuBegin  time.Duration
	selfBegin time.Duration

	counts   Counts
	statuses [700]int64
	latency  hist.Hist
	byes     hist.Hist
	tree     *proc.Tree
	msg      wire.Message
	prefix   [256][]byte // by mark: what our branches begin with
	callID   []byte      // what our Call-IDs begin with
	mark     byte        // of the first request's branch
	method   []byte      // of the first request
	hopText  []byte      // the next hop resolved last
	hopAddr  udp.Addr
	scratch  []byte
	copied   []byte
}

// New opens the sockets of a run.
func New(cfg Config) (*Engine, error) {
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	e := &Engine{cfg: cfg, target: udp.AddrOf(cfg.Target), base: time.Now(), losses: rand.New(rand.NewPCG(cfg.Seed, 0))}
	e.plan, e.calls = plans[cfg.Scenario]
	if e.expect = cfg.Expect; e.expect == 0 {
		e.expect = max(e.plan.expect, 200)
	}
	if err := e.open(); err != nil {
		e.Close()
		return nil, err
	}
	if err := e.name(); err != nil {
		e.Close()
		return nil, err
	}
	n := min(cfg.slots(), 4096)
	e.wheel = wheel.New(0, wheelTick, 0)
	e.fire = e.timer
	e.grow(n)
	if cfg.ServerPID != 0 {
		tree, err := proc.Watch(cfg.ServerPID)
		if err != nil {
			e.Close()
			return nil, err
		}
		e.tree = tree
	}
	return e, nil
}

// open binds the client sockets and, where the scenario has a called side, its socket.
func (e *Engine) open() error {
	local := e.cfg.Local
	if !local.IsValid() {
		var err error
		if local, err = sourceFor(e.cfg.Target); err != nil {
			return err
		}
	}
	for range e.cfg.Ports {
		s, err := udp.Listen(netip.AddrPortFrom(local, 0))
		if err != nil {
			return err
		}
		e.sockets = append(e.sockets, s)
		e.viaHosts = append(e.viaHosts, []byte(s.Local.String()))
	}
	if err := e.openCalled(local); err != nil {
		return err
	}
	e.poller = udp.NewPoller(e.sockets)
	return nil
}

// openCalled binds the sockets of the called side, if there is one.
func (e *Engine) openCalled(local netip.Addr) error {
	if e.cfg.Scenario != Message && !e.calls {
		return nil
	}
	at := e.cfg.UAS
	if !at.IsValid() {
		at = netip.AddrPortFrom(local, 0)
	}
	n := 1
	if e.plan.fork {
		n = legs
	}
	for range n {
		s, err := udp.Listen(at)
		if err != nil {
			return err
		}
		e.sockets = append(e.sockets, s)
		e.uas = append(e.uas, newUAS(s))
		at = netip.AddrPortFrom(at.Addr(), 0)
	}
	return nil
}

// secondHost is where the other user agent of a forked call listens.
func (e *Engine) secondHost() string {
	if len(e.uas) < 2 {
		return ""
	}
	return e.uas[1].socket.Local.String()
}

// name decides what the messages say of us and of the server.
func (e *Engine) name() error {
	var r [4]byte
	crand.Read(r[:])
	e.run = hex.EncodeToString(r[:])
	if e.domain = e.cfg.Domain; e.domain == "" {
		e.domain = e.cfg.Target.String()
	}
	if e.uas != nil {
		if e.uasHost = e.cfg.UASHost; e.uasHost == "" {
			e.uasHost = e.uas[0].socket.Local.String()
		}
	}
	kind := kinds[e.cfg.Scenario]
	e.mark, e.method = kind.mark, []byte(kind.method)
	e.callID = []byte(e.run + "-")
	for _, mark := range []byte("omriabnc") {
		e.prefix[mark] = []byte("z9hG4bK" + e.run + string(mark))
	}
	for i := range e.cfg.Ports {
		t, err := e.template(e.sockets[i].Local)
		if err != nil {
			return err
		}
		e.templates = append(e.templates, t)
	}
	return nil
}

// sourceFor asks the kernel from which address the target is reached.
func sourceFor(target netip.AddrPort) (netip.Addr, error) {
	c, err := net.Dial("udp", target.String())
	if err != nil {
		return netip.Addr{}, fmt.Errorf("no way to %v: %w", target, err)
	}
	defer c.Close()
	ap, err := netip.ParseAddrPort(c.LocalAddr().String())
	return ap.Addr().Unmap(), err
}

// grow makes n slots; those there are stay where they are.
func (e *Engine) grow(n int) {
	old := len(e.slots)
	slots := make([]slot, n)
	copy(slots, e.slots)
	e.slots = slots
	free := make([]uint32, len(e.free), n)
	copy(free, e.free)
	for i := n - 1; i >= old; i-- {
		free = append(free, uint32(i))
	}
	e.free = free
	e.wheel.Grow(timers * n)
}

// Close gives the sockets back.
func (e *Engine) Close() {
	for _, s := range e.sockets {
		s.Close()
	}
	e.sockets = nil
}

// UAS is where the called side listens.
func (e *Engine) UAS() netip.AddrPort {
	if e.uas == nil {
		return netip.AddrPort{}
	}
	return e.uas[0].socket.Local
}

// Run does the whole run and reports. When ctx ends it starts nothing new and gives up what is
// under way, and the report covers what was done.
func (e *Engine) Run(ctx context.Context) (*Result, error) {
	runtime.LockOSThread() // for its timer slack
	defer runtime.UnlockOSThread()
	unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0) // wake on time: the default may be 50 µs late
	e.base = time.Now()
	e.warmUntil = int64(e.cfg.Warmup)
	if e.cfg.Rate > 0 {
		e.step = float64(time.Second) / e.cfg.Rate
	}
	if e.warmUntil == 0 {
		if err := e.measure(); err != nil {
			return nil, err
		}
	}
	for ctx.Err() == nil {
		if more, err := e.turn(); err != nil || !more {
			return e.finish(err)
		}
	}
	e.stop()
	return e.finish(nil)
}

func (e *Engine) tick() { e.now = int64(time.Since(e.base)) }

// turn is one round of the loop: timers, new transactions, what came in, and sleep when there is
// nothing of all this.
func (e *Engine) turn() (more bool, err error) {
	began := e.now
	e.tick()
	if !e.worked {
		e.idle += e.now - began
	}
	e.worked = false
	if !e.measured && e.now >= e.warmUntil {
		if err := e.measure(); err != nil {
			return false, err
		}
	}
	e.wheel.Advance(e.now, e.fire)
	e.start()
	e.flush()
	if e.stopped != 0 && len(e.free) == len(e.slots) {
		return false, nil
	}
	if err := e.look(); err != nil {
		return false, err
	}
	wait := e.sleep()
	if e.cfg.Gather > 0 && wait > 0 && !e.more {
		ts := unix.NsecToTimespec(int64(e.cfg.Gather))
		_ = unix.Nanosleep(&ts, nil)
		wait = 0
	}
	if err := e.poller.Wait(wait); err != nil {
		return false, err
	}
	return true, e.receive()
}

// sleep is how long nothing needs to be done unless something comes in.
func (e *Engine) sleep() int64 {
	if e.cfg.Spin {
		return 0
	}
	until := min(e.wheel.Next(), e.now+sampleTime)
	if e.stopped == 0 {
		if e.cfg.Rate == 0 && e.room() {
			return 0
		}
		if e.cfg.Rate > 0 && e.room() {
			until = min(until, int64(e.nextDue))
		}
		if !e.measured {
			until = min(until, e.warmUntil)
		}
		if e.stopAt > 0 {
			until = min(until, e.stopAt)
		}
	}
	if until <= e.now {
		return 0
	}
	e.tick()
	return until - e.now
}

// room tells whether one more transaction may be under way.
func (e *Engine) room() bool {
	return len(e.slots)-len(e.free) < e.cfg.slots()
}

// start begins what is due, at most a burst of it.
func (e *Engine) start() {
	for range burst {
		if e.stopped != 0 {
			return
		}
		due := e.now
		if e.cfg.Rate > 0 {
			due = int64(e.nextDue)
		}
		if e.enough(due) {
			e.stop()
			return
		}
		if due > e.now || !e.room() {
			return
		}
		if len(e.free) == 0 {
			e.grow(min(2*len(e.slots), e.cfg.slots()))
		}
		e.worked = true
		e.nextDue += e.step
		e.counts.Started++
		e.begin(e.take(due))
	}
}

// enough tells whether the run ends before a transaction due at that time. With a rate, all that were
// due before the end are started, unless we are a second late.
func (e *Engine) enough(due int64) bool {
	if e.measured && e.cfg.Count > 0 && e.counts.Started >= e.cfg.Count {
		return true
	}
	return e.stopAt > 0 && (due >= e.stopAt || e.now >= e.stopAt+int64(time.Second))
}

// stop starts nothing more; what is under way may end.
func (e *Engine) stop() {
	if e.stopped != 0 {
		return
	}
	e.tick()
	e.stopped, e.doneAtEnd = max(e.now, 1), e.counts.Completed
	if e.stopAt > 0 && e.cfg.Rate > 0 && e.cfg.Count == 0 {
		e.counts.Unsent = max(0, int64((float64(min(e.now, e.stopAt))-e.nextDue)/e.step))
	}
}

func (e *Engine) flush() {
	for _, s := range e.sockets {
		s.Flush()
	}
}
