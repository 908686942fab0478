package supervisor

import (
	"golang.org/x/sys/unix"

	"goser/cfg/param"
	"goser/supervisor/spawn"
	"goser/worker/handoff"
)

// The bits of the core parameter real_time.
const (
	rtFastTimer = 1
	rtSlowTimer = 2
	rtOthers    = 4
)

// schedOf is how a process of that role is scheduled.
func (s *server) schedOf(role handoff.Role) spawn.Sched {
	v := s.Values
	bit, policy, prio := rtOthers, param.RTPolicy, param.RTPrio
	switch role {
	case handoff.RoleTimer:
		bit, policy, prio = rtFastTimer, param.RTTimer1Policy, param.RTTimer1Prio
	case handoff.RoleSlowTimer:
		bit, policy, prio = rtSlowTimer, param.RTTimer2Policy, param.RTTimer2Prio
	}
	if v.Int(param.RealTime)&bit == 0 {
		return s.ordinary
	}
	// The parameter's numbers are not the kernel's.
	switch v.Int(policy) {
	case 1:
		return spawn.Sched{Policy: unix.SCHED_RR, Priority: priority(v.Int(prio))}
	case 2:
		return spawn.Sched{Policy: unix.SCHED_FIFO, Priority: priority(v.Int(prio))}
	}
	return s.ordinary
}

// The kernel's range for both policies.
const leastPrio, mostPrio = 1, 99

func priority(n int) uint32 { return uint32(min(max(n, leastPrio), mostPrio)) }

// realTime prepares for what real_time asks: our own scheduling, and the right
// to schedule a successor so after the privileges are gone.
func (s *server) realTime() {
	v := s.Values
	if v.Int(param.RealTime) == 0 {
		return
	}
	for _, id := range []param.ID{param.RTPrio, param.RTTimer1Prio, param.RTTimer2Prio} {
		if n := v.Int(id); v.IsSet(id) && int(priority(n)) != n {
			s.log.Warn("priority out of range", "parameter", param.Get(id).Name, "value", n, "taken_for", priority(n))
		}
	}
	_ = unix.Setrlimit(unix.RLIMIT_RTPRIO, &unix.Rlimit{Cur: mostPrio, Max: mostPrio}) // refused: then so is what follows
	told := map[string]bool{}                                                          // once for each reason, not for each process
	refused := func(err error) {
		if reason := err.Error(); !told[reason] {
			told[reason] = true
			s.log.Warn("real_time: the system refuses real time scheduling, going on without; grant CAP_SYS_NICE, or "+
				"RLIMIT_RTPRIO (LimitRTPRIO= of systemd)", "reason", reason)
		}
	}
	s.spawner.Refused = refused
	own := s.schedOf(handoff.RoleAttendant)
	if own == s.ordinary {
		return
	}
	if err := spawn.SetSelf(own); err != nil {
		refused(err)
		return
	}
	s.spawner.Own = own
}

// lockMemory does what mlock_pages says: here for the supervisor and the arena,
// in each child for itself. While it is allowed to, it lifts the limit for all.
func (s *server) lockMemory() {
	if !s.Values.Bool(param.MlockPages) {
		return
	}
	_ = unix.Setrlimit(unix.RLIMIT_MEMLOCK, &unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY})
	if err := spawn.LockMemory(); err != nil {
		s.log.Warn("mlock_pages: memory cannot be locked, going on without; grant CAP_IPC_LOCK, or RLIMIT_MEMLOCK "+
			"(LimitMEMLOCK=infinity of systemd)", "reason", err.Error())
	}
}
