package sip

import (
	"strings"
	"testing"
)

// within fails unless part is a view of raw at at.
func within(t *testing.T, raw, part string, at int) {
	t.Helper()
	if at < 0 || at+len(part) > len(raw) || raw[at:at+len(part)] != part {
		t.Fatalf("%q is not at %d", part, at)
	}
}

func FuzzParse(f *testing.F) {
	for _, row := range readTorture(f) {
		f.Add(row.raw)
	}
	for _, s := range []string{optionsText, inviteText, replyText, plain, plainReply, small} {
		f.Add(s)
		f.Add(strings.ReplaceAll(s, "\r\n", "\n"))
	}
	for _, shape := range shapes {
		f.Add(shape(200))
	}
	var m, back Msg
	buf := make([]byte, 0, 1<<17)
	f.Fuzz(func(t *testing.T, raw string) {
		buf = touch(&m, raw, buf)
		checkOffsets(t, &m)
		err := m.Parse(raw)
		if err != nil || Check(&m) != nil {
			return
		}
		if m.IsRequest {
			checkForward(t, &m, &back)
			checkReply(t, &m, &back)
		} else if len(m.vias) > 1 {
			checkReplyForward(t, &m, &back)
		}
	})
}

func checkOffsets(t *testing.T, m *Msg) {
	at := m.HeadersStart()
	for i := range m.Headers {
		h := &m.Headers[i]
		within(t, m.Raw, h.Body, h.BodyStart)
		if h.Start != at || h.End <= h.Start || h.BodyStart < h.Start || h.BodyEnd() > h.End {
			t.Fatalf("header %+v, want start %d", h, at)
		}
		at = h.End
	}
	within(t, m.Raw, m.Body, m.BodyStart())
	vias, _ := m.Vias()
	for i := range vias {
		v := &vias[i]
		within(t, m.Raw, m.Raw[v.Start:v.End], v.Start)
	}
	for it := m.Routes(); it.Next(); {
		within(t, m.Raw, it.Text, it.Start)
		s := it.cut()
		within(t, m.Raw, m.Raw[s.Start:s.End], s.Start)
	}
}

// checkForward: what is forwarded passes our own checks, with one Via more and all else the same.
func checkForward(t *testing.T, m, back *Msg) {
	fwd := Forward{Via: OwnVia{Transport: "UDP", SentBy: "192.0.2.1", Branch: "z9hG4bK1"}, Fix: ViaFix{"192.0.2.9", 5070}, Hops: HopsDecrement}
	out := string(AppendForward(nil, m, nil, &fwd))
	back.Limits = Limits{MaxHeaderBytes: 1 << 20, MaxHeaders: 1 << 10, MaxVias: 71}
	if err := back.Parse(out); err != nil {
		t.Fatalf("%v\n%q", err, out)
	}
	if e := Check(back); e != nil {
		t.Fatalf("%v\n%q", e, out)
	}
	extra := 1
	if m.First(HdrMaxForwards) == nil {
		extra = 2
	}
	v, err := back.Via(1)
	if back.RURI != m.RURI || back.Body != m.Body || len(back.Headers) != len(m.Headers)+extra ||
		err != nil || v.Received != "192.0.2.9" || v.Rport != 5070 {
		t.Fatalf("%v\n%q", err, out)
	}
	fwd2 := Forward{Via: fwd.Via, RURI: back.RURI}
	again := new(Msg)
	again.Limits = back.Limits
	if err := again.Parse(string(AppendForward(nil, back, nil, &fwd2))); err != nil || again.RURI != m.RURI || len(again.Headers) != len(back.Headers)+1 {
		t.Fatalf("not stable: %v\n%q", err, again.Raw)
	}
}

