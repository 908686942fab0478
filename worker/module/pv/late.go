package pv

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"goser/cfg/check"
	"goser/shm/conf"
	"goser/sip"
	"goser/worker/module"
)

// lateVars are those that OpenSER's successors added: the file and the process around the message, and its bytes.
var lateVars = []module.Var{
	number("sid", "server_id", func(c *module.Ctx) module.Value { return intValue(c.Env.Conf().ServerID) }),
	fields("ksr", "ver: the version of the language that is spoken here, verval: as a number", check.TypeAny, map[string]func(c *module.Ctx) module.Value{
		"ver":    func(*module.Ctx) module.Value { return module.StrValue(language) },
		"verval": func(*module.Ctx) module.Value { return module.IntValue(languageNumber) },
	}),
	{
		Name: "env", Type: check.TypeStr, Inner: check.InnerText, Help: "variable of the environment, as it was when the process started",
		Get: fixedGetter, Prepare: func(inner string) (any, error) {
			v, ok := os.LookupEnv(inner)
			return func(*module.Ctx) module.Value { return module.OptStr(v, ok) }, nil
		},
	},
	{
		Name: "def", Type: check.TypeStr, Inner: check.InnerText, Help: "what #!define gave a name",
		Get: func(_ *module.Ctx, r *module.Ref) module.Value { return module.OptStr(r.Site.Define(r.Inner)) },
	},
	{
		Name: "defn", Type: check.TypeAny, Inner: check.InnerText, Help: "the same as a number, if it is one; 0 if there is none",
		Get: func(_ *module.Ctx, r *module.Ref) module.Value {
			s, ok := r.Site.Define(r.Inner)
			if !ok {
				return module.IntValue(0)
			}
			if n, isNumber := module.ParseInt(s); isNumber {
				return module.IntValue(n)
			}
			return module.StrValue(s)
		},
	},
	{
		Name: "ccp", Type: check.TypeAny, Inner: check.InnerText, Get: getConf, Set: setConf,
		Help: "runtime variable that the file declares with group.name = value",
		Prepare: func(inner string) (any, error) {
			group, name, ok := strings.Cut(inner, ".")
			if !ok || group == "" || name == "" {
				return nil, fmt.Errorf("%q: expected group.name", inner)
			}
			return confName{group, name}, nil
		},
	},
	{
		Name: "msgbuf", Type: check.TypeStr, Inner: check.InnerFormat, Get: getByte, Set: setByte,
		Help: "byte of the message as it was received, by its offset",
	},
	fields("rpl", "reply routes: where the reply goes (duri dhost dport dproto dprotoid) and its headers (cntvia cntrr)", check.TypeAny, replyFields),
	fields("rcv", "in event_route[core:msg-received], and in event_route[network:msg] for what has come: the datagram (buf len), its transport (proto sproto af) and addresses (srcip srcport rcvip rcvport)", check.TypeAny, datagramFields),
	number("conid", "connection the message came by; undefined with UDP", func(*module.Ctx) module.Value { return module.Undef }),
}

const languageNumber = 5006003

// datagramFields are undefined but where a datagram is seen before it is a message.
var datagramFields = map[string]func(c *module.Ctx) module.Value{
	"buf":     datagramField(func(c *module.Ctx) module.Value { return module.StrValue(c.Datagram) }),
	"len":     datagramField(func(c *module.Ctx) module.Value { return intValue(len(c.Datagram)) }),
	"proto":   datagramField(func(c *module.Ctx) module.Value { return intValue(uint16(c.Recv.Proto)) }),
	"sproto":  datagramField(func(c *module.Ctx) module.Value { return module.StrValue(c.Recv.Proto.String()) }),
	"af":      datagramField(func(c *module.Ctx) module.Value { return module.IntValue(family(c.Recv.Src.Addr(), int32(2), 10)) }),
	"srcip":   datagramField(func(c *module.Ctx) module.Value { return module.StrValue(c.Recv.SrcIP) }),
	"srcport": datagramField(func(c *module.Ctx) module.Value { return intValue(c.Recv.Src.Port()) }),
	"rcvip": datagramField(func(c *module.Ctx) module.Value {
		a := c.Recv.Dst.Addr()
		return module.StrValue(c.Build(48, func(dst []byte) []byte { return a.AppendTo(dst) }))
	}),
	"rcvport": datagramField(func(c *module.Ctx) module.Value { return intValue(c.Recv.Dst.Port()) }),
}

func datagramField(get func(c *module.Ctx) module.Value) func(c *module.Ctx) module.Value {
	return func(c *module.Ctx) module.Value {
		if c.Datagram == "" {
			return module.Undef
		}
		return get(c)
	}
}

type confName struct{ group, name string }

var (
	errNoConf       = errors.New("the file declares no such runtime variable")
	errConfLong     = fmt.Errorf("a runtime variable has at most %d bytes", conf.MaxText)
	errNoConfNumber = errors.New("the variable is a number")
	errByte         = errors.New("expected one byte at an offset inside of the message")
)

