package module

// CoreHash is the hash that SER's tables use, of two texts: four bytes at a time,
// folded. A byte above 127 counts as a negative number.
func CoreHash(x, y string) uint32 {
	h := hashPart(x) + hashPart(y)
	return h + h>>11 + h>>13 + h>>23
}

func hashPart(s string) (h uint32) {
	for len(s) > 0 {
		var v uint32
		n := min(4, len(s))
		for i := range n {
			v = v<<8 + uint32(int8(s[i]))
		}
		h += v ^ v>>3
		s = s[n:]
	}
	return h
}
