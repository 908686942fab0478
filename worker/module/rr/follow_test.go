package rr

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"goser/cfg/check"
	"goser/sip"
	"goser/worker/module"
)

func bye(uri string, routes ...string) string {
	tc := looseCase{uri: uri, from: "<sip:a@h>;tag=zz", to: "<sip:b@h>;tag=tt"}
	for _, r := range routes {
		tc.routes = append(tc.routes, "Route: "+r+"\n")
	}
	return tc.text()
}

// Seen on Kamailio 5.6.3 with force_send_socket=1.
func TestForceSendSocket(t *testing.T) {
	set(t, &forceSend, 1)
	s := server(t)
	for _, tc := range []struct {
		routes []string
		want   *module.Socket
	}{
		{[]string{"<sip:127.0.0.1:35061;lr>"}, s.second},
		{[]string{"<sip:127.0.0.1:35060;lr>"}, s.first},
		{[]string{"<sip:me.example;lr>"}, nil},
		{[]string{"<sip:me.example:35061;lr>"}, nil},
		{[]string{"<sip:127.0.0.1:35061;r2=on;lr>", "<sip:127.0.0.1:35060;r2=on;lr>"}, s.first},
		{[]string{"<sip:127.0.0.1:35061;r2=on;lr>", "<sip:127.0.0.1:35060;transport=tcp;r2=on;lr>"}, s.tcp},
		{[]string{"<sip:192.0.2.1;lr>"}, nil},
	} {
		c := s.Request(bye("sip:b@h.example", tc.routes...))
		if rc := looseRoute(c, nil); rc != 1 || c.Dest.Socket != tc.want {
			t.Errorf("%v: %d, socket %v, want %v", tc.routes, rc, c.Dest.Socket, tc.want)
		}
	}
}

// Seen on Kamailio 5.6.3 with enable_double_rr=0.
func TestNoPairs(t *testing.T) {
	set(t, &double, 0)
	c := server(t).Request(bye("sip:b@h.example", "<sip:127.0.0.1:35061;r2=on;lr>", "<sip:127.0.0.1:35060;r2=on;lr>"))
	if rc := looseRoute(c, nil); rc != 1 || c.Dest.Next != "sip:127.0.0.1:35060;r2=on;lr" || c.Dest.Socket != nil {
		t.Errorf("%d, $du %q, socket %v", rc, c.Dest.Next, c.Dest.Socket)
	}
}

// A parameter of SER's rr: the proxy's own users may have Routes to the proxy's
// address that are not meant for it.
func TestIgnoreUser(t *testing.T) {
	set(t, &ignoreUser, "ign")
	for route, left := range map[string]int{"<sip:ign@127.0.0.1:35060;lr>": 1, "<sip:oth@127.0.0.1:35060;lr>": 0, "<sip:127.0.0.1:35060;lr>": 0} {
		c := server(t).Request(bye("sip:b@h.example", route))
		looseRoute(c, nil)
		if n := strings.Count(string(c.Edits.AppendTo(nil, &c.SIP)), "Route: "); n != left {
			t.Errorf("%s: %d Routes left, want %d", route, n, left)
		}
	}
	c := server(t).Request(bye("sip:ign@127.0.0.1:35060", "<sip:192.0.2.1;lr>", "<sip:c@h>"))
	if looseRoute(c, nil); c.RequestURI() != "sip:ign@127.0.0.1:35060" {
		t.Errorf("the Request-URI became %s", c.RequestURI())
	}
}

// The second of a pair that names no socket: one warning a second, whatever
// strangers send.
func TestMismatchWarning(t *testing.T) {
	s := server(t)
	warned = time.Time{}
	count := func() int { return strings.Count(s.Errors(), "names no socket") }
	raw := bye("sip:b@h.example", "<sip:127.0.0.1:35060;r2=on;lr>", "<sip:192.0.2.1;r2=on;lr>")
	for range 100 {
		if rc := looseRoute(s.Request(raw), nil); rc != 1 {
			t.Fatal(rc)
		}
	}
	if count() != 1 {
		t.Errorf("%d warnings in the same second", count())
	}
	s.Clock = s.Clock.Add(time.Second)
	looseRoute(s.Request(raw), nil)
	if count() != 2 {
		t.Errorf("%d warnings after a second more", count())
	}
	set(t, &mismatchWarn, 0)
	s.Clock = s.Clock.Add(time.Second)
	looseRoute(s.Request(raw), nil)
	if count() != 2 {
		t.Error("a warning although they are switched off")
	}
}

