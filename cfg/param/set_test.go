package param

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSet(t *testing.T) {
	cases := []struct {
		name string
		val  Value
		num  int
		text string
		err  string
	}{
		{"children", Num(16), 16, "", ""},
		{"children", Bare("yes"), 1, "", ""}, // the language's yes is a number
		{"children", Bare("abc"), 0, "", `children: number expected, got "abc"; write children=8`},
		{"children", Str("4"), 0, "", `children: number expected, got "4"; write children=8`},
		{"children", Num(-1), 0, "", `children: number without sign expected, got -1; write children=8`},
		{"children", Num(1 << 31), 0, "", `children: number of 32 bits expected, got 2147483648; write children=8`},
		{"children", Value{}, 0, "", `children: number expected, got nothing; write children=8`},
		{"exit_timeout", Str("x"), 0, "", `exit_timeout: number expected, got "x"; write exit_timeout=60 (in s)`},
		{"debug", Num(-6), -6, "", ""},
		{"debug", Num(-1 << 31), -1 << 31, "", ""},
		{"fork", Num(0), 0, "", ""},
		{"fork", Num(2), 1, "", ""},
		{"fork", Bare("enable"), 1, "", ""},
		{"fork", Bare("disable"), 0, "", ""},
		{"fork", Bare("true"), 1, "", ""},
		{"fork", Bare("false"), 0, "", ""},
		{"fork", Bare("on"), 1, "", ""},
		{"fork", Bare("off"), 0, "", ""},
		{"fork", Bare("Yes"), 0, "", `fork: boolean expected, got "Yes"; write yes or no, without quotes`},
		{"fork", Str("yes"), 0, "", `fork: boolean expected, got "yes"; write yes or no, without quotes`},
		{"ser_kill_timeout", Num(5), 5, "", ""},
		{"server_header", Str("Server: x"), 0, "Server: x", ""},
		{"server_header", Str(""), 0, "", ""},
		{"server_header", Bare("foo"), 0, "", `server_header: string expected, got "foo"; write it in quotes: "foo"`},
		{"server_header", Str("Server: x\r\nEvil: y"), 0, "", `server_header: string of one line expected, got "Server: x\r\nEvil: y"`},
		{"user", Bare("ser"), 0, "ser", ""},
		{"uid", Str("ser"), 0, "ser", ""},
		{"user", Num(1000), 0, "", `user: string or name expected, got 1000; write it in quotes: "1000"`},
		{"log_facility", Bare("LOG_LOCAL7"), 23 << 3, "LOG_LOCAL7", ""},
		{"log_facility", Str("LOG_KERN"), 0, "LOG_KERN", ""},
		{"tcp_poll_method", Str("/dev/poll"), 7, "/dev/poll", ""},
		{"tcp_poll_method", Bare("epoll"), 0, "", `tcp_poll_method: name expected, got "epoll"; ` +
			`write one of none, poll, epoll_lt, epoll_et, sigio_rt, select, kqueue, /dev/poll`},
		{"udp_mtu_try_proto", Bare("tcp"), 2, "TCP", ""},
		{"udp_mtu_try_proto", Bare("SCTP"), 4, "SCTP", ""},
		{"udp_mtu_try_proto", Bare("Udp"), 0, "", `udp_mtu_try_proto: protocol expected, got "Udp"; write one of UDP, TCP, TLS, SCTP`},
		{"tos", Num(0xb8), 0xb8, "", ""},
		{"tos", Num(256), 0, "", `tos: number from 0 to 255 expected, got 256`},
		{"tos", Bare("iptos_Throughput"), 8, "IPTOS_THROUGHPUT", ""},
		{"tos", Bare("IPTOS_FOO"), 0, "", `tos: number or name expected, got "IPTOS_FOO"; write one of ` +
			`IPTOS_LOWDELAY, IPTOS_THROUGHPUT, IPTOS_RELIABILITY, IPTOS_MINCOST, IPTOS_LOWCOST`},
		{"advertised_address", Bare("sip.example.org"), 0, "sip.example.org", ""},
		{"advertised_address", Str("[2001:db8::1]"), 0, "[2001:db8::1]", ""},
		{"advertised_address", Num(5), 0, "", `advertised_address: address or host expected, got 5; write an IP address, a host name, or a "string"`},
		{"advertised_port", Num(65536), 0, "", `advertised_port: number from 0 to 65535 expected, got 65536`},
		{"tcp_source_ipv4", Bare("192.0.2.1"), 0, "192.0.2.1", ""},
		{"tcp_source_ipv4", Bare("2001:db8::1"), 0, "", `tcp_source_ipv4: IPv4 address expected, got "2001:db8::1"; write it like 192.0.2.1`},
		{"tcp_source_ipv6", Bare("[2001:DB8::1]"), 0, "2001:db8::1", ""},
		{"tcp_source_ipv6", Bare("2001:db8::1"), 0, "2001:db8::1", ""},
		{"tcp_source_ipv6", Bare("fe80::1%eth0"), 0, "", `tcp_source_ipv6: IPv6 address expected, got "fe80::1%eth0"; write it like [2001:db8::1]`},
		{"tcp_source_ipv6", Bare("192.0.2.1"), 0, "", `tcp_source_ipv6: IPv6 address expected, got "192.0.2.1"; write it like [2001:db8::1]`},
		{"max_vias", Num(0), 0, "", `max_vias: number from 1 to 1024 expected, got 0`},
		{"real_time", Num(7), 7, "", ""},
	}
	for _, c := range cases {
		v := NewValues()
		p := Lookup(c.name)
		err := Set(v, p, c.val)
		if c.err != "" {
			wantError(t, v, p, err, c.err)
			continue
		}
		if err != nil || v.Int(p.ID) != c.num || v.Text(p.ID) != c.text || !v.IsSet(p.ID) {
			t.Errorf("%s = %v: %d %q, error %v; want %d %q", c.name, c.val, v.Int(p.ID), v.Text(p.ID), err, c.num, c.text)
		}
	}
}

