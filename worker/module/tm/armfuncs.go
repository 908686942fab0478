package tm

import (
	"goser/cfg/check"
	"goser/worker/module"
)

// armFuncs are t_on_branch and its kin.
func armFuncs() []module.Func {
	arm := func(name string, kind check.ArgKind, route check.RouteKind, set func(t *tx, c *module.Ctx, n uint16), in check.RouteMask) module.Func {
		return module.Func{
			Name: name, In: in, Args: arg(kind), MinArgs: 1,
			Do:   func(c *module.Ctx, a *module.Args) int { return armRoute(c, a, route, set) },
			Help: "the " + route.String() + " to run for this transaction; \"0\" or \"\" for none",
		}
	}
	pick := func(tx, ref *uint16, has bool, n uint16) {
		if has {
			*tx = n
		} else {
			*ref = n
		}
	}
	return []module.Func{
		arm("t_on_branch", check.ArgBranchRoute, check.BranchRoute, func(t *tx, c *module.Ctx, n uint16) {
			pick(&t.OnBranch, &c.Tx.OnBranch, t != &nobody, n)
		}, inRelay),
		arm("t_on_failure", check.ArgFailureRoute, check.FailureRoute, func(t *tx, c *module.Ctx, n uint16) {
			pick(&t.OnFailure, &c.Tx.OnFailure, t != &nobody, n)
		}, inTx),
		arm("t_on_reply", check.ArgReplyRoute, check.ReplyRoute, func(t *tx, c *module.Ctx, n uint16) {
			pick(&t.OnReply, &c.Tx.OnReply, t != &nobody && c.Route != check.BranchRoute, n)
		}, inTx),
		{
			Name: "t_on_branch_failure", In: inRelay | check.OnBranch | check.OnReply, Args: arg(check.ArgStr), MinArgs: 1, Do: do(onBranchFailure),
			Help: "the event_route[tm:branch-failure:NAME] to run when a branch fails",
		},
	}
}

// nobody stands for a transaction that is not there yet.
var nobody tx

func armRoute(c *module.Ctx, a *module.Args, kind check.RouteKind, set func(*tx, *module.Ctx, uint16)) int {
	n := uint16(0)
	if r := a.Spec(0).Route; r != nil {
		n = uint16(r.Index + 1)
	} else if name := a.Str(c, 0); name != "" && name != "0" {
		i := c.Runner.Find(kind, name)
		if i < 0 {
			return c.Fail(-1, "there is no such route")
		}
		n = uint16(i + 1)
	}
	s := of(c.Env)
	if h, ok := s.enter(c); ok {
		set(h.tx, c, n)
		s.release(h)
	} else {
		set(&nobody, c, n)
	}
	return 1
}

func onBranchFailure(s *state, c *module.Ctx, a *module.Args) int {
	n := uint16(0)
	if name := a.Str(c, 0); name != "" && name != "0" {
		i := c.Runner.Find(check.EventRoute, c.Concat("tm:branch-failure:", name))
		if i < 0 {
			return c.Fail(-1, "there is no such event_route[tm:branch-failure:NAME]")
		}
		n = uint16(i + 1)
	}
	if h, ok := s.enter(c); ok && c.Route != check.BranchRoute {
		h.OnBranchFailure = n
		s.release(h)
		return 1
	} else if ok {
		s.release(h)
	}
	c.Tx.OnBranchFailure = n
	return 1
}
