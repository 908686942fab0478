package pv

import (
	"crypto/md5"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"goser/cfg/check"
	"goser/worker/module"
)

// codeTrans are the {s.…} that hash, encode and escape. What cannot be decoded
// is undefined.
var codeTrans = []module.Trans{
	textTrans("s", "md5", "MD5, hexadecimal", func(c *module.Ctx, s string) string {
		d := md5.Sum([]byte(s))
		return hexText(c, d[:])
	}),
	textTrans("s", "sha256", "SHA-256, hexadecimal", func(c *module.Ctx, s string) string {
		d := sha256.Sum256([]byte(s))
		return hexText(c, d[:])
	}),
	textTrans("s", "sha384", "SHA-384, hexadecimal", func(c *module.Ctx, s string) string {
		d := sha512.Sum384([]byte(s))
		return hexText(c, d[:])
	}),
	textTrans("s", "sha512", "SHA-512, hexadecimal", func(c *module.Ctx, s string) string {
		d := sha512.Sum512([]byte(s))
		return hexText(c, d[:])
	}),
	textTrans("s", "encode.hexa", "hexadecimal", func(c *module.Ctx, s string) string { return hexText(c, []byte(s)) }),
	decoder("decode.hexa", "from hexadecimal", func(c *module.Ctx, s string) (string, bool) {
		b, err := hex.DecodeString(s[:len(s)&^1])
		return decoded(c, b, err)
	}),
	base64Encoder("encode.base64", base64.StdEncoding), base64Decoder("decode.base64", base64.StdEncoding, false),
	base64Encoder("encode.base64t", base64.RawStdEncoding), base64Decoder("decode.base64t", base64.RawStdEncoding, true),
	base64Encoder("encode.base64url", base64.URLEncoding), base64Decoder("decode.base64url", base64.RawURLEncoding, true),
	base64Encoder("encode.base64urlt", base64.RawURLEncoding), base64Decoder("decode.base64urlt", base64.RawURLEncoding, true),
	textTrans("s", "escape.common", `\ before quotes, backslash and NUL`, escapeCommon),
	textTrans("s", "unescape.common", "the reverse", unescapeCommon),
	decoder("escape.user", "as a user part, %hh", printable(escaper("-_.!~*'()&=+$,;?"))),
	decoder("unescape.user", "the reverse", unescapePercent),
	decoder("escape.param", "as a URI parameter, %hh", printable(escaper("-_.!~*'()[]/:&+$"))),
	decoder("unescape.param", "the reverse", unescapePercent),
	textTrans("s", "escape.csv", "as a field of a CSV file", func(c *module.Ctx, s string) string {
		return c.Build(2*len(s)+2, func(dst []byte) []byte {
			dst = append(dst, '"')
			for i := range len(s) {
				if s[i] == '"' {
					dst = append(dst, '"')
				}
				dst = append(dst, s[i])
			}
			return append(dst, '"')
		})
	}),
	textTrans("s", "urlencode.param", "as a query parameter", escaper("-_.~")),
	decoder("urldecode.param", "the reverse", func(c *module.Ctx, s string) (string, bool) {
		return urldecode(c, s), true
	}),
}

func hexText(c *module.Ctx, b []byte) string {
	return c.Build(2*len(b), func(dst []byte) []byte { return hex.AppendEncode(dst, b) })
}

func decoded(c *module.Ctx, b []byte, err error) (string, bool) {
	if err != nil {
		return "", false
	}
	return c.Build(len(b), func(dst []byte) []byte { return append(dst, b...) }), true
}

// decoder is a transformation that fails where its input is not encoded so.
func decoder(name, help string, do func(c *module.Ctx, s string) (string, bool)) module.Trans {
	return trans("s", name, 0, 0, check.TypeStr, help, func(c *module.Ctx, s string, _ []module.Value) module.Value {
		return module.OptStr(do(c, s))
	})
}

func base64Encoder(name string, e *base64.Encoding) module.Trans {
	return textTrans("s", name, "base 64", func(c *module.Ctx, s string) string {
		return c.Build(e.EncodedLen(len(s)), func(dst []byte) []byte { return e.AppendEncode(dst, []byte(s)) })
	})
}