func wantError(t *testing.T, v *Values, p *Param, err error, want string) {
	t.Helper()
	var typed *Error
	if !errors.As(err, &typed) {
		t.Errorf("%s: got %v, want %s", p.Name, err, want)
		return
	}
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", p.Name, diff)
	}
	if fresh := NewValues(); v.IsSet(p.ID) || v.Int(p.ID) != fresh.Int(p.ID) || v.Text(p.ID) != fresh.Text(p.ID) {
		t.Errorf("%s: the error changed the value", p.Name)
	}
}

func TestStatementsAndRunTimeNamesCannotBeAssigned(t *testing.T) {
	for _, p := range All() {
		if p.Type != Statement && !p.RTOnly {
			continue
		}
		if err := Set(NewValues(), p, Num(1)); err == nil {
			t.Errorf("%s = 1 is accepted", p.Name)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestPrecedence(t *testing.T) {
	v := NewValues()
	set := func(id ID, val Value) { t.Helper(); must(t, Set(v, Get(id), val)) }
	set(Children, Num(2))
	set(Children, Num(3))
	if v.Int(Children) != 3 {
		t.Errorf("the last assignment counts, got %d", v.Int(Children))
	}
	set(User, Str("first"))
	set(User, Str("second"))
	set(Shm, Num(64))
	set(Shm, Num(128))
	if v.Text(User) != "first" || v.Int(Shm) != 64 {
		t.Errorf("the first assignment counts, got %q and %d", v.Text(User), v.Int(Shm))
	}
	set(DNS, Bare("yes"))
	set(DNS, Bare("no"))
	if !v.Bool(DNS) {
		t.Error("dns=no cleared an earlier yes")
	}
	set(RevDNS, Bare("yes"))
	set(RevDNS, Bare("no"))
	if v.Bool(RevDNS) {
		t.Error("rev_dns=no did not clear an earlier yes")
	}
}

func TestCommandLineWins(t *testing.T) {
	v := NewValues()
	must(t, v.Override(Get(Debug), ParseValue("2")))
	must(t, Set(v, Get(Debug), Num(-1)))
	must(t, Set(v, Get(User), Str("file")))
	must(t, v.Override(Get(User), Bare("cli")))
	must(t, Set(v, Get(User), Str("file")))
	must(t, v.Override(Get(DisableSCTP), Num(1)))
	must(t, Set(v, Get(EnableSCTP), Num(1)))
	if v.Int(Debug) != 2 || v.Text(User) != "cli" || v.Int(EnableSCTP) != 0 {
		t.Errorf("got debug %d, user %q, enable_sctp %d", v.Int(Debug), v.Text(User), v.Int(EnableSCTP))
	}
	if err := Set(v, Get(Debug), Bare("high")); err == nil {
		t.Error("a wrong value passes because the command line has precedence")
	}
}

func TestOpposites(t *testing.T) {
	cases := []struct {
		set      ID
		to       int
		opposite ID
		want     int
	}{
		{EnableTLS, 1, DisableTLS, 0},
		{EnableTLS, 0, DisableTLS, 1},
		{DisableTLS, 1, EnableTLS, 0},
		{DisableTLS, 0, EnableTLS, 1},
		{DisableSCTP, 1, EnableSCTP, 0},
		{DisableSCTP, 0, EnableSCTP, 1},
		{EnableSCTP, 2, DisableSCTP, 0},
		{EnableSCTP, 0, DisableSCTP, 1},
	}
	for _, c := range cases {
		v := NewValues()
		must(t, Set(v, Get(c.set), Num(c.to)))
		if got := v.Int(c.opposite); got != c.want {
			t.Errorf("%s=%d makes %s %d, want %d", Get(c.set).Name, c.to, Get(c.opposite).Name, got, c.want)
		}
	}
}

func TestOutOfRangeWarns(t *testing.T) {
	v := NewValues()
	must(t, Set(v, Get(RealTime), Num(9)))
	want := []Warning{{RealTime, "real_time: 9 is outside 0..7"}}
	if diff := cmp.Diff(want, v.Warnings()); diff != "" || v.Int(RealTime) != 9 {
		t.Errorf("real_time is %d, warnings (-want +got):\n%s", v.Int(RealTime), diff)
	}
}

func TestUnknown(t *testing.T) {
	cases := []struct{ name, want string }{
		{"childern", "childern: unknown core parameter; did you mean children?"},
		{"Children", "Children: unknown core parameter; did you mean children?"},
		{"tcp_keep_alive", "tcp_keep_alive: unknown core parameter; did you mean tcp_keepalive?"},
		{"log-facility", "log-facility: unknown core parameter; did you mean log_facility?"},
		{"mem_lgo", "mem_lgo: unknown core parameter; did you mean memlog?"},
		{"lisen", "lisen: unknown core parameter; did you mean listen?"},
		{"mygroup.thing", "mygroup.thing: unknown core parameter; declare a variable of your own as group.name = value"},
		{"zzz", "zzz: unknown core parameter"},
		{"mem_dump_shm", "mem_dump_shm: unknown core parameter"},
		{strings.Repeat("children", 100), strings.Repeat("children", 10) + "...: unknown core parameter"},
	}
	for _, c := range cases {
		if got := Unknown(c.name).Error(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func TestReadingCostsNothing(t *testing.T) {
	v := NewValues()
	sum := 0
	if n := testing.AllocsPerRun(100, func() { sum += v.Int(Children) + len(v.Text(Workdir)) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzSet assigns any text to any parameter.
func FuzzSet(f *testing.F) {
	for _, s := range []string{"yes", "0x10", "-1", "[::1]", "LOG_DAEMON", "udp", "1.2.3.4", "", "\x00", "11b", "99999999999"} {
		f.Add(uint8(3), uint8(2), s)
	}
	f.Fuzz(func(t *testing.T, id, kind uint8, text string) {
		p := Get(ID(id) % count)
		val := Value{Kind: Kind(kind % 4), Text: text}
		if val.Kind == Number {
			val, _ = Num(len(text)*int(id)*1e6), text
		}
		if kind >= 128 {
			val = ParseValue(text)
		}
		v := NewValues()
		err := Set(v, p, val)
		v.Finish()
		if err == nil && p.Strict && !v.inRange(p) {
			t.Errorf("%s = %v: %d is out of range", p.Name, val, v.Int(p.ID))
		}
		if err != nil && len(err.Error()) > 1200 {
			t.Errorf("%s: an error of %d bytes", p.Name, len(err.Error()))
		}
		Suggest(text)
		_, _ = CheckRT(p, val, Running{Now: v, Start: v})
	})
}

func (v *Values) inRange(p *Param) bool {
	return !outside(v.Int(p.ID), p.Min, p.Max) || v.Int(p.ID) == p.Default.Num
}
