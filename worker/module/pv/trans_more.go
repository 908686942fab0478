package pv

import (
	"strconv"
	"strings"

	"goser/cfg/check"
	"goser/sip"
	"goser/worker/module"
)

// moreTrans are the {s.…} that came late, and {urialias.…}.
var moreTrans = []module.Trans{
	numeric(1, "s", "corehash", 0, 1, check.TypeStr, "the core's hash; with a size (a power of 2) one of so many slots", corehash),
	numeric(3, "s", "fmtlines", 2, 2, check.TypeStr, "folded: lines of at most n characters, each but the first behind m blanks", fold(' ')),
	numeric(3, "s", "fmtlinet", 2, 2, check.TypeStr, "the same with tabs", fold('\t')),
	textTrans("s", "encode.7bit", "packed in 7 bits (GSM 03.38), hexadecimal", pack7),
	decoder("decode.7bit", "the reverse", unpack7),
	textTrans("s", "encode.base58", "base 58", encode58),
	decoder("decode.base58", "from base 58", decode58),
	trans("urialias", "encode", 0, 0, check.TypeStr, "a URI's address as the value of an alias parameter: host~port~transport", aliasEncode),
	trans("urialias", "decode", 0, 0, check.TypeStr, "such a value as a URI", aliasDecode),
}

// corehash is the hash that SER's tables use: four bytes at a time, folded.
func corehash(c *module.Ctx, s string, a []module.Value) module.Value {
	h := module.CoreHash(s, "")
	if len(a) > 0 {
		if size := a[0].AsInt(); size != 0 {
			h &= uint32(size) - 1
		}
	}
	return module.StrValue(c.Itoa(int64(h)))
}

// fold cuts a text into lines of n characters, as a long header is.
func fold(blank byte) transFunc {
	return func(c *module.Ctx, s string, a []module.Value) module.Value {
		n, indent := int(a[0].AsInt()), int(a[1].AsInt())
		if n <= 0 || indent < 0 || indent > 1024 || len(s) <= n {
			return module.StrValue(s)
		}
		size := len(s) + len(s)/n*(indent+2)
		if !c.Room(size) {
			return module.Undef
		}
		return module.StrValue(c.Build(size, func(dst []byte) []byte {
			for len(s) > n {
				dst, s = append(append(dst, s[:n]...), "\r\n"...), s[n:]
				for range indent {
					dst = append(dst, blank)
				}
			}
			return append(dst, s...)
		}))
	}
}

const upperHex = "0123456789ABCDEF"

func pack7(c *module.Ctx, s string) string {
	return c.Build(2*len(s)+2, func(dst []byte) []byte {
		var bits, held uint
		for i := range len(s) {
			held |= uint(s[i]) << bits
			if bits += 7; bits >= 8 {
				dst = append(dst, upperHex[held>>4&15], upperHex[held&15])
				held, bits = held>>8, bits-8
			}
		}
		if bits > 0 {
			dst = append(dst, upperHex[held>>4&15], upperHex[held&15])
		}
		return dst
	})
}

func unpack7(c *module.Ctx, s string) (string, bool) {
	bad := len(s)%2 != 0
	out := c.Build(len(s), func(dst []byte) []byte {
		var bits, held uint
		for i := 0; i+1 < len(s); i += 2 {
			n, err := strconv.ParseUint(s[i:i+2], 16, 8)
			if err != nil {
				bad = true
				return dst
			}
			held |= uint(n) << bits
			for bits += 8; bits >= 7; bits -= 7 {
				dst = append(dst, byte(held&0x7f))
				held >>= 7
			}
		}
		if n := len(dst); n > 0 && len(s)/2*8%7 == 0 && dst[n-1] == 0 {
			dst = dst[:n-1] // seven octets hold eight characters, or seven and padding
		}
		return dst
	})
	return out, !bad
}

const (
	alphabet58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	max58      = 1024 // its cost grows with the square
)

func encode58(c *module.Ctx, s string) string {
	if len(s) > max58 {
		return ""
	}
	return convert58(c, s, 2*len(s)+2, 256, 58, 0, func(d byte) byte { return alphabet58[d] }, func(b byte) int { return int(b) })
}

func decode58(c *module.Ctx, s string) (string, bool) {
	if len(s) > 2*max58 || strings.Trim(s, alphabet58) != "" {
		return "", false
	}
	return convert58(c, s, len(s)+1, 58, 256, '1', func(d byte) byte { return d }, func(b byte) int { return strings.IndexByte(alphabet58, b) }), true
}

// convert58 turns digits of one base into those of another; leading zeros are kept one for one.
func convert58(c *module.Ctx, s string, room, from, to int, zero byte, show func(d byte) byte, value func(b byte) int) string {
	return c.Build(room, func(dst []byte) []byte {
		zeros := 0
		for zeros < len(s) && s[zeros] == zero {
			zeros++
			dst = append(dst, show(0))
		}
		start := len(dst)
		for i := zeros; i < len(s); i++ { // digits behind start stand in reverse
			carry := value(s[i])
			for k := start; k < len(dst); k++ {
				carry += int(dst[k]) * from
				dst[k], carry = byte(carry%to), carry/to
			}
			for ; carry > 0; carry /= to {
				dst = append(dst, byte(carry%to))
			}
		}
		for i, k := start, len(dst)-1; i < k; i, k = i+1, k-1 {
			dst[i], dst[k] = dst[k], dst[i]
		}
		for i := start; i < len(dst); i++ {
			dst[i] = show(dst[i])
		}
		return dst
	})
}

// transports are the names by the number that an alias parameter has.
var transports = [...]string{"", "udp", "tcp", "tls", "sctp", "ws", "wss"}

func aliasEncode(c *module.Ctx, s string, _ []module.Value) module.Value {
	var u sip.URI
	if s == "" {
		return module.Undef
	}
	if sip.ParseURI(s, &u) != nil {
		return empty
	}
	proto := 1
	for n, name := range transports {
		if n > 0 && strings.EqualFold(u.Transport(), name) {
			proto = n
		}
	}
	return module.StrValue(c.Concat(u.Host, "~", uriPort(c, u).Str, "~", c.Itoa(int64(proto))))
}

func aliasDecode(c *module.Ctx, s string, _ []module.Value) module.Value {
	if s == "" {
		return module.Undef
	}
	host, rest, _ := strings.Cut(s, "~")
	port, proto, ok := strings.Cut(rest, "~")
	if !ok || proto == "" {
		return empty
	}
	n := int(proto[0] - '0') // one digit counts
	if n < 0 || n >= len(transports) {
		return empty
	}
	if n <= 1 {
		return module.StrValue(c.Concat("sip:", host, ":", port))
	}
	return module.StrValue(c.Concat("sip:", host, ":", port, ";transport=", transports[n]))
}
