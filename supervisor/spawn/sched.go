package spawn

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// Sched is a scheduling policy of the kernel (sched(7)). The zero Sched is the
// ordinary one.
type Sched struct {
	Policy   uint32 // unix.SCHED_FIFO, unix.SCHED_RR or unix.SCHED_NORMAL
	Priority uint32 // 1..99 for the first two
}

func (s Sched) set(tid int) error {
	return unix.SchedSetAttr(tid, &unix.SchedAttr{Policy: s.Policy, Priority: s.Priority}, 0)
}

// SetSelf puts every thread of this process under s. Threads that come later
// inherit it from the one that starts them, so it is done when a whole pass
// found nothing to change: the runtime may have started one meanwhile.
func SetSelf(s Sched) error {
	const passes = 100
	for range passes {
		changed, err := s.pass()
		if err != nil || changed == 0 {
			return err
		}
	}
	return errors.New("spawn: scheduling: new threads keep coming")
}

// pass goes over all threads once and counts those that were not under s.
func (s Sched) pass() (changed int, err error) {
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return 0, fmt.Errorf("spawn: %w", err)
	}
	for _, t := range threads {
		tid, _ := strconv.Atoi(t.Name())
		if have, err := unix.SchedGetAttr(tid, 0); err == nil && have.Policy == s.Policy && have.Priority == s.Priority {
			continue
		}
		if err := s.set(tid); err != nil && !errors.Is(err, unix.ESRCH) {
			return 0, fmt.Errorf("spawn: scheduling: %w", err)
		}
		changed++
	}
	return changed, nil
}

// forked runs f, which forks, with this thread under s, so that the child and
// all its threads are. If the kernel refuses, f runs all the same and refused
// tells why.
func (s Sched) forked(own Sched, f func()) (refused error) {
	if s == own {
		f()
		return nil
	}
	if refused = s.set(0); refused != nil {
		f()
		return fmt.Errorf("spawn: scheduling: %w", refused)
	}
	f()
	_ = own.set(0) // downwards is always allowed, and upwards it was us before
	return nil
}
