package worker

import "math/bits"

// hash is a keyed 64-bit mixing hash (wyhash's folding multiply): fast, and
// not to be foretold without the arena's secret.
type hash struct{ h uint64 }

const (
	mixA = 0xa0761d6478bd642f
	mixB = 0xe7037ed1a0b428db
)

func newHash(secret uint64) hash { return hash{fold(secret^mixA, mixB)} }

func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

func (h *hash) num(n uint64) { h.h = fold(h.h^n^mixB, mixA) }

// str mixes a string and its length, so that "ab","c" differs from "a","bc".
func (h *hash) str(s string) {
	h.num(uint64(len(s)))
	for ; len(s) >= 8; s = s[8:] {
		h.num(uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56)
	}
	var last uint64
	for i := range len(s) {
		last = last<<8 | uint64(s[i])
	}
	h.num(last)
}

// hex appends the 16 digits of the hash.
func (h *hash) hex(dst []byte) []byte {
	const digits = "0123456789abcdef"
	v := fold(h.h, mixB)
	for shift := 60; shift >= 0; shift -= 4 {
		dst = append(dst, digits[v>>shift&15])
	}
	return dst
}