// Before loose_route the first Route counts, if it is ours.
func TestBeforeLooseRoute(t *testing.T) {
	for _, tc := range []struct {
		uri, route string
		match, up  int
	}{
		{"sip:b@h.example", "<sip:127.0.0.1:35060;lr;ftag=ft;nat=yes>", 1, 1},
		{"sip:b@h.example", "<sip:192.0.2.1;lr;nat=yes;ftag=ft>", -1, -1},
		{"sip:127.0.0.1:35060;lr;nat=yes;ftag=ft", "<sip:192.0.2.1;lr>", -1, -1},
	} {
		c := server(t).Request(bye(tc.uri, tc.route))
		if got := invoke(t, c, "check_route_param", "nat=yes"); got != tc.match {
			t.Errorf("%s: check_route_param %d, want %d", tc.route, got, tc.match)
		}
		if got := invoke(t, c, "is_direction", "upstream"); got != tc.up {
			t.Errorf("%s: is_direction %d, want %d", tc.route, got, tc.up)
		}
		if got := invoke(t, c, "is_direction", "Downstream"); got != -tc.up {
			t.Errorf("%s: downstream %d, want %d", tc.route, got, -tc.up)
		}
	}
	if _, err := fixDirection([]check.Arg{{Str: "sideways"}}); err == nil {
		t.Error("sideways is no direction")
	}
	if _, err := fixRegexp([]check.Arg{{Str: "("}}); err == nil {
		t.Error("a bad expression was taken")
	}
}

// What record_route escaped in the tag is found again.
func TestDirectionOfOddTags(t *testing.T) {
	s := server(t)
	for _, tag := range []string{`"f>t"`, "a%zz", "a%41", "a`b~c"} {
		c := s.Request(strings.Replace(invite, "tag=ft", "tag="+tag, 1))
		invoke(t, c, "record_route")
		route := strings.TrimPrefix(sent(c, s.first)[0], "Record-")
		back := strings.Replace(invite, "tag=ft", "tag="+tag, 1)
		c = s.Request(strings.Replace(back, "Call-ID", route+"\nCall-ID", 1))
		if got := invoke(t, c, "is_direction", "downstream"); got != 1 {
			t.Errorf("tag %s, %s: downstream is %d", tag, route, got)
		}
		c = s.Request(strings.Replace(invite, "Call-ID", route+"\nCall-ID", 1))
		if got := invoke(t, c, "is_direction", "upstream"); got != 1 {
			t.Errorf("another tag, %s: upstream is %d", route, got)
		}
	}
}

// Only after loose_route, and only if it left a loose hop. Kamailio 5.6.3 returns
// the same, but for the strict one (1), and leaves $du alone.
func TestNextHopRoute(t *testing.T) {
	s := server(t)
	ours := "<sip:127.0.0.1:35060;lr>"
	for _, tc := range []struct {
		routes []string
		early  bool
		rc     int
		du     string
	}{
		{[]string{ours, "<sip:192.0.2.1;lr>", "<sip:192.0.2.2;lr>"}, false, 1, "sip:192.0.2.1;lr"},
		{[]string{ours, "<sip:192.0.2.1;lr>"}, true, -1, ""},
		{nil, false, -1, ""},
		{[]string{ours}, false, -1, ""},
		{[]string{"<sip:192.0.2.1>"}, false, -1, ""},
	} {
		c := s.Request(bye("sip:b@h.example", tc.routes...))
		if !tc.early {
			looseRoute(c, nil)
			c.Dest.Next = ""
		}
		if rc := nextHop(c, nil); rc != tc.rc || c.Dest.Next != tc.du {
			t.Errorf("%v: %d, $du %q; want %d, %q", tc.routes, rc, c.Dest.Next, tc.rc, tc.du)
		}
	}
}

func TestRecordCounts(t *testing.T) {
	for _, tc := range []struct {
		lines      string
		count, top int32
	}{
		{"", 0, 0},
		{"Record-Route: <sip:192.0.2.1;lr>\n", 1, 1},
		{"Record-Route: <sip:192.0.2.1;r2=on;lr>, <sip:192.0.2.2;r2=on;lr>\nRecord-Route: <sip:192.0.2.3;lr>\n", 3, 2},
		{"Record-Route: junk\n", 1, 1},
	} {
		c := server(t).Request(strings.Replace(invite, "Call-ID", tc.lines+"Call-ID", 1))
		if n, top := recordCount(c, nil), recordTopCount(c, nil); n.Int != tc.count || top.Int != tc.top {
			t.Errorf("%q: %d, %d; want %d, %d", tc.lines, n.Int, top.Int, tc.count, tc.top)
		}
	}
}

