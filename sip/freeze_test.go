package sip

import "testing"

const frozenInvite = "INVITE sip:b@example.org SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n" +
	"From: <sip:a@example.org>;tag=1\r\nTo: <sip:b@example.org>\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\nContent-Length: 4\r\n\r\nbody"

// Changes that were frozen and loaded write the same message.
func TestFreezeEdits(t *testing.T) {
	for name, change := range map[string]func(m *Msg, e *Edits){
		"none":    func(*Msg, *Edits) {},
		"insert":  func(m *Msg, e *Edits) { e.PrependHeader(m, "X: 1\r\n"); e.AppendHeader(m, "Y: 2\r\n") },
		"scratch": func(m *Msg, e *Edits) { e.InsertAfterBytes(m.HeadersEnd(), []byte("Z: 3\r\n")) },
		"delete":  func(m *Msg, e *Edits) { e.DeleteHeader(m.First(HdrCallID)) },
		"body":    func(m *Msg, e *Edits) { e.SetBody("another one") },
		"above": func(m *Msg, e *Edits) {
			e.InsertAbove(m.HeadersStart(), "A: 1\r\n")
			e.InsertAbove(m.HeadersStart(), "B: 1\r\n")
		},
	} {
		var m Msg
		var e, f, g Edits
		if err := m.Parse(frozenInvite); err != nil {
			t.Fatal(err)
		}
		change(&m, &e)
		bin := string(e.AppendBinary(nil))
		if !f.LoadBinary(bin, len(m.Raw)) {
			t.Fatalf("%s: damaged", name)
		}
		g.CopyFrom(&f)
		want := string(e.AppendTo(nil, &m))
		for _, got := range []string{string(f.AppendTo(nil, &m)), string(g.AppendTo(nil, &m))} {
			if got != want {
				t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
			}
		}
		f.AppendHeader(&m, "Later: 1\r\n")
		if g.Len() != e.Len() {
			t.Errorf("%s: the copy changed with the original", name)
		}
	}
}

func FuzzLoadBinary(f *testing.F) {
	var m Msg
	_ = m.Parse(frozenInvite)
	var e Edits
	e.SetBody("x")
	e.AppendHeader(&m, "X: 1\r\n")
	e.InsertAfterBytes(m.HeadersEnd(), []byte("Z: 3\r\n"))
	f.Add(string(e.AppendBinary(nil)))
	f.Fuzz(func(t *testing.T, s string) {
		var m Msg
		_ = m.Parse(frozenInvite)
		var e Edits
		if e.LoadBinary(s, len(m.Raw)) {
			_ = e.AppendTo(nil, &m)
		} else if e.Len() != 0 {
			t.Error("damaged, and not empty")
		}
	})
}
