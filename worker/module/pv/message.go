package pv

import (
	"strings"

	"goser/cfg/check"
	"goser/sip"
	"goser/worker/module"
)

// messageVars: the message as a whole and its first line.
var messageVars = []module.Var{
	text("rm", "method; in a reply that of CSeq", func(c *module.Ctx) module.Value { return nonEmpty(method(c)) }),
	number("rmid", "number of the method", func(c *module.Ctx) module.Value { return module.IntValue(methodID(method(c))) }),
	text("rv", "version of the protocol", func(c *module.Ctx) module.Value { return nonEmpty(c.SIP.Version) }),
	numberOrUndef("rs", "status of the reply", func(c *module.Ctx) module.Value {
		if c.SIP.IsRequest {
			return module.Undef
		}
		return intValue(c.SIP.StatusCode)
	}),
	number("rsi", "status of the reply as number, 0 in a request", func(c *module.Ctx) module.Value {
		return intValue(c.SIP.StatusCode)
	}),
	text("rr", "reason phrase of the reply", func(c *module.Ctx) module.Value {
		return module.OptStr(c.SIP.Reason, !c.SIP.IsRequest)
	}),
	text("mb", "the message as received", func(c *module.Ctx) module.Value { return module.StrValue(c.SIP.Raw) }),
	text("mbu", "the message with the edits so far", func(c *module.Ctx) module.Value {
		if !c.Room(len(c.SIP.Raw) + 4096) {
			return module.Undef
		}
		return module.StrValue(c.Build(len(c.SIP.Raw)+1024, func(dst []byte) []byte { return c.Edits.AppendTo(dst, &c.SIP) }))
	}),
	number("ml", "length of the message", func(c *module.Ctx) module.Value { return intValue(len(c.SIP.Raw)) }),
	number("mt", "1 request, 2 reply", func(c *module.Ctx) module.Value {
		switch {
		case c.SIP.IsRequest:
			return module.IntValue(1)
		case c.Wire != module.NoWire:
			return module.IntValue(0)
		}
		return module.IntValue(2)
	}),
	text("mts", "rq or rp", func(c *module.Ctx) module.Value {
		switch {
		case c.SIP.IsRequest:
			return module.StrValue("rq")
		case c.Wire != module.NoWire:
			return module.StrValue("xx")
		}
		return module.StrValue("rp")
	}),
	number("mi", "number of the message in this process", func(c *module.Ctx) module.Value { return intValue(c.Recv.Number) }),
	text("rb", "body", func(c *module.Ctx) module.Value { return module.StrValue(c.SIP.Body) }),
	number("bs", "size of the body", func(c *module.Ctx) module.Value { return intValue(len(c.SIP.Body)) }),
	fields("msg", "pieces of the message as received", check.TypeAny, map[string]func(c *module.Ctx) module.Value{
		"len":      func(c *module.Ctx) module.Value { return intValue(len(c.SIP.Raw)) },
		"buf":      func(c *module.Ctx) module.Value { return module.StrValue(c.SIP.Raw) },
		"body":     func(c *module.Ctx) module.Value { return module.StrValue(c.SIP.Body) },
		"body_len": func(c *module.Ctx) module.Value { return intValue(len(c.SIP.Body)) },
		"hdrs":     func(c *module.Ctx) module.Value { return module.StrValue(headerBlock(&c.SIP)) },
		"hdrs_len": func(c *module.Ctx) module.Value { return intValue(len(headerBlock(&c.SIP))) },
		"hdrc":     func(c *module.Ctx) module.Value { return intValue(len(c.SIP.Headers)) },
		"fpart": func(c *module.Ctx) module.Value {
			return module.StrValue(strings.TrimRight(c.SIP.Raw[:c.SIP.HeadersEnd()], "\r\n"))
		},
		"lpart": func(c *module.Ctx) module.Value { return module.StrValue(c.SIP.Raw[c.SIP.HeadersStart():]) },
		"fline": func(c *module.Ctx) module.Value { return module.StrValue(firstLine(&c.SIP)) },
	}),
}

// headerBlock is the headers, without their last line end.
func headerBlock(m *sip.Msg) string {
	return strings.TrimRight(m.Raw[m.HeadersStart():m.HeadersEnd()], "\r\n")
}

func firstLine(m *sip.Msg) string { return strings.Trim(m.Raw[:m.HeadersStart()], "\r\n") }

// method is the request's, in a reply that of CSeq.
func method(c *module.Ctx) string {
	if c.SIP.IsRequest {
		return c.SIP.MethodName
	}
	if q, err := c.SIP.CSeq(); err == nil {
		return q.MethodName
	}
	return ""
}

// methodIDs are the numbers that scripts know ($rmid on Kamailio 5.6.3).
var methodIDs = map[string]int32{
	"INVITE": 1, "CANCEL": 2, "ACK": 4, "BYE": 8, "INFO": 16, "REGISTER": 32, "SUBSCRIBE": 64, "NOTIFY": 128,
	"MESSAGE": 256, "OPTIONS": 512, "PRACK": 1024, "UPDATE": 2048, "REFER": 4096, "PUBLISH": 8192,
}

const otherMethod = 1 << 19

func methodID(name string) int32 {
	if n, ok := methodIDs[name]; ok {
		return n
	}
	return otherMethod
}
