package siputils

import (
	"errors"
	"strings"
	"time"

	"goser/sip"
	"goser/worker/module"
)

// Remote-Party-ID is built around the URI in an AVP.
var (
	rpidPrefix = ""
	rpidSuffix = ";party=calling;id-type=subscriber;screen=yes"
	rpidAVP    = "s:rpid"
)

func setRPIDAVP(v module.Value) error {
	s := strings.TrimSpace(v.Str)
	if !strings.HasPrefix(s, "$avp(") || !strings.HasSuffix(s, ")") || len(s) < 7 {
		return errors.New("expected $avp(name)")
	}
	rpidAVP = module.AVPName(s[5 : len(s)-1])
	return nil
}

func rpid(c *module.Ctx) string {
	if v := c.AVPs.Get(rpidAVP, 0); v != nil {
		return c.Text(v.Value)
	}
	return ""
}

func appendRPID(c *module.Ctx, a *module.Args) int {
	id, prefix, suffix := rpid(c), rpidPrefix, rpidSuffix
	if a.N == 2 {
		prefix, suffix = a.Str(c, 0), a.Str(c, 1)
	}
	if id == "" {
		return -1
	}
	if strings.ContainsAny(prefix+id+suffix, "\r\n\x00") {
		return c.Fail(-1, "the identity holds a line end")
	}
	c.Edits.InsertAfter(c.SIP.HeadersEnd(), c.Concat("Remote-Party-ID: ", prefix, id, suffix, "\r\n"))
	return 1
}

func isRPIDE164(c *module.Ctx, _ *module.Args) int {
	var (
		addr sip.NameAddr
		u    sip.URI
	)
	if sip.ParseNameAddr(rpid(c), &addr) != nil || sip.ParseURI(addr.URI, &u) != nil {
		return -1
	}
	return truth(e164(u.User))
}

// isGRUU: 1 for a public one, 2 for a temporary one, whose gr has no value (RFC
// 5627 §5.1).
func isGRUU(c *module.Ctx, a *module.Args) int {
	u, err := c.ParsedURI()
	if a.N > 0 {
		u, err = c.TempURI(a.Str(c, 0))
	}
	if err != nil {
		return -1
	}
	switch v, ok := u.Param("gr"); {
	case !ok:
		return -1
	case v == "":
		return 2
	}
	return 1
}

// dateCheck: -1 without a Date that can be read, -4 if it is further from now than
// the tolerance, seconds.
func dateCheck(c *module.Ctx, a *module.Args) int {
	h := c.SIP.First(sip.HdrDate)
	if h == nil {
		return -1
	}
	at, err := time.Parse(time.RFC1123, h.Body)
	if err != nil {
		return -1
	}
	if off := c.Env.Now().Sub(at); off.Abs() > time.Duration(a.Int(0, 0))*time.Second {
		return -4
	}
	return 1
}
