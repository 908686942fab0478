package supervisor

import (
	"fmt"
	"log/slog"
	"syscall"
	"time"

	"goser/supervisor/policy"
	"goser/supervisor/spawn"
	"goser/worker/handoff"
)

// hands are what the crew does to the world; tests bring their own.
type hands struct {
	now   func() time.Time
	spawn func(b handoff.Birth, gently bool) (pid int, gen uint32, err error)
	hurry func(*row) // no longer gently
	kill  func(pid int, sig syscall.Signal)
	dead  func(slot int)
	pause func(time.Duration)
}

type phase uint8

const (
	starting phase = iota
	running
	draining
)

// crew is the table of workers. Everything happens to it in one goroutine; it
// reads the clock through its hands and never waits.
type crew struct {
	hands
	log         *slog.Logger
	rows        []*row
	phase       phase
	patience    time.Duration // how long a process may take to become ready
	exitTimeout time.Duration // 0: wait for ever
	forkDelay   time.Duration // before each process of the start
	failure     string        // why the start failed
	blamed      *row          // whose fault that was
	killAt      time.Time     // when draining turns into killing; zero: never
}

// row is one place in the process table, and the process in it if pid is not 0.
type row struct {
	birth   handoff.Birth // what every process of this row is born with
	pid     int
	gen     uint32
	ready   bool
	gentle  bool // starts behind those who serve
	lost    bool // killed by us because it did not become ready
	born    time.Time
	due     time.Time // when an empty row is to be filled
	history policy.Row
}

// start fills every row.
func (c *crew) start() {
	for _, r := range c.rows {
		c.pause(c.forkDelay)
		c.fill(r)
		if c.phase == draining {
			return
		}
	}
	if len(c.rows) == 0 {
		c.phase = running
	}
}

func (c *crew) fill(r *row) {
	now := c.now()
	r.history.Born(now)
	gently := c.covered(r)
	pid, gen, err := c.spawn(r.birth, gently)
	if err != nil {
		c.unborn(r, err)
		return
	}
	r.pid, r.gen, r.ready, r.gentle, r.lost, r.born = pid, gen, false, gently, false, now
	c.log.Debug("process started", "row", r.birth.Index, "role", r.birth.Desc, "pid", pid, "generation", gen)
}

// unborn is a process that could not even be started: no memory, too many
// processes. It counts as one that died at once.
func (c *crew) unborn(r *row, err error) {
	c.dead(r.birth.Index)
	if c.phase == starting {
		c.fail(r, err.Error())
		return
	}
	pause := c.again(r)
	c.log.Error("process cannot be started", "row", r.birth.Index, "role", r.birth.Desc, "reason", err.Error(), "next_try", pause.String())
}

// again says when the row is to be filled next. There is always a pause of a
// tick, so that a start that fails at once cannot keep the loop to itself.
func (c *crew) again(r *row) time.Duration {
	pause := r.history.Died(c.now())
	r.due = c.now().Add(pause)
	return pause
}

// exited is told of each child that has ended.
func (c *crew) exited(e spawn.Exit) {
	r := c.find(e.Pid)
	if r == nil {
		return // an orphan that came to us as init of a container
	}
	r.pid = 0
	c.dead(r.birth.Index)
	c.hasten()
	switch c.phase {
	case draining:
		c.log.Debug("process ended", "row", r.birth.Index, "role", r.birth.Desc, "pid", e.Pid, "how", e.String())
	case starting:
		c.fail(r, e.String()+" before it was ready")
	default:
		pause := c.again(r)
		c.log.Error("process died, starting it again", "row", r.birth.Index, "role", r.birth.Desc, "pid", e.Pid,
			"generation", r.gen, "how", e.String(), "pause", pause.String())
		if pause == 0 {
			c.fill(r)
		}
	}
}

func (c *crew) find(pid int) *row {
	for _, r := range c.rows {
		if r.pid == pid && pid != 0 {
			return r
		}
	}
	return nil
}

