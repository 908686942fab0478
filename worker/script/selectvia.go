package script

import (
	"fmt"
	"strings"

	"goser/sip"
	"goser/worker/module"
)

// viaRoot is @via[i]: 1 is the top one, which is also the default, -1 the last.
func viaRoot(parts selParts) (selector, error) {
	i, rest := index(parts, 1)
	if i == 0 {
		return nil, fmt.Errorf("Via values count from 1, or from -1 at the end")
	}
	if len(rest) == 0 {
		return viaValue(i, func(c *module.Ctx, v *sip.Via) (string, bool) {
			return c.SIP.Raw[v.Start:max(v.End, v.Start)], true
		}), nil
	}
	name := strings.ToLower(rest[0].Name)
	if name == "params" && len(rest) == 2 {
		param, _, err := module.SelectName(rest[1:])
		return viaValue(i, func(_ *module.Ctx, v *sip.Via) (string, bool) {
			s, ok := sip.Param(v.Params, param)
			return module.Unquoted(s), ok
		}), err
	}
	read := viaParts[name]
	if read == nil || len(rest) > 1 {
		return nil, fmt.Errorf("unknown part %q of a Via: expected name version transport host port branch received rport i alias or params[\"x\"]", name)
	}
	return viaValue(i, read), nil
}

func viaValue(i int, read func(c *module.Ctx, v *sip.Via) (string, bool)) selector {
	return func(c *module.Ctx) module.Value {
		v := nthVia(c, i)
		if v == nil {
			return module.Undef
		}
		return module.OptStr(read(c, v))
	}
}

func nthVia(c *module.Ctx, i int) *sip.Via {
	if i < 0 {
		all, err := c.SIP.Vias()
		if err != nil || i+len(all) < 0 {
			return nil
		}
		i += len(all) + 1
	}
	v, err := c.SIP.Via(i - 1)
	if err != nil {
		return nil
	}
	return v
}

var viaParts = map[string]func(c *module.Ctx, v *sip.Via) (string, bool){
	"name":      func(_ *module.Ctx, v *sip.Via) (string, bool) { return v.Protocol, true },
	"version":   func(_ *module.Ctx, v *sip.Via) (string, bool) { return v.Version, true },
	"transport": func(_ *module.Ctx, v *sip.Via) (string, bool) { return v.Transport, true },
	"host":      func(_ *module.Ctx, v *sip.Via) (string, bool) { return v.Host, true },
	"port":      func(c *module.Ctx, v *sip.Via) (string, bool) { return portText(c, v.Port), true },
	"branch":    func(_ *module.Ctx, v *sip.Via) (string, bool) { return v.Branch, v.Branch != "" },
	"received":  func(_ *module.Ctx, v *sip.Via) (string, bool) { return v.Received, v.Received != "" },
	"rport":     func(c *module.Ctx, v *sip.Via) (string, bool) { return portText(c, v.Rport), v.HasRport },
	"i":         func(_ *module.Ctx, v *sip.Via) (string, bool) { return v.I, v.I != "" },
	"alias":     func(_ *module.Ctx, v *sip.Via) (string, bool) { return "", v.Alias },
}