// base64Decoder reads with or without padding where it is lax.
func base64Decoder(name string, e *base64.Encoding, lax bool) module.Trans {
	return decoder(name, "from base 64", func(c *module.Ctx, s string) (string, bool) {
		if e == base64.RawURLEncoding && strings.Trim(s, "=") == "" {
			return "", false
		}
		if lax {
			s = strings.TrimRight(s, "=")
		}
		b, err := e.DecodeString(s)
		return decoded(c, b, err)
	})
}

func escapeCommon(c *module.Ctx, s string) string {
	return c.Build(2*len(s), func(dst []byte) []byte {
		for i := range len(s) {
			switch b := s[i]; b {
			case '\'', '"', '\\':
				dst = append(dst, '\\', b)
			case 0:
				dst = append(dst, '\\', '0')
			default:
				dst = append(dst, b)
			}
		}
		return dst
	})
}

func unescapeCommon(c *module.Ctx, s string) string {
	return c.Build(len(s), func(dst []byte) []byte {
		for i := 0; i < len(s); i++ {
			b := s[i]
			if b == '\\' && i+1 < len(s) && strings.IndexByte(`'"\0`, s[i+1]) >= 0 {
				if i++; s[i] == '0' {
					b = 0
				} else {
					b = s[i]
				}
			}
			dst = append(dst, b)
		}
		return dst
	})
}

// escaper writes all but letters, digits and the plain ones as %hh.
func escaper(plain string) func(c *module.Ctx, s string) string {
	var safe [256]bool
	for b := range 256 {
		safe[b] = '0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'z' && b < 0x80
	}
	for i := range len(plain) {
		safe[plain[i]] = true
	}
	const digits = "0123456789abcdef"
	return func(c *module.Ctx, s string) string {
		return c.Build(3*len(s), func(dst []byte) []byte {
			for i := range len(s) {
				if b := s[i]; safe[b] {
					dst = append(dst, b)
				} else {
					dst = append(dst, '%', digits[b>>4], digits[b&15])
				}
			}
			return dst
		})
	}
}

// printable makes an escaper fail for what stands in no URI, escaped or not: control characters and bytes above 126.
func printable(escape func(c *module.Ctx, s string) string) func(c *module.Ctx, s string) (string, bool) {
	return func(c *module.Ctx, s string) (string, bool) {
		for i := range len(s) {
			if s[i] < ' ' || s[i] >= 0x7f {
				return "", false
			}
		}
		return escape(c, s), true
	}
}

// urldecode takes what it gets: an escape that the text's end cuts off is only its digit, and a digit that is none counts
// by its place in the alphabet.
func urldecode(c *module.Ctx, s string) string {
	digit := func(b byte) byte {
		if '0' <= b && b <= '9' {
			return b - '0'
		}
		if 'A' <= b && b <= 'Z' {
			b |= 0x20
		}
		return b - 'a' + 10
	}
	return c.Build(len(s), func(dst []byte) []byte {
		for i := 0; i < len(s); i++ {
			switch {
			case s[i] == '+':
				dst = append(dst, ' ')
			case s[i] != '%':
				dst = append(dst, s[i])
			case i+2 < len(s):
				dst = append(dst, digit(s[i+1])<<4|digit(s[i+2]))
				i += 2
			}
		}
		return dst
	})
}

// unescapePercent fails when an escape is malformed, or of a character that stands in no URI.
func unescapePercent(c *module.Ctx, s string) (out string, ok bool) {
	bad := false
	out = c.Build(len(s), func(dst []byte) []byte {
		for i := 0; i < len(s); i++ {
			if s[i] != '%' {
				dst = append(dst, s[i])
				continue
			}
			if i+3 > len(s) {
				bad = true
				return dst
			}
			var b [1]byte
			if _, err := hex.Decode(b[:], []byte(s[i+1:i+3])); err != nil || b[0] < ' ' || b[0] >= 0x7f {
				bad = true
				return dst
			}
			dst, i = append(dst, b[0]), i+2
		}
		return dst
	})
	return out, !bad
}