// reported is told what a process says of itself.
func (c *crew) reported(rep handoff.Report) {
	for _, r := range c.rows {
		if r.birth.Index == rep.Index && r.gen == rep.Generation {
			c.heard(r, rep.Err)
			return
		}
	}
}

func (c *crew) heard(r *row, reason string) {
	switch {
	case reason == "":
		r.ready = true
		c.hasten()
		if c.phase == starting && c.complete() {
			c.phase = running
		}
	case c.phase == starting:
		c.fail(r, reason)
	case c.phase == draining && r == c.blamed:
		c.fail(r, reason) // better than how it died
	case c.phase == running:
		c.log.Error("process cannot serve", "row", r.birth.Index, "role", r.birth.Desc, "reason", reason)
	}
}

func (c *crew) complete() bool {
	for _, r := range c.rows {
		if !r.ready {
			return false
		}
	}
	return true
}

// fail ends a start: there is nothing to drain, so the others are killed.
func (c *crew) fail(r *row, reason string) {
	c.blamed = r
	c.failure = fmt.Sprintf("%s: %s", r.birth.Desc, reason)
	c.phase = draining
	c.killAt = c.now().Add(time.Second) // in case one is just being born
	c.signalAll(syscall.SIGKILL)
}

// shutdown begins the orderly end. Asked a second time, it is not patient.
func (c *crew) shutdown() {
	if c.phase == draining {
		c.killAt = c.now().Add(time.Second)
		c.signalAll(syscall.SIGKILL)
		return
	}
	if c.phase == starting {
		c.failure = "stopped by a signal before every process was ready"
	}
	c.phase = draining
	if c.exitTimeout > 0 {
		c.killAt = c.now().Add(c.exitTimeout)
	}
	c.signalAll(syscall.SIGTERM)
}

func (c *crew) signalAll(sig syscall.Signal) {
	for _, r := range c.rows {
		if r.pid != 0 {
			c.kill(r.pid, sig)
		}
	}
}

// tick does what is due.
func (c *crew) tick() {
	now := c.now()
	if c.phase == draining {
		if !c.killAt.IsZero() && !now.Before(c.killAt) && !c.gone() {
			c.log.Error("exit_timeout is over, killing what is left")
			c.killAt = now.Add(time.Second)
			c.signalAll(syscall.SIGKILL)
		}
		return
	}
	for _, r := range c.rows {
		switch {
		case r.pid == 0 && !now.Before(r.due):
			c.fill(r)
		case r.pid != 0 && !r.ready && !r.lost && now.Sub(r.born) >= c.patience:
			c.giveUp(r)
		}
		if c.phase == draining {
			return
		}
	}
}

// giveUp ends a process that runs and does not become ready.
func (c *crew) giveUp(r *row) {
	r.lost = true
	reason := fmt.Sprintf("not ready after %v", c.patience)
	if c.phase == starting {
		c.fail(r, reason)
		return
	}
	c.log.Error("process killed", "row", r.birth.Index, "role", r.birth.Desc, "pid", r.pid, "reason", reason)
	c.kill(r.pid, syscall.SIGKILL)
}

// wait is the time until something is due.
func (c *crew) wait() time.Duration {
	now := c.now()
	wait := time.Minute
	sooner := func(at time.Time) { wait = min(wait, max(at.Sub(now), 0)) }
	if c.phase == draining {
		if !c.killAt.IsZero() {
			sooner(c.killAt)
		}
		return wait
	}
	for _, r := range c.rows {
		switch {
		case r.pid == 0:
			sooner(r.due)
		case !r.ready && !r.lost:
			sooner(r.born.Add(c.patience))
		}
	}
	return wait
}

// gone tells that draining is over.
func (c *crew) gone() bool {
	if c.phase != draining {
		return false
	}
	for _, r := range c.rows {
		if r.pid != 0 {
			return false
		}
	}
	return true
}
