package rr

import (
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"goser/cfg/check"
	"goser/worker/module"
	"goser/worker/module/moduletest"
)

// server listens where testdata/loose.txt says.
func server(t testing.TB) *site {
	s := &site{Env: moduletest.New(t)}
	s.first = s.Request(moduletest.Options).Recv.Socket
	s.first.Addr, s.first.SentBy = netip.MustParseAddrPort("127.0.0.1:35060"), "127.0.0.1:35060"
	s.second = s.Listen("127.0.0.1:35061")
	s.six = s.Listen("[::1]:35060")
	s.tcp = s.Listen("127.0.0.1:35060")
	s.tcp.Proto = check.ProtoTCP
	s.Names["me.example"] = true
	return s
}

type site struct {
	*moduletest.Env
	first, second, six, tcp *module.Socket
}

// looseCase is one case of testdata/loose.txt.
type looseCase struct {
	title, uri, mode, from, to string
	routes, want               []string
}

func looseCases(t *testing.T) []looseCase {
	data, err := os.ReadFile("testdata/loose.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []looseCase
	for _, block := range strings.Split(string(data), "\n\n")[1:] {
		tc := looseCase{from: "<sip:a@h.example>;tag=ft"}
		for _, line := range strings.Split(strings.TrimSpace(block), "\n") {
			key, rest, _ := strings.Cut(line, " ")
			switch key {
			case "#":
				if tc.title == "" {
					tc.title = rest
				}
			case "uri":
				tc.uri, tc.mode, _ = strings.Cut(rest, " ")
			case "from":
				tc.from = rest
			case "to":
				tc.to = rest
			case "route":
				tc.routes = append(tc.routes, "Route: "+rest+"\n")
			case "=", ">":
				tc.want = append(tc.want, line)
			}
		}
		if tc.uri != "" {
			all = append(all, tc)
		}
	}
	return all
}

func (tc *looseCase) text() string {
	return "BYE " + tc.uri + " SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.7:5070;branch=z9hG4bK1\nMax-Forwards: 70\nFrom: " + tc.from +
		"\nTo: " + tc.to + "\nCall-ID: c\nCSeq: 1 BYE\n" + strings.Join(tc.routes, "") + "Content-Length: 0\n\n"
}

func (tc *looseCase) run(e *site, c *module.Ctx) int {
	switch tc.mode {
	case "du":
		c.Dest.Next = "sip:192.0.2.55"
	case "fs":
		c.Dest.Socket = e.second
	case "ruri":
		c.SetURI("sip:127.0.0.1:35060;lr;new=1")
	case "pre":
		return looseRoutePreloaded(c, nil)
	case "mode1":
		return follow(c, false)
	}
	return looseRoute(c, nil)
}

// said is what happened, in the words of testdata/loose.txt.
func said(c *module.Ctx, rc int) []string {
	dash := func(s string) string {
		if s == "" {
			return "-"
		}
		return s
	}
	fs := "-"
	if s := c.Dest.Socket; s != nil {
		fs = fmt.Sprintf("%s:%v", strings.TrimPrefix(transport(s.Proto)+"udp", ";transport="), s.Addr)
		fs = strings.Replace(fs, "tcpudp", "tcp", 1)
	}
	matches := ""
	for _, re := range [][2]string{{"nat=yes", "nat "}, {"NAT=Y", "NAT "}, {"^;", "semi "}} {
		if call(c, checkParam, expr(re[0])) == 1 {
			matches += re[1]
		}
	}
	get := func(f func(*module.Ctx, *module.Ref) module.Value, inner string) string {
		return dash(c.Text(f(c, &module.Ref{Inner: inner})))
	}
	out := []string{fmt.Sprintf("= rc=%d du=%s ru=%s fs=%s route_uri=%s params=%s dir=%s %s %s %s", rc, dash(c.Dest.Next), c.RequestURI(),
		fs, get(routeURI, ""), dash(matches), get(direction, "name"), get(direction, "id"),
		get(initialTag(false), ""), get(initialTag(true), ""))}
	for _, line := range strings.Split(string(c.Edits.AppendTo(nil, &c.SIP)), "\r\n") {
		if rest, ok := strings.CutPrefix(line, "Route: "); ok {
			out = append(out, strings.TrimSpace("> "+rest))
		}
	}
	return out
}

func expr(s string) any {
	re, err := fixRegexp([]check.Arg{{Str: s}})
	if err != nil {
		panic(err)
	}
	return re
}

func call(c *module.Ctx, f func(*module.Ctx, *module.Args) int, fixed any, args ...string) int {
	a := new(module.Args)
	a.Init(make([]check.Arg, len(args)), nil, fixed)
	for i, s := range args {
		a.Set(i, module.StrValue(s))
	}
	return f(c, a)
}

func TestLooseRoute(t *testing.T) {
	cases := looseCases(t)
	if len(cases) < 130 {
		t.Fatalf("%d cases found", len(cases))
	}
	for _, tc := range cases {
		t.Run(tc.title, func(t *testing.T) {
			e := server(t)
			c := e.Request(tc.text())
			rc := tc.run(e, c)
			if d := cmp.Diff(tc.want, said(c, rc)); d != "" {
				t.Errorf("%s (-want +got):\n%s", tc.text(), d)
			}
			n, before := c.Edits.Len(), c.RequestURI()
			if tc.mode != "ruri" && rc > 0 && (tc.run(e, c) != rc || c.Edits.Len() != n || c.RequestURI() != before) {
				t.Error("a second call does something else")
			}
		})
	}
}
