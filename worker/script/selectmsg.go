package script

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"goser/sip"
	"goser/worker/module"
)

// cseqRoot is @cseq.
func cseqRoot(parts selParts) (selector, error) {
	if len(parts) == 0 {
		return headerBody(sip.HdrCSeq), nil
	}
	read := func(get func(c *module.Ctx, q *sip.CSeq) string) func(selParts) (selector, error) {
		return leaf(func(c *module.Ctx) module.Value {
			q, err := c.SIP.CSeq()
			if err != nil {
				return module.Undef
			}
			return module.StrValue(get(c, q))
		})
	}
	return byName(parts, partTable{
		"num": read(func(c *module.Ctx, _ *sip.CSeq) string {
			num, _, _ := strings.Cut(c.SIP.First(sip.HdrCSeq).Body, " ")
			return num
		}),
		"method": read(func(_ *module.Ctx, q *sip.CSeq) string { return q.MethodName }),
	}, "num or method")
}

// msgRoot is @msg.
func msgRoot(parts selParts) (selector, error) {
	if len(parts) == 0 {
		return func(c *module.Ctx) module.Value { return module.StrValue(c.SIP.Raw) }, nil
	}
	number := func(get func(c *module.Ctx) int64) func(selParts) (selector, error) {
		return leaf(func(c *module.Ctx) module.Value { return module.StrValue(c.Itoa(get(c))) })
	}
	body := leaf(func(c *module.Ctx) module.Value { return module.StrValue(c.SIP.Body) })
	return byName(parts, partTable{
		"first_line": leaf(firstLine),
		"flags":      number(func(c *module.Ctx) int64 { return int64(c.Flags) }),
		"len":        number(func(c *module.Ctx) int64 { return int64(len(c.SIP.Raw)) }),
		"id":         msgID,
		"type": number(func(c *module.Ctx) int64 {
			if c.SIP.IsRequest {
				return 1
			}
			return 2
		}),
		"header": msgHeader, "h": msgHeader,
		"body": body, "content": body,
		"request": msgRequest, "req": msgRequest,
		"response": msgResponse, "res": msgResponse,
	}, `first_line flags len id type header["x"] body request or response`)
}

func firstLine(c *module.Ctx) module.Value {
	line, _, _ := strings.Cut(strings.TrimLeft(c.SIP.Raw, "\r\n"), "\n")
	return module.StrValue(strings.TrimSuffix(line, "\r"))
}

func msgID(parts selParts) (selector, error) {
	if len(parts) == 0 {
		return func(c *module.Ctx) module.Value { return module.StrValue(c.Itoa(int64(c.Recv.Number))) }, nil
	}
	return byName(parts, partTable{"hex": leaf(func(c *module.Ctx) module.Value {
		return module.StrValue(c.Build(16, func(dst []byte) []byte {
			s := strconv.FormatUint(c.Recv.Number, 16)
			return append(append(dst, "00000000"[:max(0, 8-len(s))]...), s...)
		}))
	})}, "hex")
}

func msgRequest(parts selParts) (selector, error) {
	if len(parts) == 0 {
		return func(c *module.Ctx) module.Value { return module.OptStr(c.SIP.Raw, c.SIP.IsRequest) }, nil
	}
	return byName(parts, partTable{
		"method":  leaf(requestWord(func(c *module.Ctx) string { return c.SIP.MethodName })),
		"version": leaf(requestWord(func(c *module.Ctx) string { return c.SIP.Version })),
		"uri": func(rest selParts) (selector, error) {
			return module.SelectURI(func(c *module.Ctx) (string, bool) { return c.SIP.RURI, c.SIP.IsRequest }, rest)
		},
	}, "method uri or version")
}

func msgResponse(parts selParts) (selector, error) {
	if len(parts) == 0 {
		return func(c *module.Ctx) module.Value { return module.OptStr(c.SIP.Raw, !c.SIP.IsRequest) }, nil
	}
	return byName(parts, partTable{
		"version": leaf(func(c *module.Ctx) module.Value { return module.OptStr(c.SIP.Version, !c.SIP.IsRequest) }),
		"status":  leaf(status), "code": leaf(status), "reason": leaf(reason),
	}, "version status code or reason")
}

// msgHeader is @msg.header["name"][i], i from 1, negative from the end.
func msgHeader(parts selParts) (selector, error) {
	name, rest, err := module.SelectName(parts)
	if err != nil {
		return nil, err
	}
	name = strings.ReplaceAll(name, "_", "-")
	i, rest := index(rest, 0)
	if i == 0 {
		i = 1
		if len(rest) > 0 && strings.EqualFold(rest[0].Name, "nameaddr") {
			i = -1
		}
	}
	body := func(c *module.Ctx) (string, bool) { return nthHeader(c, name, i) }
	if len(rest) == 0 {
		return module.SelectText(body), nil
	}
	addr := func(c *module.Ctx) (a sip.NameAddr, ok bool) {
		s, ok := body(c)
		ok = ok && sip.ParseNameAddr(firstValue(s), &a) == nil
		return a, ok
	}
	switch strings.ToLower(rest[0].Name) {
	case "nameaddr":
		if len(rest) > 1 {
			return module.SelectAddr(addr, rest[1:], sip.HdrOther)
		}
		return module.SelectText(body), nil
	case "params":
		return module.SelectAddr(addr, rest, sip.HdrOther)
	}
	return nil, fmt.Errorf("unknown part %q of a header: expected nameaddr or params[\"x\"]", rest[0].Name)
}

