package tm

import (
	"goser/cfg/check"
	"goser/worker/module"
)

// timerFuncs set the times of one transaction.
func timerFuncs() []module.Func {
	two := arg(check.ArgIntVar, check.ArgIntVar)
	return []module.Func{
		{Name: "t_set_fr", In: inTx, Args: two, MinArgs: 1, Do: do(setFR), Help: "fr_inv_timer and fr_timer of this transaction, ms; 0 keeps"},
		{Name: "t_reset_fr", In: inTx, Do: do(func(s *state, c *module.Ctx, _ *module.Args) int {
			return s.setTimes(c, uint32(params.frInv), uint32(params.fr))
		}), Help: "those of the parameters again"},
		{Name: "t_set_retr", In: inTx, Args: two, MinArgs: 2, Do: do(func(s *state, c *module.Ctx, a *module.Args) int {
			return s.setRetr(c, positive(a, 0), positive(a, 1))
		}), Help: "retr_timer1 and retr_timer2 of this transaction, ms; 0 keeps"},
		{Name: "t_reset_retr", In: inTx, Do: do(func(s *state, c *module.Ctx, _ *module.Args) int {
			return s.setRetr(c, uint32(params.retr1), uint32(params.retr2))
		}), Help: "those of the parameters again"},
		{Name: "t_set_max_lifetime", In: inTx, Args: two, MinArgs: 2, Do: do(func(s *state, c *module.Ctx, a *module.Args) int {
			return s.setLife(c, positive(a, 0), positive(a, 1))
		}), Help: "max_inv_lifetime and max_noninv_lifetime of this transaction, ms; 0 keeps"},
		{Name: "t_reset_max_lifetime", In: inTx, Do: do(func(s *state, c *module.Ctx, _ *module.Args) int {
			return s.setLife(c, uint32(params.maxInv), uint32(params.maxOther))
		}), Help: "those of the parameters again"},
	}
}

func positive(a *module.Args, i int) uint32 { return uint32(max(0, a.Int(i, 0))) }

func setFR(s *state, c *module.Ctx, a *module.Args) int {
	return s.setTimes(c, positive(a, 0), positive(a, 1))
}

// setTimes sets the final-response timers, also those that run.
func (s *state) setTimes(c *module.Ctx, inv, fr uint32) int {
	h, ok := s.enter(c)
	if !ok {
		c.Tx.FRInv, c.Tx.FR = orElse(inv, int32(c.Tx.FRInv)), orElse(fr, int32(c.Tx.FR))
		return 1
	}
	h.FRInv, h.FR = orElse(inv, int32(h.FRInv)), orElse(fr, int32(h.FR))
	now := s.env.Tick()
	for i := range int(h.N) {
		b := s.branch(h, i)
		if b == nil || b.over() || b.TimeoutAt == 0 {
			continue
		}
		if b.TimeoutAt = now + ticks(h.FR); h.invite() && b.has(brProgress) {
			b.TimeoutAt = now + ticks(h.FRInv)
		}
	}
	s.release(h)
	return 1
}

func (s *state) setRetr(c *module.Ctx, t1, t2 uint32) int {
	h, ok := s.enter(c)
	if !ok {
		c.Tx.Retr1, c.Tx.Retr2 = orElse(t1, int32(c.Tx.Retr1)), orElse(t2, int32(c.Tx.Retr2))
		return 1
	}
	h.T1, h.T2 = orElse(t1, int32(h.T1)), orElse(t2, int32(h.T2))
	s.release(h)
	return 1
}

func (s *state) setLife(c *module.Ctx, inv, other uint32) int {
	h, ok := s.enter(c)
	if !ok {
		c.Tx.MaxInv, c.Tx.MaxOther = orElse(inv, int32(c.Tx.MaxInv)), orElse(other, int32(c.Tx.MaxOther))
		return 1
	}
	ms := other
	if h.invite() {
		ms = inv
	}
	if ms != 0 {
		h.LifeAt = h.Born + ticks(ms)
	}
	s.release(h)
	return 1
}

// switchFuncs set flags of one transaction.
func switchFuncs() (fs []module.Func) {
	for _, f := range []struct {
		name, alias string
		flag        uint32
		off         bool // the flag means no
		help        string
	}{
		{"t_set_auto_inv_100", "", flNo100, true, "auto_inv_100 for this transaction"},
		{"t_set_disable_6xx", "", flNo6xx, false, "disable_6xx_block for this transaction"},
		{"t_set_disable_failover", "", flNoFailover, false, "no further address of a name"},
		{"t_set_no_e2e_cancel_reason", "t_disable_e2e_cancel_reason", flNoReason, false, "do not copy Reason from the CANCEL"},
		{"t_set_disable_internal_reply", "", flNoIntReply, false, "no reply of its own when t_relay fails"},
	} {
		fn := module.Func{Name: f.name, In: inTx, Args: arg(check.ArgIntVar), Help: f.help, Do: do(func(s *state, c *module.Ctx, a *module.Args) int {
			on := a.Int(0, 1) != 0
			return s.setFlag(c, f.flag, on != f.off)
		})}
		if f.alias != "" {
			fn.Aliases = []string{f.alias}
		}
		fs = append(fs, fn)
	}
	return fs
}

func (s *state) setFlag(c *module.Ctx, flag uint32, on bool) int {
	where := &c.Tx.Flags
	h, ok := s.enter(c)
	if ok {
		where = &h.Flags
	}
	*where &^= flag
	if on {
		*where |= flag
	}
	if ok {
		s.release(h)
	}
	return 1
}
