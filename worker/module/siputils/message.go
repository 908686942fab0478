package siputils

import (
	"net/netip"
	"strings"

	"goser/sip"
	"goser/worker/module"
)

func hasToTag(c *module.Ctx, _ *module.Args) int {
	to, err := c.SIP.To()
	return truth(err == nil && to.Tag != "")
}

func isRequest(c *module.Ctx, _ *module.Args) int { return truth(c.SIP.IsRequest) }
func isReply(c *module.Ctx, _ *module.Args) int {
	return truth(!c.SIP.IsRequest && c.Wire == module.NoWire)
}

// isFirstHop: a request with one Via has passed nobody. A reply comes straight
// from its sender if it has no Record-Route, or the top one is ours; mode 0
// then wants that its host is an address, and that the reply did not come from
// there, which would be a loop.
func isFirstHop(c *module.Ctx, a *module.Args) int {
	if c.SIP.IsRequest {
		if _, err := c.SIP.Via(0); err != nil {
			return -1
		}
		_, err := c.SIP.Via(1)
		return truth(err != nil)
	}
	it := c.SIP.RecordRoutes()
	if !it.Next() {
		return 1
	}
	var (
		addr sip.NameAddr
		u    sip.URI
	)
	if it.Addr(&addr) != nil || sip.ParseURI(addr.URI, &u) != nil || !c.Env.Myself(u.Host, u.Port, c.Recv.Proto) {
		return -1
	}
	if a.Int(0, 0) == 1 {
		return 1
	}
	ip, ok := parseIP(u.Host)
	return truth(ok && ip != c.Recv.Src.Addr().Unmap())
}

// parseIP avoids netip's error, which would be garbage for each name.
func parseIP(host string) (netip.Addr, bool) {
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if host == "" || strings.IndexFunc(host, func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF.:", r) }) >= 0 {
		return netip.Addr{}, false
	}
	ip, err := netip.ParseAddr(host)
	return ip.Unmap(), err == nil
}

// optionsReply answers an OPTIONS that is meant for the server itself (RFC
// 3261 §11.2): one without a user in its R-URI.
func optionsReply(c *module.Ctx, _ *module.Args) int {
	u, err := c.ParsedURI()
	if c.SIP.Method != sip.MethodOptions || err != nil || u.User != "" {
		return -1
	}
	n := len(c.ReplyHeaders)
	c.ReplyHeaders = append(c.ReplyHeaders,
		c.Concat("Accept: ", optionsAccept, "\r\n"), c.Concat("Accept-Encoding: ", optionsEncoding, "\r\n"),
		c.Concat("Accept-Language: ", optionsLanguage, "\r\n"), c.Concat("Supported: ", optionsSupport, "\r\n"))
	err = c.Env.Reply(c, 200, "OK")
	c.ReplyHeaders = c.ReplyHeaders[:n]
	return truth(err == nil)
}

func isSupported(c *module.Ctx, a *module.Args) int {
	want := a.Str(c, 0)
	for it := c.SIP.Values(sip.HdrSupported); it.Next(); {
		if sip.EqualFold(it.Text, want) {
			return 1
		}
	}
	return -1
}

func compareHeaderName(c *module.Ctx, a *module.Args) int {
	if a.Str(c, 0) == "" || a.Str(c, 1) == "" {
		return -2
	}
	x, y := strings.TrimSpace(a.Str(c, 0)), strings.TrimSpace(a.Str(c, 1))
	t := sip.ParseHeaderType(x)
	return truth(sip.EqualFold(x, y) || t != sip.HdrOther && t == sip.ParseHeaderType(y))
}
