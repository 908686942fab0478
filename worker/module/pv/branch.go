package pv

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"goser/cfg/check"
	"goser/worker/module"
)

// branchVars: the destinations besides the R-URI.
var branchVars = []module.Var{
	{
		Name: "br", Type: check.TypeStr, Help: "first branch; assigning appends one",
		Get: func(c *module.Ctx, _ *module.Ref) module.Value {
			if c.Dest.N == 0 || !c.SIP.IsRequest {
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
		Name: "branch", Type: check.TypeAny, Inner: check.InnerText, Indexed: true, Names: branchFields,
		Help: "field of a branch by index; count is their number",
		Get:  getBranch, Set: setBranch, Prepare: branchField,
	},
	{
		Name: "sbranch", Type: check.TypeAny, Inner: check.InnerText, Names: branchFields,
		Help: "field of the branch that is made ready apart from the others; count is the number of the others",
		Get:  getStaged, Set: setStaged, Prepare: branchField,
	},
	text("ruid", "unique id of the registration that the R-URI comes from", func(c *module.Ctx) module.Value { return nonEmpty(c.Dest.Binding.RUID) }),
	text("location_ua", "User-Agent of that registration", func(c *module.Ctx) module.Value { return nonEmpty(c.Dest.Binding.Agent) }),
}

var branchFields = []string{
	"uri", "dst_uri", "path", "q", "flags", "send_socket", "ruid", "location_ua", "instance", "otcpid", "count",
}

func branchField(inner string) (any, error) {
	if slices.Contains(branchFields, inner) {
		return nil, nil
	}
	return nil, fmt.Errorf("unknown field %q: expected one of %s", inner, strings.Join(branchFields, " "))
}

var (
	errBranches = fmt.Errorf("a request has at most %d destinations", module.MaxBranches)
	errNoBranch = errors.New("there is no branch with that index")
)

func appendBranch(c *module.Ctx, _ *module.Ref, v module.Value) error {
	switch s := c.Text(v); {
	case v.Kind == module.KindInt:
		return module.ErrNumber
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
	return fieldOf(c, b, r.Inner)
}

func fieldOf(c *module.Ctx, b *module.Branch, name string) module.Value {
	switch name {
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
		return module.IntValue(int32(b.Q))
	case "flags":
		return intValue(b.Flags)
	case "send_socket":
		if b.Socket != nil {
			return module.StrValue(socketText(c, b.Socket))
		}
	case "ruid":
		return nonEmpty(b.RUID)
	case "location_ua":
		return nonEmpty(b.Agent)
	case "instance":
		return nonEmpty(b.Instance)
	case "otcpid":
		return module.IntValue(b.Conn)
	}
	return module.Undef
}

func setBranch(c *module.Ctx, r *module.Ref, v module.Value) error {
	b := branchAt(c, r)
	if b == nil {
		return errNoBranch
	}
	if r.Inner == "uri" && c.Text(v) == "" {
		return errNull
	}
	return setField(c, b, r.Inner, v)
}

func setField(c *module.Ctx, b *module.Branch, name string, v module.Value) error {
	s := c.Text(v)
	switch name {
	case "uri":
		b.URI = c.Keep(s)
	case "dst_uri":
		b.Dst = c.Keep(s)
	case "path":
		b.Path = c.Keep(s)
	case "q":
		return setQ(b, v, s)
	case "flags", "otcpid":
		if v.Kind == module.KindStr {
			return errNoNumber
		}
		if name == "otcpid" {
			b.Conn = v.AsInt()
		} else {
			b.Flags = uint32(v.AsInt())
		}
	case "send_socket":
		return setBranchSocket(c, b, v, s)
	case "ruid":
		b.RUID = c.Keep(s)
	case "location_ua":
		b.Agent = c.Keep(s)
	case "instance":
		b.Instance = c.Keep(s)
	default:
		return module.ErrReadOnly
	}
	return nil
}

// setQ takes thousandths, -1 for none, or a text: 0, 1, or 0.5 with up to three digits.
func setQ(b *module.Branch, v module.Value, s string) error {
	switch v.Kind {
	case module.KindUndef:
		b.Q = -1
		return nil
	case module.KindInt:
		if n := v.AsInt(); n < -1 || n > 1000 {
			return fmt.Errorf("%d is no q: expected 0 to 1000, or -1 for none", n)
		}
		b.Q = int16(v.AsInt())
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