// checkReply: the reply parses and names the same transaction.
func checkReply(t *testing.T, m, back *Msg) {
	out := string(AppendReply(nil, m, &Reply{Code: 200, Reason: "OK", ToTag: "t", Fix: ViaFix{"192.0.2.9", 5070}, RecordRoute: true}))
	back.Limits = Limits{MaxHeaderBytes: 1 << 20}
	if err := back.Parse(out); err != nil {
		t.Fatalf("%v\n%q", err, out)
	}
	want, e1 := m.CSeq()
	got, e2 := back.CSeq()
	to, e3 := back.To()
	v, e4 := back.Via(0)
	if e1 != nil || e2 != nil || e3 != nil || e4 != nil || *want != *got || to.Tag == "" && m.to.Params == "" ||
		v.Received != "192.0.2.9" || back.CallID() != m.CallID() || back.Count(HdrVia) != m.Count(HdrVia) {
		t.Fatalf("%v %v %v %v\n%q", e1, e2, e3, e4, out)
	}
}

// checkReplyForward: a passed-on reply has lost exactly its top Via.
func checkReplyForward(t *testing.T, m, back *Msg) {
	out := string(AppendReplyForward(nil, m, nil))
	if err := back.Parse(out); err != nil {
		t.Fatalf("%v\n%q", err, out)
	}
	want, err := m.Via(1)
	if err != nil {
		return
	}
	got, err := back.Via(0)
	if err != nil || got.Host != want.Host || got.Branch != want.Branch || back.StatusCode != m.StatusCode || back.Body != m.Body {
		t.Fatalf("%v\n%q", err, out)
	}
}

func FuzzURI(f *testing.F) {
	for _, s := range []string{"sip:a:b@h:1;x=y;z?q=r&s", "sips:[::1]:5061", "tel:+1-2;ext=3", "soap.beep://h:1", "sip:%61@h;transport=tcp", "sip:;?@h"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		var u, v URI
		errU, errV := ParseURI(a, &u), ParseURI(b, &v)
		u.Param("x")
		u.Header("x")
		u.Transport()
		AppendUnescaped(nil, u.User)
		if errU != nil || errV != nil {
			return
		}
		if !u.Equal(&u) || u.Equal(&v) != v.Equal(&u) {
			t.Fatalf("equality of %q and %q", a, b)
		}
		var w URI
		if err := ParseURI(string(u.Append(nil)), &w); err != nil || w != u {
			t.Fatalf("%q: printed %q, %v", a, u.Append(nil), err)
		}
	})
}

func FuzzVia(f *testing.F) {
	for _, s := range []string{"SIP/2.0/UDP h:5060;branch=z9hG4bK;rport;received=1.2.3.4", "SIP / 2.0 / TCP [::1] : 1 ; ttl=1;maddr=h (c)", "a/b/c d;alias;i=1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var v, w Via
		if ParseVia(s, &v) != nil {
			return
		}
		fix := v.Fix("192.0.2.1", 1, true)
		m := Msg{Raw: s}
		b := builder{m: &m}
		b.fixVia(&v, &fix)
		b.span(0, v.ParamsEnd, false)
		for ; b.iOwn < b.nOwn; b.iOwn++ {
			b.write(&b.own[b.iOwn])
		}
		b.copy(s[v.ParamsEnd:], false)
		if err := ParseVia(string(b.dst), &w); err != nil || w.Received != "192.0.2.1" || w.Rport != 1 || w.Host != v.Host || w.Branch != v.Branch {
			t.Fatalf("%q: fixed %q, %v", s, b.dst, err)
		}
	})
}

func FuzzNameAddr(f *testing.F) {
	for _, s := range []string{`"a\"b" <sip:c>;tag=d`, "sip:a;b=c", "a b <sip:c?d>;e", `<>;a="b;c"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var na, again NameAddr
		if ParseNameAddr(s, &na) != nil {
			return
		}
		if _, ok := na.Param("zz"); ok {
			return
		}
		within(t, s, na.URI, na.URIStart)
		na.Param("tag")
		EachParam(na.Params, func(_, _ string) bool { return true })
		AppendUnquoted(nil, na.Display)
		added := s[:na.ParamsEnd] + ";zz=1" + s[na.ParamsEnd:]
		if err := ParseNameAddr(added, &again); err != nil || again.URI != na.URI || again.Tag != na.Tag || again.Display != na.Display {
			t.Fatalf("%q: %v", added, err)
		}
		if v, ok := again.Param("zz"); !ok || v == "" {
			t.Fatalf("%q: no zz", added)
		}
	})
}
