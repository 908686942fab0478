package pv

import (
	"errors"
	"fmt"

	"goser/cfg/check"
	"goser/worker/module"
)

// branchVars: the destinations besides the R-URI.
var branchVars = []module.Var{
	{
		Name: "br", Type: check.TypeStr, Help: "first branch; assigning appends one",
		Get: func(c *module.Ctx, _ *module.Ref) module.Value {
			if c.Dest.N == 0 {
				return module.Undef
			}
			return module.StrValue(c.Dest.Branches[0].URI)
		}, Set: appendBranch,
	},
	text("bR", "all branches", func(c *module.Ctx) module.Value {
		s := ""
		for i := range c.Dest.N {
			b := &c.Dest.Branches[i]
			if i > 0 {
				s = c.Concat(s, ", ")
			}
			if q := qText(c, b.Q); q != "" {
				s = c.Concat(s, "<", b.URI, ">", q)
			} else {
				s = c.Concat(s, b.URI)
			}
		}
		return nonEmpty(s)
	}),
	{
		Name: "branch", Type: check.TypeAny, Inner: check.InnerText, Indexed: true,
		Names: []string{"uri", "dst_uri", "path", "q", "flags", "send_socket", "count"},
		Help:  "field of a branch by index; count is their number",
		Get:   getBranch, Set: setBranch,
		Prepare: func(inner string) (any, error) {
			switch inner {
			case "uri", "dst_uri", "path", "q", "flags", "send_socket", "count":
				return nil, nil
			}
			return nil, fmt.Errorf("unknown field %q: expected uri, dst_uri, path, q, flags, send_socket or count", inner)
		},
	},
}

var (
	errBranches = fmt.Errorf("a request has at most %d destinations", module.MaxBranches)
	errNoBranch = errors.New("there is no branch with that index")
)

func appendBranch(c *module.Ctx, _ *module.Ref, v module.Value) error {
	switch s := c.Text(v); {
	case s == "":
		return errNull
	case len(s) > maxURI:
		return errURILong
	case c.BranchesFull():
		return errBranches
	default:
		c.Dest.Branches[c.Dest.N] = module.Branch{URI: c.Keep(s), Q: -1}
		c.Dest.N++
		return nil
	}
}

// branchAt finds the branch an index means; negative ones count from the end.
func branchAt(c *module.Ctx, r *module.Ref) *module.Branch {
	i := r.Index
	if i < 0 {
		i += c.Dest.N
	}
	if i < 0 || i >= c.Dest.N {
		return nil
	}
	return &c.Dest.Branches[i]
}

func getBranch(c *module.Ctx, r *module.Ref) module.Value {
	if r.Inner == "count" && c.Dest.N > 0 {
		return intValue(c.Dest.N)
	}
	b := branchAt(c, r)
	if b == nil {
		return module.Undef
	}
	switch r.Inner {
	case "uri":
		return nonEmpty(b.URI)
	case "dst_uri":
		return nonEmpty(b.Dst)
	case "path":
		return nonEmpty(b.Path)
	case "q":
		if b.Q < 0 {
			return module.Undef
		}
		return module.StrValue(qText(c, b.Q)[len(";q="):])
	case "flags":
		return intValue(b.Flags)
	case "send_socket":
		if b.Socket != nil {
			return module.StrValue(socketText(c, b.Socket))
		}
	}
	return module.Undef
}

func setBranch(c *module.Ctx, r *module.Ref, v module.Value) error {
	b := branchAt(c, r)
	if b == nil {
		return errNoBranch
	}
	s := c.Text(v)
	switch r.Inner {
	case "uri":
		if s == "" {
			return errNull
		}
		b.URI = c.Keep(s)
	case "dst_uri":
		b.Dst = c.Keep(s)
	case "path":
		b.Path = c.Keep(s)
	case "q":
		return setQ(b, v, s)
	case "flags":
		if v.Kind == module.KindStr {
			return errNoNumber
		}
		b.Flags = uint32(v.AsInt())
	case "send_socket":
		return setBranchSocket(c, b, v, s)
	default:
		return module.ErrReadOnly
	}
	return nil
}

// setQ takes 0, 1, or 0.5 with up to three digits.
func setQ(b *module.Branch, v module.Value, s string) error {
	if v.IsUndef() {
		b.Q = -1
		return nil
	}
	q, ok := parseQ(s)
	if !ok {
		return fmt.Errorf("%q is no q: expected 0 to 1 with up to three digits", s)
	}
	b.Q = q
	return nil
}

func parseQ(s string) (int16, bool) {
	if s == "" || s[0] != '0' && s[0] != '1' || len(s) > 5 || len(s) > 1 && s[1] != '.' {
		return 0, false
	}
	q := int16(s[0]-'0') * 1000
	for i, unit := 2, int16(100); i < len(s); i, unit = i+1, unit/10 {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		q += int16(s[i]-'0') * unit
	}
	return q, q <= 1000
}

func setBranchSocket(c *module.Ctx, b *module.Branch, v module.Value, s string) error {
	if v.IsUndef() {
		b.Socket = nil
		return nil
	}
	proto, host, port, err := splitSocket(s)
	if err != nil {
		return err
	}
	sock := c.Env.FindSocket(proto, host, port)
	if sock == nil {
		return fmt.Errorf("no listening socket matches %q", s)
	}
	b.Socket = sock
	return nil
}
