package textopsx

import (
	"errors"
	"fmt"
	"strings"

	"goser/cfg/check"
	"goser/sip"
	"goser/worker/module"
)

type selector = func(c *module.Ctx) module.Value

func selects() []module.Select {
	return []module.Select{
		{Root: "hf_value", Prepare: selectValue, Help: "@hf_value.name[n]: a value of a header, all without [n]; .uri .name .nameaddr .param.x"},
		{Root: "hf_value2", Prepare: selectHeader, Help: "@hf_value2.name[n]: the whole of the n-th header of a name"},
		{Root: "hf_value_exists", Prepare: selectExists, Help: "@hf_value_exists.name.value: 1 if a header has this value, else 0"},
	}
}

// selectTarget takes the name of a header, where _ stands for -, and an index off the parts.
func selectTarget(parts []check.SelectPart) (*target, []check.SelectPart, error) {
	name, parts, err := module.SelectName(parts)
	if err != nil || name == "" {
		return nil, nil, errors.New("the name of a header must follow, as in .supported")
	}
	t := &target{name: strings.ReplaceAll(name, "_", "-")}
	if len(parts) > 0 && parts[0].IsInt {
		t.given, t.index, parts = true, int(parts[0].Int), parts[1:]
	}
	return t, parts, nil
}

// selectValue is @hf_value.
//
// KAMAILIO: what is no part that it knows leaves the whole value in 5.6.3, although its handbook makes a parameter of it.
func selectValue(parts []check.SelectPart) (selector, error) {
	t, rest, err := selectTarget(parts)
	if err != nil {
		return nil, err
	}
	whole := t.list((*value).text)
	if len(rest) == 0 || rest[0].IsInt {
		return whole, nil
	}
	part, rest := strings.ToLower(rest[0].Name), rest[1:]
	switch {
	case part == "uri" && len(rest) == 0:
		return t.list(uriOf), nil
	case part == "uri":
		return module.SelectURI(t.onlyURI, rest)
	case part == "name" && len(rest) == 0:
		return t.one(nameOf), nil
	case part == "nameaddr":
		return t.selectAddr(rest)
	case part != "p" && part != "param" && part != "params":
		return whole, nil
	case len(rest) == 0:
		return t.one(func(*value, *module.Ctx) string { return "" }), nil
	}
	param, _, err := module.SelectName(rest)
	if !t.given {
		return whole, err
	}
	return t.one(func(v *value, c *module.Ctx) string {
		p, ok := findParam(c.SIP.Raw, v.start, v.end, ';', param)
		if !ok || p.value == 0 {
			return ""
		}
		return module.Unquoted(strings.TrimLeft(c.SIP.Raw[p.value:p.to], " \t\r\n"))
	}), err
}

func (t *target) selectAddr(parts []check.SelectPart) (selector, error) {
	switch {
	case len(parts) == 0:
		return nil, errors.New("something must follow nameaddr: expected name uri or params")
	case len(parts) == 1 && strings.EqualFold(parts[0].Name, "params"):
		return t.one(func(v *value, c *module.Ctx) string {
			return strings.TrimLeft(addrOf(v, c).Params, "; \t\r\n")
		}), nil
	}
	return module.SelectAddr(func(c *module.Ctx) (sip.NameAddr, bool) {
		v, ok := t.nth(c)
		if !ok {
			return sip.NameAddr{}, false
		}
		a := addrOf(&v, c)
		return a, a.URI != ""
	}, parts, sip.HdrOther)
}

// nth is the value that t means, without an index the first.
func (t *target) nth(c *module.Ctx) (found value, ok bool) {
	index := t.index
	if index < 0 {
		everyValue(&c.SIP, t.name, func(value) bool { index++; return true })
		if index++; index <= 0 {
			return found, false
		}
	}
	everyValue(&c.SIP, t.name, func(v value) bool {
		index--
		if ok = index <= 0; ok {
			found = v
		}
		return !ok
	})
	return found, ok
}

// one reads the value that t means; without one it is the empty text.
func (t *target) one(read func(v *value, c *module.Ctx) string) selector {
	return func(c *module.Ctx) module.Value {
		v, ok := t.nth(c)
		if !ok {
			return module.StrValue("")
		}
		return module.StrValue(read(&v, c))
	}
}

// list reads the value that t means, without an index all, with commas between them.
func (t *target) list(read func(v *value, c *module.Ctx) string) selector {
	if t.given {
		return t.one(read)
	}
	return func(c *module.Ctx) module.Value {
		most := 0
		for h := c.SIP.ByName(t.name); h != nil; h = c.SIP.NextByName(h) {
			most += h.BodyEnd() - h.BodyStart + 1
		}
		return module.StrValue(c.Build(most, func(dst []byte) []byte {
			first := true
			everyValue(&c.SIP, t.name, func(v value) bool {
				if !first {
					dst = append(dst, ',')
				}
				first = false
				dst = append(dst, read(&v, c)...)
				return true
			})
			return dst
		}))
	}
}

// onlyURI is the URI of the value that t means. Without an index there must be one value: a list is no URI.
func (t *target) onlyURI(c *module.Ctx) (string, bool) {
	if !t.given {
		n := 0
		everyValue(&c.SIP, t.name, func(value) bool { n++; return n < 2 })
		if n != 1 {
			return "", false
		}
	}
	v, ok := t.nth(c)
	if !ok {
		return "", false
	}
	s := uriOf(&v, c)
	return s, s != ""
}

// addrOf is empty for what is no address.
func addrOf(v *value, c *module.Ctx) (a sip.NameAddr) {
	if sip.ParseNameAddr(v.text(c), &a) != nil {
		return sip.NameAddr{}
	}
	return a
}

func uriOf(v *value, c *module.Ctx) string { return addrOf(v, c).URI }

// nameOf is the display name without its quotes, of one without quotes the first word.
func nameOf(v *value, c *module.Ctx) string {
	name := addrOf(v, c).Display
	if bare := module.Unquoted(name); bare != name {
		return bare
	}
	if i := strings.IndexAny(name, " \t\r\n"); i >= 0 {
		return name[:i]
	}
	return name
}

// selectHeader is @hf_value2.
//
// KAMAILIO: further parts change nothing in 5.6.3, although its handbook makes parameters of them.
func selectHeader(parts []check.SelectPart) (selector, error) {
	t, _, err := selectTarget(parts)
	if err != nil {
		return nil, err
	}
	return func(c *module.Ctx) module.Value {
		index := t.index
		if index < 0 {
			for h := c.SIP.ByName(t.name); h != nil; h = c.SIP.NextByName(h) {
				index++
			}
			if index++; index <= 0 {
				return module.StrValue("")
			}
		}
		for h := c.SIP.ByName(t.name); h != nil; h = c.SIP.NextByName(h) {
			if index--; index <= 0 {
				start, end := blanks(c.SIP.Raw, h.BodyStart, h.BodyEnd())
				return module.StrValue(c.SIP.Raw[start:end])
			}
		}
		return module.StrValue("")
	}, nil
}

// selectExists is @hf_value_exists.
func selectExists(parts []check.SelectPart) (selector, error) {
	t, _, err := selectTarget(parts[:min(len(parts), 1)])
	if err != nil {
		return nil, err
	}
	rest := parts[1:]
	if len(rest) != 1 {
		return nil, fmt.Errorf("expected a name and a value, as in @hf_value_exists.supported.path")
	}
	return func(c *module.Ctx) module.Value {
		if exists(c, t, rest[0].Name) {
			return module.StrValue("1")
		}
		return module.StrValue("0")
	}, nil
}
