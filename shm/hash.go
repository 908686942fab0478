package shm

import (
	"encoding/binary"
	"math/bits"
)

// Hash is SipHash-1-3 keyed with the arena's seed: the same in every process,
// and not to be guessed by whoever chooses the bytes (Call-IDs, branches), so
// nobody can aim at one bucket. hash/maphash differs per process.
func (a *Arena) Hash(b []byte) uint64 {
	return sipHash(1, 3, a.hdr.Seed[0], a.hdr.Seed[1], b)
}

type sipState struct{ v0, v1, v2, v3 uint64 }

func (s *sipState) round() {
	s.v0 += s.v1
	s.v1 = bits.RotateLeft64(s.v1, 13) ^ s.v0
	s.v0 = bits.RotateLeft64(s.v0, 32)
	s.v2 += s.v3
	s.v3 = bits.RotateLeft64(s.v3, 16) ^ s.v2
	s.v0 += s.v3
	s.v3 = bits.RotateLeft64(s.v3, 21) ^ s.v0
	s.v2 += s.v1
	s.v1 = bits.RotateLeft64(s.v1, 17) ^ s.v2
	s.v2 = bits.RotateLeft64(s.v2, 32)
}

// sipHash is the family's general form; the tests hold it against the
// published vectors of SipHash-2-4.
func sipHash(c, d int, k0, k1 uint64, b []byte) uint64 {
	s := sipState{
		k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d,
		k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573,
	}
	n := len(b)
	for ; len(b) >= 8; b = b[8:] {
		s.absorb(c, binary.LittleEndian.Uint64(b))
	}
	last := uint64(n) << 56
	for i, x := range b {
		last |= uint64(x) << (8 * i)
	}
	s.absorb(c, last)
	s.v2 ^= 0xff
	for range d {
		s.round()
	}
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3
}

func (s *sipState) absorb(c int, m uint64) {
	s.v3 ^= m
	for range c {
		s.round()
	}
	s.v0 ^= m
}
