package avpops

import (
	"strings"

	"goser/cfg/check"
	"goser/worker/module"
)

// substituting is avp_subst's two arguments.
type substituting struct {
	from, to string
	all, del bool
	x        *module.Subst
	format   *module.Format // avp_subst_pv
}

// fixSubstNames reads $avp(a), $avp(a)/$avp(b), $avp(a)/flags, $avp(a)/$avp(b)/flags.
func fixSubstNames(s string) (*substituting, error) {
	k := &substituting{}
	parts := strings.Split(s, "/")
	var err error
	if k.from, err = module.ParseAVP(strings.TrimSpace(parts[0])); err != nil {
		return nil, err
	}
	k.to, parts = k.from, parts[1:]
	if len(parts) > 0 && strings.HasPrefix(strings.TrimSpace(parts[0]), "$") {
		if k.to, err = module.ParseAVP(strings.TrimSpace(parts[0])); err != nil {
			return nil, err
		}
		parts = parts[1:]
	}
	flags := strings.Join(parts, "")
	k.all, k.del = strings.Contains(flags, "g"), strings.Contains(flags, "d")
	return k, checkFlags(flags, "gd")
}

func fixSubst(a []check.Arg) (any, error) {
	k, err := fixSubstNames(a[0].Str)
	if err != nil {
		return nil, at(0, err)
	}
	k.x, err = module.ParseSubst(a[1].Str)
	return k, at(1, err)
}

func fixSubstPV(a []check.Arg) (any, error) {
	k, err := fixSubstNames(a[0].Str)
	if err != nil {
		return nil, at(0, err)
	}
	k.format, err = module.ParseFormat(a[1].Str)
	return k, at(1, err)
}

func substitutePV(c *module.Ctx, a *module.Args) int {
	k := *a.Fixed.(*substituting)
	s, ok := k.format.Text(c)
	if !ok {
		return -1
	}
	if k.x = module.CachedSubst(s); k.x == nil {
		return c.Fail(-1, "it is no substitution: expected /expression/replacement/flags")
	}
	return k.run(c)
}

func substitute(c *module.Ctx, a *module.Args) int { return a.Fixed.(*substituting).run(c) }

// run substitutes in the newest value that matches, with g in all, newest first: each result is
// pushed, so several come out in the other order. In place, or with d, what it was
// made of is deleted.
//
// KAMAILIO: 5.6.3 turns the order round, too.
func (k *substituting) run(c *module.Ctx) int {
	n := c.AVPs.Count(k.from)
	var results []string
	for i, left := 0, n; left > 0 && (k.all || len(results) == 0); left-- {
		out, ok := "", false
		if v := c.AVPs.Get(k.from, i).Value; v.Kind == module.KindStr {
			out, ok = k.x.Run(c, v.Str)
		}
		if ok {
			results = append(results, out)
		}
		if ok && (k.del || k.from == k.to) {
			c.AVPs.Remove(k.from, i)
		} else {
			i++
		}
	}
	for _, s := range results {
		if !c.AVPs.Push(k.to, module.StrValue(s)) {
			return c.Fail(-1, module.ErrTooManyAVPs.Error())
		}
	}
	return truth(len(results) > 0)
}