// cutRoutes, whatever the layout of the headers, against taking values out of
// a list.
func TestCutRoutes(t *testing.T) {
	s := server(t)
	rapid.Check(t, func(rt *rapid.T) {
		var (
			all     []string
			headers []string
		)
		for range rapid.IntRange(1, 4).Draw(rt, "headers") {
			var vs []string
			for range rapid.IntRange(1, 4).Draw(rt, "values") {
				v := fmt.Sprintf("<sip:h%d;lr>", len(all))
				all, vs = append(all, v), append(vs, v)
			}
			headers = append(headers, strings.Join(vs, rapid.SampledFrom([]string{",", ", ", " , "}).Draw(rt, "comma")))
		}
		n, last := rapid.IntRange(0, len(all)).Draw(rt, "first"), rapid.Bool().Draw(rt, "last")
		c := s.Request(bye("sip:b@h.example", headers...))
		cutRoutes(c, n, last)
		want := all[n:]
		if last && len(want) > 0 {
			want = want[:len(want)-1]
		}
		var m sip.Msg
		out := string(c.Edits.AppendTo(nil, &c.SIP))
		if err := m.Parse(out); err != nil {
			rt.Fatal(err)
		}
		var got []string
		for it := m.Routes(); it.Next(); {
			got = append(got, it.Text)
		}
		if len(want)+len(got) > 0 && !cmp.Equal(append([]string{}, want...), got) {
			rt.Fatalf("%v, first %d, last %v: left %v\n%s", headers, n, last, got, out)
		}
		for h := m.First(sip.HdrRoute); h != nil; h = m.Next(h) {
			if strings.Trim(h.Body, " ,") == "" {
				rt.Fatalf("%v, first %d, last %v: an empty Route is left\n%s", headers, n, last, out)
			}
		}
	})
}

func TestNoAllocation(t *testing.T) {
	s := server(t)
	s.Quiet = true
	clear(s.Names) // moduletest spends memory on them
	pair := bye("sip:b@h.example", "<sip:127.0.0.1:35061;r2=on;lr;ftag=ft>,<sip:127.0.0.1:35060;r2=on;lr;ftag=ft>", "<sip:192.0.2.1>")
	re := expr("nat=yes")
	one := new(module.Args)
	one.Init(make([]check.Arg, 1), nil, re)
	for name, f := range map[string]func(c *module.Ctx){
		"record": func(c *module.Ctx) { recordRoute(c, new(module.Args)) },
		"follow": func(c *module.Ctx) { looseRoute(c, nil); checkParam(c, one); upstream(c) },
	} {
		raw := map[string]string{"record": invite, "follow": pair}[name]
		c := s.Request(raw)
		recv, text := c.Recv, c.SIP.Raw
		buf := make([]byte, 0, 4096)
		via := sip.Forward{Via: sip.OwnVia{Transport: "UDP", SentBy: "127.0.0.1:35061", Socket: 99}}
		once := func() {
			c.Reset()
			c.Recv = recv
			if c.SIP.Parse(text) != nil {
				t.Fatal("parse")
			}
			f(c)
			buf = sip.AppendForward(buf[:0], &c.SIP, &c.Edits, &via)
		}
		once()
		if n := testing.AllocsPerRun(200, once); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// Routes of a stranger: nothing panics, what leaves is a message again, and the
// work is linear.
func FuzzLooseRoute(f *testing.F) {
	for _, seed := range []string{"<sip:127.0.0.1:35060;lr>", "<sip:127.0.0.1:35060;r2=on;lr>,<sip:1;r2>\nRoute: <sip:a>", "\"<\" <sip:x;lr>;y=\"z", ",,<>", "<sip:>"} {
		f.Add("sip:127.0.0.1:35060;lr;r2=on", seed, true)
		f.Add("sip:b@h", seed, false)
	}
	s := server(f)
	s.Quiet = true
	c := s.Request(invite)
	recv := c.Recv
	f.Fuzz(func(t *testing.T, uri, routes string, tag bool) {
		tc := looseCase{uri: uri, from: "<sip:a@h>;tag=f", to: "<sip:b@h>", routes: []string{"Route: " + routes + "\n"}}
		if tag {
			tc.to += ";tag=t"
		}
		c.Reset()
		c.Recv = recv
		if c.SIP.Parse(strings.ReplaceAll(tc.text(), "\n", "\r\n")) != nil || sip.Check(&c.SIP) != nil {
			return
		}
		before := 0
		for it := c.SIP.Routes(); it.Next(); {
			before++
		}
		rc := looseRoute(c, nil)
		out := string(sip.AppendForward(nil, &c.SIP, &c.Edits, &sip.Forward{RURI: c.Dest.URI, Via: sip.OwnVia{Transport: "UDP", SentBy: "h"}}))
		var m sip.Msg
		if err := m.Parse(out); err != nil {
			t.Fatalf("returned %d; what leaves is no message: %v\n%s", rc, err, out)
		}
		after := 0
		for it := m.Routes(); it.Next(); {
			after++
		}
		if after > before || rc == noRoute && after != before {
			t.Errorf("returned %d; %d Routes became %d", rc, before, after)
		}
	})
}

func BenchmarkLooseRoute(b *testing.B) {
	s := server(b)
	c := s.Request(bye("sip:b@192.0.2.2", "<sip:127.0.0.1:35060;lr;ftag=ft>", "<sip:192.0.2.1;lr>"))
	recv := c.Recv
	for b.Loop() {
		c.Edits.Reset()
		c.RR = module.RouteState{}
		c.Recv = recv
		looseRoute(c, nil)
	}
}