func nthHeader(c *module.Ctx, name string, i int) (string, bool) {
	if i < 0 {
		n := 0
		for h := c.SIP.ByName(name); h != nil; h = c.SIP.NextByName(h) {
			n++
		}
		i += n + 1
	}
	if i < 1 {
		return "", false
	}
	for h := c.SIP.ByName(name); h != nil; h = c.SIP.NextByName(h) {
		if i--; i == 0 {
			return h.Body, true
		}
	}
	return "", false
}

// sockAddr is an end of the way a message came.
type sockAddr struct {
	addr  netip.AddrPort
	proto module.Proto
}

func addrPortRoot(get func(c *module.Ctx) sockAddr, proto bool) func(selParts) (selector, error) {
	read := func(f func(c *module.Ctx, s sockAddr) string) func(selParts) (selector, error) {
		return leaf(func(c *module.Ctx) module.Value { return module.StrValue(f(c, get(c))) })
	}
	rows, names := partTable{
		"ip":      read(func(c *module.Ctx, s sockAddr) string { return ipString(c, s.addr.Addr().Unmap()) }),
		"port":    read(func(c *module.Ctx, s sockAddr) string { return c.Itoa(int64(s.addr.Port())) }),
		"ip_port": read(ipPort),
	}, "ip port or ip_port"
	if proto {
		rows["proto"] = read(func(_ *module.Ctx, s sockAddr) string { return s.proto.String() })
		rows["proto_ip_port"] = read(func(c *module.Ctx, s sockAddr) string { return c.Concat(s.proto.String(), ":", ipPort(c, s)) })
		names = "proto ip port ip_port or proto_ip_port"
	}
	return func(parts selParts) (selector, error) {
		if len(parts) == 0 {
			return func(*module.Ctx) module.Value { return module.StrValue("") }, nil
		}
		return byName(parts, rows, names)
	}
}

func ipPort(c *module.Ctx, s sockAddr) string {
	a := netip.AddrPortFrom(s.addr.Addr().Unmap(), s.addr.Port())
	return c.Build(64, func(dst []byte) []byte { return a.AppendTo(dst) })
}

// branchRoot is @branch: the destinations that append_branch added, from 0.
func branchRoot(parts selParts) (selector, error) {
	field := func(get func(c *module.Ctx, b *module.Branch) (string, bool), uri bool) func(selParts) (selector, error) {
		return func(rest selParts) (selector, error) {
			i, rest := index(rest, 0)
			text := func(c *module.Ctx) (string, bool) {
				if i < 0 || i >= c.Dest.N {
					return "", false
				}
				return get(c, &c.Dest.Branches[i])
			}
			if uri {
				return module.SelectURI(text, rest)
			}
			return leaf(module.SelectText(text))(rest)
		}
	}
	return byName(parts, partTable{
		"count":   leaf(func(c *module.Ctx) module.Value { return module.StrValue(c.Itoa(int64(c.Dest.N))) }),
		"uri":     field(func(_ *module.Ctx, b *module.Branch) (string, bool) { return b.URI, true }, true),
		"dst_uri": field(func(_ *module.Ctx, b *module.Branch) (string, bool) { return b.Dst, b.Dst != "" }, true),
		"q":       field(qText, false),
	}, "count uri[n] dst_uri[n] or q[n]")
}

func qText(c *module.Ctx, b *module.Branch) (string, bool) {
	if b.Q < 0 {
		return "", false
	}
	return c.Build(8, func(dst []byte) []byte { return strconv.AppendFloat(dst, float64(b.Q)/1000, 'f', -1, 64) }), true
}

// sysRoot is @sys.
func sysRoot(parts selParts) (selector, error) {
	return byName(parts, partTable{
		"pid":       leaf(func(c *module.Ctx) module.Value { return module.StrValue(c.Itoa(int64(c.Env.Process().Pid))) }),
		"server_id": leaf(func(c *module.Ctx) module.Value { return module.StrValue(c.Itoa(int64(c.Env.Conf().ServerID))) }),
		"unique":    leaf(unique),
		"now":       sysNow,
	}, "pid unique now or server_id")
}

// unique is different each time and in each process.
func unique(c *module.Ctx) module.Value {
	return module.StrValue(c.Build(48, func(dst []byte) []byte {
		dst = append(strconv.AppendInt(dst, int64(c.Env.Process().Pid), 16), '-')
		dst = append(strconv.AppendInt(dst, c.Env.Now().Unix(), 16), '-')
		return strconv.AppendUint(dst, c.Env.Random(), 16)
	}))
}

func sysNow(parts selParts) (selector, error) {
	if len(parts) == 0 {
		return func(c *module.Ctx) module.Value { return module.StrValue(c.Itoa(c.Env.Now().Unix())) }, nil
	}
	zone := map[string]*time.Location{"local": time.Local, "gmt": time.UTC, "utc": time.UTC}[strings.ToLower(parts[0].Name)]
	if zone == nil || len(parts) > 1 {
		return nil, fmt.Errorf("unknown part of @sys.now: expected local gmt or utc, without a format (that of $timef is available)")
	}
	return func(c *module.Ctx) module.Value {
		return module.StrValue(c.Build(32, func(dst []byte) []byte { return c.Env.Now().In(zone).AppendFormat(dst, time.ANSIC) }))
	}, nil
}

// firstValue ends s before its first comma outside quotes and brackets.
func firstValue(s string) string {
	quoted, bracket := false, false
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			if quoted {
				i++
			}
		case '"':
			quoted = !quoted && !bracket
		case '<':
			bracket = bracket || !quoted
		case '>':
			bracket = bracket && quoted
		case ',':
			if !quoted && !bracket {
				return strings.TrimSpace(s[:i])
			}
		}
	}
	return strings.TrimSpace(s)
}
