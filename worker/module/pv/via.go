package pv

import (
	"goser/cfg/check"
	"goser/sip"
	"goser/worker/module"
)

// viaVars are $via0, $via1 and $viaZ: first, second and last Via.
func viaVars() []module.Var {
	nth := func(i int) func(c *module.Ctx) *sip.Via {
		return func(c *module.Ctx) *sip.Via {
			if v, err := c.SIP.Via(i); err == nil {
				return v
			}
			return nil
		}
	}
	last := func(c *module.Ctx) *sip.Via {
		if vs, err := c.SIP.Vias(); err == nil && len(vs) > 0 {
			return &vs[len(vs)-1]
		}
		return nil
	}
	return []module.Var{viaVar("via0", nth(0)), viaVar("via1", nth(1)), viaVar("viaZ", last)}
}

func viaVar(name string, via func(c *module.Ctx) *sip.Via) module.Var {
	field := func(get func(v *sip.Via) string) func(c *module.Ctx) module.Value {
		return func(c *module.Ctx) module.Value {
			if v := via(c); v != nil {
				return nonEmpty(get(v))
			}
			return module.Undef
		}
	}
	port := func(c *module.Ctx, n int) module.Value {
		if n == 0 {
			return module.Undef
		}
		return intValue(n)
	}
	return fields(name, "host port proto protoid branch rport received i of a Via", check.TypeAny,
		map[string]func(c *module.Ctx) module.Value{
			"host":     field(func(v *sip.Via) string { return v.Host }),
			"proto":    field(func(v *sip.Via) string { return v.Transport }),
			"branch":   field(func(v *sip.Via) string { return v.Branch }),
			"received": field(func(v *sip.Via) string { return v.Received }),
			"i":        field(func(v *sip.Via) string { return v.I }),
			"port": func(c *module.Ctx) module.Value {
				if v := via(c); v != nil && v.Port != 0 {
					return intValue(v.Port)
				} else if v != nil {
					return module.IntValue(5060)
				}
				return module.Undef
			},
			"rport": func(c *module.Ctx) module.Value {
				if v := via(c); v != nil {
					return port(c, v.Rport)
				}
				return module.Undef
			},
			"protoid": func(c *module.Ctx) module.Value {
				if v := via(c); v != nil {
					return module.IntValue(transportID(v.Transport))
				}
				return module.Undef
			},
		})
}

// transportID is the number of a transport's name, 0 for an unknown one.
func transportID(name string) int32 {
	for i, n := range protoNames {
		if i > 0 && sip.EqualFold(n, name) {
			return int32(i)
		}
	}
	return 0
}
