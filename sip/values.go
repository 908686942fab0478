package sip

import "strings"

// ValueIter walks the comma-separated values of all headers of one type, in order:
//
//	for it := m.Values(sip.HdrRoute); it.Next(); {
//		use(it.Text)
//	}
//
// Commas in quoted strings and angle brackets separate nothing; empty values are passed over.
type ValueIter struct {
	Text       string  // the value, trimmed
	Start, End int     // where it stands in Msg.Raw
	Header     *Header // where it stands

	m    *Msg
	next *Header
	pos  int
}

// Values walks the headers of type t; for HdrOther use ValuesOf.
func (m *Msg) Values(t HeaderType) ValueIter { return ValueIter{m: m, next: m.First(t)} }

// Contacts walks the Contact values, Routes the Route values, RecordRoutes the Record-Route
// values, ProxyRequires the option tags of Proxy-Require.
func (m *Msg) Contacts() ValueIter { return m.Values(HdrContact) }

// Routes walks the Route values.
func (m *Msg) Routes() ValueIter { return m.Values(HdrRoute) }

// RecordRoutes walks the Record-Route values.
func (m *Msg) RecordRoutes() ValueIter { return m.Values(HdrRecordRoute) }

// ProxyRequires walks the option tags of Proxy-Require.
func (m *Msg) ProxyRequires() ValueIter { return m.Values(HdrProxyRequire) }

// Next moves to the next value; false when there is none.
func (it *ValueIter) Next() bool {
	for {
		if it.Header == nil || it.pos >= it.Header.BodyEnd() {
			if it.next == nil {
				return false
			}
			it.Header, it.pos = it.next, it.next.BodyStart
			it.next = it.m.Next(it.Header)
			continue
		}
		raw, end := it.m.Raw, it.Header.BodyEnd()
		comma := valueEnd(raw, it.pos, end)
		i, j := trim(raw, it.pos, comma)
		it.pos = comma + 1
		if i < j {
			it.Start, it.End, it.Text = i, j, raw[i:j]
			return true
		}
	}
}

// Addr parses the value as name-addr; offsets in it are those of Msg.Raw.
func (it *ValueIter) Addr(na *NameAddr) error {
	return parseNameAddr(it.m.Raw, it.Start, it.End, na)
}

// cut is what to delete so that the value is gone: the header, when it is the only value in it,
// else the value with one comma.
func (it *ValueIter) cut() Span {
	h, raw := it.Header, it.m.Raw
	if it.pos < h.BodyEnd() {
		return Span{it.Start, skip(raw, it.pos, h.BodyEnd(), clSpace)}
	}
	i := it.Start
	for i > h.BodyStart && class[raw[i-1]]&clSpace != 0 {
		i--
	}
	if i == h.BodyStart {
		return Span{h.Start, h.End}
	}
	return Span{i - 1, it.End}
}

// valueEnd finds the comma that ends the value at i, or end.
func valueEnd(s string, i, end int) int {
	for {
		if i = skipMany(s, i, end, clListed); i >= end {
			return end
		}
		switch s[i] {
		case ',':
			return i
		case '"':
			if i = skipQuoted(s, i, end); i < 0 {
				return end
			}
		case '<':
			n := strings.IndexByte(s[i:end], '>')
			if n < 0 {
				return end
			}
			i += n + 1
		}
	}
}

// moreThan says whether there are more than top values of type t.
func (m *Msg) moreThan(t HeaderType, top int) bool {
	most := 0
	for h := m.First(t); h != nil; h = m.Next(h) {
		most += 1 + len(h.Body)/2 // a value and its comma are two bytes at least
	}
	if most <= top {
		return false
	}
	most = 0
	for h := m.First(t); h != nil; h = m.Next(h) {
		most += 1 + strings.Count(h.Body, ",")
	}
	return most > top && m.countValues(t, top) > top
}

// countValues is the number of values of type t, counted no further than top+1.
func (m *Msg) countValues(t HeaderType, top int) int {
	n := 0
	for it := m.Values(t); n <= top && it.Next(); n++ {
	}
	return n
}
