package load

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

const (
	sampleTime = int64(250 * time.Millisecond) // between looks at the server's CPU clocks
	lookTime   = int64(5 * time.Second)        // between looks for new processes, which take a millisecond or two
)

// measure ends the warm-up: from here everything counts. Transactions under way count too.
func (e *Engine) measure() error {
	e.measured = true
	under := int64(len(e.slots) - len(e.free))
	e.counts, e.statuses = Counts{Started: under}, [700]int64{}
	e.latency.Reset()
	e.byes.Reset()
	if e.tree != nil {
		cpu, err := e.tree.CPU()
		if err != nil {
			return err
		}
		e.cpuBegin = cpu
	}
	for _, s := range e.sockets {
		s.Refused = 0
	}
	e.selfBegin = selfCPU()
	e.tick()
	e.begun, e.idle = e.now, 0
	if e.cfg.Rate > 0 {
		e.nextDue = max(e.nextDue, float64(e.now)) // looking at the server took us a moment: no fault of its
	}
	if e.cfg.Duration > 0 {
		e.stopAt = e.now + int64(e.cfg.Duration)
	}
	return nil
}

// selfCPU is what this whole program used so far.
func selfCPU() time.Duration {
	var ru unix.Rusage
	unix.Getrusage(unix.RUSAGE_SELF, &ru)
	return time.Duration(ru.Utime.Nano() + ru.Stime.Nano())
}

// look keeps an eye on the server's processes, some of which may be dying.
func (e *Engine) look() error {
	if e.tree == nil || e.now < e.nextLook[0] {
		return nil
	}
	e.nextLook[0] = e.now + sampleTime
	if e.now < e.nextLook[1] {
		e.tree.Sample()
		return nil
	}
	e.nextLook[1] = e.now + lookTime
	return e.tree.Discover()
}

// finish makes the report.
func (e *Engine) finish(err error) (*Result, error) {
	if err != nil {
		return nil, err
	}
	e.tick()
	self := selfCPU() - e.selfBegin
	elapsed, done := float64(e.stopped-e.begun)/1e9, e.doneAtEnd
	if e.cfg.Count > 0 || e.stopAt == 0 {
		elapsed, done = float64(e.lastDone-e.begun)/1e9, e.counts.Completed
	}
	if done == 0 {
		elapsed = float64(e.now-e.begun) / 1e9
	}
	for n := range e.slots { // only when the run was interrupted
		if e.slots[n].state != idle {
			e.counts.Lost++
		}
	}
	for _, s := range e.sockets {
		e.counts.Refused += s.Refused
	}
	r := &Result{
		Scenario: e.cfg.Scenario, Target: e.cfg.Target.String(), Rate: e.cfg.Rate, Size: e.templates[0].Len(),
		Seconds: elapsed, Counts: e.counts, Statuses: map[int]int64{}, Latency: percentiles(&e.latency),
	}
	if e.cfg.Rate == 0 {
		r.Window = e.cfg.Window
	}
	if elapsed > 0 {
		r.Throughput = float64(done) / elapsed
	}
	if all := float64(e.now - e.begun); all > 0 {
		r.LoadShare = float64(self) / all
		if e.cfg.Spin {
			r.LoadShare = 1 - float64(e.idle)/all
		}
	}
	for code, n := range e.statuses {
		if n > 0 {
			r.Statuses[code] = n
		}
	}
	if e.calls && e.plan.expect == 200 {
		p := percentiles(&e.byes)
		r.ByeLatency = &p
	}
	return r, e.serverReport(r)
}

func (e *Engine) serverReport(r *Result) error {
	if e.tree == nil {
		return nil
	}
	cpu, err := e.tree.CPU()
	if err != nil {
		return err
	}
	used := cpu - e.cpuBegin
	s := &Server{CPUSeconds: used.Seconds(), CPUShare: float64(used) / float64(max(e.now-e.begun, 1))}
	if n := r.Counts.Completed + r.Counts.Failed; n > 0 {
		s.CPUPerTx = float64(used) / 1000 / float64(n)
	}
	if s.Memory, err = e.tree.Memory(); err != nil {
		return err
	}
	if s.Memory.Total.PSS == 0 {
		return fmt.Errorf("the server, process %d, ended during the run", e.cfg.ServerPID)
	}
	r.Server = s
	return nil
}
