package sip

import "math/bits"

// Most header names are known at a glance: a name's first letter, last letter and length lead to the
// one known name it can be, and two comparisons of eight bytes say whether it is.

// glance is a known header name as knownName compares it: its first sixteen bytes, and which of their
// bits must agree. Those are all but the one that tells a capital letter from a small one.
type glance struct {
	size     uint8
	text, at [2]uint64
}

// headerIndex finds a type by its name: it stands at the name's place, or, where another has taken
// that, at the next that is free.
type headerIndex struct {
	compact [256]HeaderType
	full    [256]HeaderType
	glances [numHeaderTypes]glance
}

var headersByName = makeHeaderIndex()

func makeHeaderIndex() (x headerIndex) {
	for t := HdrVia; t < numHeaderTypes; t++ {
		n := headerNames[t]
		i := namePlace(n.name[0], n.name[len(n.name)-1], len(n.name))
		for x.full[i] != HdrOther {
			i++
		}
		x.full[i] = t
		x.glances[t] = makeGlance(n.name)
		if n.compact != 0 {
			x.compact[n.compact] = t
			x.compact[n.compact-'a'+'A'] = t
		}
	}
	return x
}

func makeGlance(name string) (g glance) {
	g.size = uint8(len(name))
	for i := range min(len(name), 16) {
		must := byte(0xff)
		if class[name[i]]&clDigit == 0 && name[i] != '-' {
			must = 0xff &^ 0x20
		}
		g.text[i/8] |= uint64(name[i]) << (i % 8 * 8)
		g.at[i/8] |= uint64(must) << (i % 8 * 8)
	}
	return g
}

// namePlace mixes what tells names apart. With these factors only one of all known names finds its
// place taken.
func namePlace(first, last byte, size int) uint8 {
	return (first|0x20)*31 + (last|0x20)*37 + uint8(size)*20
}

// ParseHeaderType knows the full and the compact names; they are the same header (RFC 3261 §7.3.3).
func ParseHeaderType(name string) HeaderType {
	if len(name) == 1 {
		return headersByName.compact[name[0]]
	}
	if name == "" {
		return HdrOther
	}
	for i := namePlace(name[0], name[len(name)-1], len(name)); ; i++ {
		t := headersByName.full[i]
		if t == HdrOther {
			return HdrOther
		}
		if known := headerNames[t].name; known == name || EqualFold(known, name) {
			return t
		}
	}
}

// knownName looks whether s begins with a known header name of 2 to 15 bytes and a colon, and returns the
// name's type and length; HdrOther when it has to be looked at more closely.
func knownName(s string) (t HeaderType, n int) {
	if len(s) < 16 {
		return HdrOther, 0
	}
	x, y := eight(s), eight(s[8:])
	if c := zeros(x ^ ':'*eachByte); c != 0 {
		n = bits.TrailingZeros64(c) / 8
	} else if c = zeros(y ^ ':'*eachByte); c != 0 {
		n = 8 + bits.TrailingZeros64(c)/8
	}
	if n < 2 {
		return HdrOther, 0
	}
	t = headersByName.full[namePlace(byte(x), s[n-1], n)]
	g := &headersByName.glances[t]
	if int(g.size) != n || (x^g.text[0])&g.at[0] != 0 || (y^g.text[1])&g.at[1] != 0 {
		return HdrOther, 0
	}
	return t, n
}
