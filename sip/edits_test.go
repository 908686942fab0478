package sip

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const small = "OPTIONS sip:h SIP/2.0\r\nA: 1\r\nB: 2\r\nContent-Length: 3\r\n\r\nabc"

func parsed(t interface{ Fatal(...any) }, raw string) *Msg {
	m := new(Msg)
	if err := m.Parse(raw); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestEdits(t *testing.T) {
	m := parsed(t, small)
	a, b, l := m.ByName("A"), m.ByName("B"), m.First(HdrContentLength)
	for _, c := range []struct {
		name string
		edit func(e *Edits)
		want string
	}{
		{"nothing", func(*Edits) {}, "A: 1|B: 2|Content-Length: 3||abc"},
		{"prepend in order", func(e *Edits) { e.PrependHeader(m, "X: 1\r\n"); e.PrependHeader(m, "X: 2\r\n") }, "X: 1|X: 2|A: 1|B: 2|Content-Length: 3||abc"},
		{"above", func(e *Edits) {
			e.PrependHeader(m, "X: 1\r\n")
			e.InsertAbove(a.Start, "X: 2\r\n")
			e.InsertAbove(a.Start, "X: 3\r\n")
		}, "X: 3|X: 2|X: 1|A: 1|B: 2|Content-Length: 3||abc"},
		{"append in order", func(e *Edits) { e.AppendHeader(m, "X: 1\r\n"); e.AppendHeader(m, "X: 2\r\n") }, "A: 1|B: 2|Content-Length: 3|X: 1|X: 2||abc"},
		{"after before before", func(e *Edits) { e.InsertBefore(b.Start, "X: 1\r\n"); e.InsertAfter(a.End, "X: 2\r\n") }, "A: 1|X: 2|X: 1|B: 2|Content-Length: 3||abc"},
		{"delete", func(e *Edits) { e.DeleteHeader(b) }, "A: 1|Content-Length: 3||abc"},
		{"delete twice", func(e *Edits) { e.DeleteHeader(b); e.DeleteHeader(b); e.Delete(a.Start, b.Start+1) }, "Content-Length: 3||abc"},
		{"insert at deleted", func(e *Edits) { e.DeleteHeader(b); e.InsertBefore(b.Start, "X: 1\r\n") }, "A: 1|X: 1|Content-Length: 3||abc"},
		{"replace", func(e *Edits) { e.Replace(b.BodyStart, b.BodyEnd(), "22") }, "A: 1|B: 22|Content-Length: 3||abc"},
		{"bytes", func(e *Edits) {
			text := []byte("X: 1\r\n")
			e.InsertBeforeBytes(b.Start, text)
			e.InsertAfterBytes(b.End, text)
			e.ReplaceBytes(b.BodyStart, b.BodyEnd(), text[:1])
			text[0] = '!'
		}, "A: 1|X: 1|B: X|X: 1|Content-Length: 3||abc"},
		{"body replaced", func(e *Edits) { e.SetBody("0123456789") }, "A: 1|B: 2|Content-Length: 10||0123456789"},
		{"body emptied", func(e *Edits) { e.SetBody("") }, "A: 1|B: 2|Content-Length: 0||"},
		{"body edited", func(e *Edits) {
			at := m.BodyStart()
			e.Delete(at+1, at+2)
			e.InsertBefore(at+3, "xyz")
			e.InsertBefore(at, "_")
			e.ReplaceBytes(at+2, at+3, []byte("CC"))
		}, "A: 1|B: 2|Content-Length: 7||_aCCxyz"},
		{"length deleted", func(e *Edits) { e.DeleteHeader(l); e.SetBody("x") }, "A: 1|B: 2||x"},
		{"delete across the border", func(e *Edits) { e.Delete(l.Start, len(small)-1) }, "A: 1|B: 2|abc"},
	} {
		var e Edits
		e.Reset()
		c.edit(&e)
		want := "OPTIONS sip:h SIP/2.0\r\n" + strings.ReplaceAll(c.want, "|", "\r\n")
		if d := cmp.Diff(want, string(e.AppendTo(nil, m))); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}

func TestEditsAddContentLength(t *testing.T) {
	m := parsed(t, "OPTIONS sip:h SIP/2.0\r\nA: 1\r\n\r\n")
	var e Edits
	e.AppendHeader(m, "X: 1\r\n")
	e.SetBody("abc")
	want := "OPTIONS sip:h SIP/2.0\r\nA: 1\r\nContent-Length: 3\r\nX: 1\r\n\r\nabc"
	if got := string(e.AppendTo(nil, m)); got != want || e.Len() != 2 {
		t.Errorf("%q", got)
	}
	if e.Reset(); e.Len() != 0 || (*Edits)(nil).Len() != 0 {
		t.Error("Reset leaves something")
	}
}

func TestDeleteValue(t *testing.T) {
	for i, want := range []string{
		"Route: <b>,\r\n <c>\r\nA: 1\r\nroute: <d>\r\n", "Route: <a>, <c>\r\nA: 1\r\nroute: <d>\r\n",
		"Route: <a>, <b>\r\nA: 1\r\nroute: <d>\r\n", "Route: <a>, <b>,\r\n <c>\r\nA: 1\r\n",
	} {
		const head = "OPTIONS sip:h SIP/2.0\r\n"
		m := parsed(t, head+"Route: <a>, <b>,\r\n <c>\r\nA: 1\r\nroute: <d>\r\n\r\n")
		var e Edits
		it := m.Routes()
		for range i + 1 {
			it.Next()
		}
		e.DeleteValue(&it)
		if got := string(e.AppendTo(nil, m)); got != head+want+"\r\n" {
			t.Errorf("%d: %q", i, got)
		}
	}
}

// naive notes for every offset what is inserted there and what is deleted, and writes it byte by
// byte: the same outcome by another way.
type naive struct {
	deleted         []bool
	after, above    []string
	before, instead []string
}

func newNaive(n int) *naive {
	s := func() []string { return make([]string, n+1) }
	return &naive{make([]bool, n), s(), s(), s(), s()}
}

// text is Raw[from:to) as edited; last says whether what stands at to belongs to it.
func (n *naive) text(m *Msg, from, to int, last bool) string {
	var b strings.Builder
	for i := from; i <= to; i++ {
		if i < to || last {
			b.WriteString(n.after[i] + n.above[i] + n.before[i] + n.instead[i])
		}
		if i < to && !n.deleted[i] {
			b.WriteByte(m.Raw[i])
		}
	}
	return b.String()
}

func (n *naive) draw(t *rapid.T, m *Msg, e *Edits, text string) {
	at := rapid.IntRange(m.HeadersStart(), len(m.Raw)).Draw(t, "at")
	switch rapid.IntRange(0, 4).Draw(t, "kind") {
	case 0:
		e.InsertAfter(at, text)
		n.after[at] += text
	case 1:
		e.InsertAbove(at, text)
		n.above[at] = text + n.above[at]
	case 2:
		e.InsertBefore(at, text)
		n.before[at] += text
	default:
		top := len(m.Raw)
		if at < m.BodyStart() {
			top = m.BodyStart()
		}
		end := rapid.IntRange(at, top).Draw(t, "end")
		e.ReplaceBytes(at, end, []byte(text))
		n.instead[at] += text
		for k := at; k < end; k++ {
			n.deleted[k] = true
		}
	}
}

func TestEditsProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.StringMatching(`[a-z]{0,12}`).Draw(t, "body")
		m := parsed(t, fmt.Sprintf("OPTIONS sip:h SIP/2.0\r\nAB: 12345\r\nC: 6\r\n\r\n%s", body))
		n := newNaive(len(m.Raw))
		var e Edits
		for i := range rapid.IntRange(0, 12).Draw(t, "edits") {
			n.draw(t, m, &e, fmt.Sprintf("<%d>", i))
		}
		wantBody := n.text(m, m.BodyStart(), len(m.Raw), true)
		if len(wantBody) != len(m.Body) {
			i := m.HeadersEnd()
			n.after[i] = fmt.Sprintf("Content-Length: %d\r\n", len(wantBody)) + n.after[i]
		}
		want := m.Raw[:m.HeadersStart()] + n.text(m, m.HeadersStart(), m.BodyStart(), false) + wantBody
		if got := string(e.AppendTo(nil, m)); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}