// conf finds the variable: its number, or less than 0.
func (n confName) find(c *module.Ctx) int {
	if module.RuntimeVars == nil {
		return -1
	}
	return module.RuntimeVars.Find(n.group, n.name, c.Instances.Of(n.group))
}

func getConf(c *module.Ctx, r *module.Ref) module.Value {
	i, t := r.Fixed.(confName).find(c), module.RuntimeVars
	switch {
	case i < 0:
		return module.Undef
	case t.Decl(i).IsStr:
		return module.StrValue(c.Build(conf.MaxText+8, func(dst []byte) []byte { return t.Text(i, dst) }))
	}
	return module.IntValue(t.Int(i))
}

// setConf is seen by all processes at once.
func setConf(c *module.Ctx, r *module.Ref, v module.Value) error {
	i, t := r.Fixed.(confName).find(c), module.RuntimeVars
	switch {
	case i < 0:
		return errNoConf
	case v.IsUndef():
		return nil // KAMAILIO: 5.6.3 leaves it as it is
	case t.Decl(i).IsStr:
		s := c.Text(v)
		if len(s) > conf.MaxText {
			return errConfLong
		}
		return t.Set(c.Env.Proc(), i, 0, s)
	}
	n := v.AsInt()
	if v.Kind == module.KindStr {
		var ok bool
		if n, ok = module.ParseInt(v.Str); !ok {
			return errNoConfNumber
		}
	}
	return t.Set(c.Env.Proc(), i, n, "")
}

func byteAt(c *module.Ctx, r *module.Ref) (i int, ok bool) {
	n, ok := module.ParseInt(r.Inner)
	return int(n), ok && n >= 0 && int(n) < len(c.SIP.Raw)
}

func getByte(c *module.Ctx, r *module.Ref) module.Value {
	i, ok := byteAt(c, r)
	if !ok {
		return module.Undef
	}
	return module.StrValue(c.SIP.Raw[i : i+1])
}

// setByte makes the message anew: it must be one that the server would have taken from the network.
func setByte(c *module.Ctx, r *module.Ref, v module.Value) error {
	i, ok := byteAt(c, r)
	s := c.Text(v)
	if !ok || len(s) == 0 {
		return errByte
	}
	raw := c.Concat(c.SIP.Raw[:i], s[:1], c.SIP.Raw[i+1:])
	var m sip.Msg
	m.Limits = c.SIP.Limits
	if err := m.Parse(raw); err != nil {
		return err
	}
	if err := sip.Check(&m); err != nil {
		return err
	}
	return c.Replace(raw)
}

// replyFields are of the reply as it will be when our own Via is gone (RFC 3261 §18.2.2).
var replyFields = map[string]func(c *module.Ctx) module.Value{
	"duri": replyTo(func(c *module.Ctx, v *sip.Via) module.Value {
		host := viaHost(v)
		if strings.IndexByte(host, ':') >= 0 && host[0] != '[' {
			host = c.Concat("[", host, "]")
		}
		return module.StrValue(c.Concat("sip:", host, ":", c.Itoa(int64(viaPort(v))), ";transport=", protoName(module.Proto(transportID(v.Transport)))))
	}),
	"dhost": replyTo(func(_ *module.Ctx, v *sip.Via) module.Value { return module.StrValue(viaHost(v)) }),
	"dport": replyTo(func(_ *module.Ctx, v *sip.Via) module.Value { return intValue(viaPort(v)) }),
	"dproto": replyTo(func(_ *module.Ctx, v *sip.Via) module.Value {
		return nonEmpty(protoName(module.Proto(transportID(v.Transport))))
	}),
	"dprotoid": replyTo(func(_ *module.Ctx, v *sip.Via) module.Value { return module.IntValue(transportID(v.Transport)) }),
	"cntvia":   ofReply(func(c *module.Ctx) module.Value { vs, _ := c.SIP.Vias(); return intValue(len(vs)) }),
	"cntrr":    ofReply(func(c *module.Ctx) module.Value { return intValue(recordRoutes(c)) }),
}

func ofReply(get func(c *module.Ctx) module.Value) func(c *module.Ctx) module.Value {
	return func(c *module.Ctx) module.Value {
		if c.SIP.IsRequest {
			return module.Undef
		}
		return get(c)
	}
}

func replyTo(get func(c *module.Ctx, v *sip.Via) module.Value) func(c *module.Ctx) module.Value {
	return ofReply(func(c *module.Ctx) module.Value {
		if v, err := c.SIP.Via(1); err == nil {
			return get(c, v)
		}
		return module.Undef
	})
}

func recordRoutes(c *module.Ctx) (n int) {
	for it := c.SIP.RecordRoutes(); it.Next(); n++ {
	}
	return n
}

func viaHost(v *sip.Via) string {
	if v.Received != "" {
		return v.Received
	}
	return v.Host
}

func viaPort(v *sip.Via) int {
	switch {
	case v.Rport != 0:
		return v.Rport
	case v.Port != 0:
		return v.Port
	}
	return 5060
}
