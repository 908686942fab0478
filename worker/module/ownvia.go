package module

import (
	"strconv"
	"strings"

	"goser/sip"
)

// ViaOptions says what our Via of a message has besides the usual.
type ViaOptions uint8

// What scripts can ask for.
const (
	ViaServerID   ViaOptions = 1 << iota // srvid=server_id, if that is not 0
	ViaXAVPParams                        // parameters from the XAVP that xavp_via_params names
	ViaXAVPFields                        // address and port from the one that xavp_via_fields names
)

// FinishVia puts into our Via what script and configuration want in it.
func (c *Ctx) FinishVia(v *sip.OwnVia) {
	conf := c.Env.Conf()
	rport := c.AddLocalRport || conf.LocalRport
	if !rport && c.ViaOptions == 0 {
		return
	}
	v.Params = c.Build(128, func(dst []byte) []byte {
		if rport {
			dst = append(dst, ";rport"...)
		}
		if c.ViaOptions&ViaServerID != 0 && conf.ServerID != 0 {
			dst = strconv.AppendInt(append(dst, ";srvid="...), int64(conf.ServerID), 10)
		}
		if c.ViaOptions&ViaXAVPParams != 0 {
			dst = c.appendViaParams(dst, conf.ViaParams)
		}
		return dst
	})
	if c.ViaOptions&ViaXAVPFields != 0 {
		if s := c.viaAddress(conf.ViaFields); s != "" {
			v.SentBy = s
		}
	}
}

// newest is the newest XAVP of a name, 0 if there is none with others in it.
func (c *Ctx) newest(name string) int32 {
	if name == "" {
		return 0
	}
	n := c.AVPs.Trees.Find(XAVP, 0, name, 0)
	if n != 0 {
		if _, list := c.AVPs.Trees.Value(n); !list {
			return 0
		}
	}
	return n
}

// appendViaParams leaves out what is no parameter's name or a second branch, and quotes what cannot
// stand alone (RFC 3261 §25.1 gen-value).
func (c *Ctx) appendViaParams(dst []byte, name string) []byte {
	t := &c.AVPs.Trees
	root := c.newest(name)
	if root == 0 {
		return dst
	}
	for n := t.First(XAVP, root); n != 0; n = t.Next(n) {
		v, list := t.Value(n)
		if list || !sip.IsToken(t.Name(n)) || sip.EqualFold(t.Name(n), "branch") {
			continue
		}
		dst = append(append(dst, ';'), t.Name(n)...)
		if s := c.Text(v); s != "" {
			dst = appendGenValue(append(dst, '='), s)
		}
	}
	return dst
}

func appendGenValue(dst []byte, s string) []byte {
	if sip.IsToken(s) {
		return append(dst, s...)
	}
	dst = append(dst, '"')
	for i := range len(s) {
		switch b := s[i]; {
		case b == '"' || b == '\\':
			dst = append(dst, '\\', b)
		case b < ' ' || b == 0x7f:
			dst = append(dst, ' ')
		default:
			dst = append(dst, b)
		}
	}
	return append(dst, '"')
}

// viaAddress is host[:port], "" if the fields are none.
func (c *Ctx) viaAddress(name string) string {
	t := &c.AVPs.Trees
	root := c.newest(name)
	if root == 0 {
		return ""
	}
	field := func(name string) string {
		n := t.Find(XAVP, root, name, 0)
		if n == 0 {
			return ""
		}
		v, _ := t.Value(n)
		return c.Text(v)
	}
	host, port := field("address"), field("port")
	if host == "" || strings.Trim(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-[]:") != "" {
		return ""
	}
	if n, ok := ParseInt(port); ok && n > 0 && n <= 65535 {
		return c.Concat(host, ":", c.Itoa(int64(n)))
	}
	return host
}
