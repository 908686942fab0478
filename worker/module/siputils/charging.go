package siputils

import (
	"strings"
	"unsafe"

	"goser/cfg/check"
	"goser/sip"
	"goser/worker/module"
)

// P-Charging-Vector (RFC 7315 §4.6): the identity that the bills of a call are gathered by.
const (
	chargingHeader = "P-Charging-Vector"
	icidValue      = "icid-value"
	icidAddr       = "icid-generated-at"
)

// vector is what sip_p_charging_vector added to a message. It is none of a message's any more when the message was
// made anew.
type vector struct {
	number uint64 // Recv.Number
	raw    uintptr
	line   string
}

// vectors has one for each message that a worker can have under way at once.
var vectors = map[*module.Ctx]*vector{}

func madeVector(c *module.Ctx) string {
	if v := vectors[c]; v != nil && v.number == c.Recv.Number && v.raw == textOf(c) {
		return v.line
	}
	return ""
}

func textOf(c *module.Ctx) uintptr { return uintptr(unsafe.Pointer(unsafe.StringData(c.SIP.Raw))) }

// charging is what the letters of a mode ask for.
type charging struct{ remove, make bool }

// fixCharging: r removes, g makes one where there is none, f does both. Other letters say nothing, as in 5.6.3.
func fixCharging(a []check.Arg) (any, error) {
	mode := strings.ToLower(a[0].Str)
	return charging{strings.ContainsAny(mode, "rf"), strings.ContainsAny(mode, "gf")}, nil
}

func chargingVector(c *module.Ctx, a *module.Args) int {
	do := a.Fixed.(charging)
	if do.remove || do.make && receivedVector(c) == "" {
		for h := c.SIP.ByName(chargingHeader); h != nil; h = c.SIP.NextByName(h) {
			c.Edits.DeleteHeader(h)
		}
	}
	if do.make && (do.remove || receivedVector(c) == "") && madeVector(c) == "" {
		makeVector(c)
	}
	return 1
}

func makeVector(c *module.Ctx) {
	dst := c.Recv.Dst.Addr()
	line := c.Build(128, func(b []byte) []byte {
		b = append(b, chargingHeader+": "+icidValue+"="...)
		b = appendHex(appendHex(b, c.Env.Random()), c.Env.Random())
		b = append(b, "; "+icidAddr+"="...)
		if dst.Is6() {
			b = append(dst.AppendTo(append(b, '[')), ']')
		} else {
			b = dst.AppendTo(b)
		}
		return append(b, "\r\n"...)
	})
	c.Edits.InsertAfter(c.SIP.HeadersEnd(), line)
	line = strings.TrimSuffix(line, "\r\n")
	v := vectors[c]
	if v == nil {
		v = new(vector)
		vectors[c] = v
	}
	*v = vector{c.Recv.Number, textOf(c), line}
}

func appendHex(b []byte, n uint64) []byte {
	for shift := 60; shift >= 0; shift -= 4 {
		b = append(b, "0123456789ABCDEF"[n>>shift&15])
	}
	return b
}

// receivedVector is the value of the first header that was received; one without an icid-value is none.
func receivedVector(c *module.Ctx) string {
	h := c.SIP.ByName(chargingHeader)
	if h == nil {
		return ""
	}
	if _, ok := sip.Param(h.Body, icidValue); !ok {
		return ""
	}
	return h.Body
}

var chargingParams = map[string]string{"value": icidValue, "genaddr": icidAddr, "orig": "orig-ioi", "term": "term-ioi"}

// chargingVar is $pcv(…): what was made, else what was received.
func chargingVar(c *module.Ctx, r *module.Ref) module.Value {
	name := r.Fixed.(string)
	all := madeVector(c)
	params := strings.TrimPrefix(all, chargingHeader+": ")
	if params == "" {
		all = receivedVector(c)
		params = all
	}
	if name != "" {
		all, _ = sip.Param(params, name)
	}
	if all == "" {
		return module.Undef
	}
	return module.StrValue(all)
}

func prepareCharging(inner string) (any, error) { return chargingParams[inner], nil }
