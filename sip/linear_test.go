package sip

import (
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// shapes are what a hostile datagram repeats. Each becomes a whole message of any size, with the
// limits lifted so that all of it is looked at.
var shapes = map[string]func(n int) string{
	"folds":              func(n int) string { return hostile("A: x" + strings.Repeat("\r\n ", n/3)) },
	"folds before colon": func(n int) string { return hostile("A" + strings.Repeat(" ", n)) },
	"quotes in Via":      func(n int) string { return hostile("Via: SIP/2.0/UDP h;a=" + strings.Repeat(`"";a=`, n/5)) },
	"open quotes":        func(n int) string { return hostile("Route: " + strings.Repeat(`",`, n/2)) },
	"escaped quotes":     func(n int) string { return hostile(`Contact: "` + strings.Repeat(`\"`, n/2)) },
	"Via parameters":     func(n int) string { return hostile("Via: SIP/2.0/UDP h" + strings.Repeat(";a", n/2)) },
	"Vias":               func(n int) string { return hostile(strings.Repeat("v:SIP/2.0/UDP h\r\n", n/17) + "A: 1") },
	"Vias in one line":   func(n int) string { return hostile("v:SIP/2.0/UDP h" + strings.Repeat(",SIP/2.0/UDP h", n/14)) },
	"short headers":      func(n int) string { return hostile(strings.Repeat("a:\r\n", n/4) + "A: 1") },
	"no headers":         func(n int) string { return hostile(strings.Repeat("\x00\r\n", n/3) + "A: 1") },
	"nested comments":    func(n int) string { return hostile("Via: SIP/2.0/UDP h " + strings.Repeat("(", n)) },
	"closed comments": func(n int) string {
		return hostile("Via: SIP/2.0/UDP h " + strings.Repeat("(", n/2) + strings.Repeat(")", n/2))
	},
	"open brackets":       func(n int) string { return hostile("Contact: " + strings.Repeat("<", n)) },
	"brackets and commas": func(n int) string { return hostile("Route: " + strings.Repeat("<>,", n/3)) },
	"commas":              func(n int) string { return hostile("Contact: " + strings.Repeat(",", n)) },
	"commas and space":    func(n int) string { return hostile("Contact: " + strings.Repeat(" ,", n/2)) },
	"display name":        func(n int) string { return hostile("To: " + strings.Repeat("a ", n/2)) },
	"addr parameters":     func(n int) string { return hostile("From: <sip:a>" + strings.Repeat(";a=b", n/4)) },
	"digits":              func(n int) string { return hostile("CSeq: " + strings.Repeat("0", n)) },
	"space":               func(n int) string { return hostile("Call-ID: " + strings.Repeat(" ", n)) },
	"CRs":                 func(n int) string { return hostile("A: " + strings.Repeat("\r", n)) },
	"leading line ends":   func(n int) string { return strings.Repeat("\r\n", n/2) + hostile("A: 1") },
	"tags of extensions":  func(n int) string { return hostile("Proxy-Require: " + strings.Repeat("a,", n/2)) },
	"URI parameters":      func(n int) string { return "OPTIONS sip:h" + strings.Repeat(";a", n/2) + " SIP/2.0\r\n\r\n" },
	"URI ports":           func(n int) string { return "OPTIONS sip:" + strings.Repeat(":", n) + " SIP/2.0\r\n\r\n" },
	"IPv6":                func(n int) string { return "OPTIONS sip:[" + strings.Repeat("1:", n/2) + "] SIP/2.0\r\n\r\n" },
	"request line space":  func(n int) string { return "OPTIONS sip:h" + strings.Repeat(" ", n) + " SIP/2.0\r\n\r\n" },
	"body":                func(n int) string { return hostile("Content-Length: 5") + strings.Repeat("\r\n", n/2) },
}

func hostile(line string) string {
	return "REGISTER sip:h SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:a>\r\nTo: <sip:a>\r\nCall-ID: a\r\nCSeq: 1 REGISTER\r\n" + line + "\r\n\r\n"
}

// touch does with a message whatever one can do with it.
func touch(m *Msg, raw string, buf []byte) []byte {
	var na NameAddr
	_ = m.Parse(raw)
	Check(m)
	_, _ = m.Vias()
	_, _ = m.From()
	_, _ = m.To()
	if u, err := m.URI(); err == nil {
		u.Transport()
		u.Equal(u)
		var v URI
		_ = ParseURI("sip:h;b;c", &v)
		u.Equal(&v)
	}
	for t := HdrOther; t < numHeaderTypes; t++ {
		for it := m.Values(t); it.Next(); {
			_ = it.Addr(&na)
			na.Param("none")
		}
	}
	buf = AppendForward(buf[:0], m, nil, &Forward{Via: via1, Fix: ViaFix{"192.0.2.1", 5060}, Hops: HopsDecrement, PopRoute: true})
	buf = AppendReplyForward(buf[:0], m, nil)
	return AppendReply(buf[:0], m, &Reply{Code: 400, Reason: "Bad", RecordRoute: true})
}

// fastest is the least processor time of a few runs: what else the machine does can only make one longer.
func fastest(m *Msg, raw string, buf []byte) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	best := time.Hour
	for range 9 {
		start := threadTime()
		touch(m, raw, buf)
		best = min(best, threadTime()-start)
	}
	return best
}

// threadTime is the processor time of the calling thread.
func threadTime() time.Duration {
	const threadClock = 3 // CLOCK_THREAD_CPUTIME_ID
	var ts syscall.Timespec
	if _, _, errno := syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, threadClock, uintptr(unsafe.Pointer(&ts)), 0); errno != 0 {
		panic(errno)
	}
	return time.Duration(ts.Nano())
}

// TestLinear: eight times the size may cost eight times the time, three times that where the message does
// not fit into the nearest cache any more, and some noise; anything quadratic would cost sixty-four times.
// And no 64 KB cost more than 50 ms.
func TestLinear(t *testing.T) {
	m := Msg{Limits: Limits{MaxHeaders: 1 << 15, MaxHeaderBytes: 1 << 20, MaxVias: 1 << 15, MaxRoutes: 1 << 15, MaxContacts: 1 << 15, MaxURI: 1 << 20}}
	buf := make([]byte, 0, 1<<20)
	for name, shape := range shapes {
		small, large := shape(8<<10), shape(64<<10)
		fastest(&m, large, buf)
		a, b := fastest(&m, small, buf), fastest(&m, large, buf)
		if b > 40*max(a, 20*time.Microsecond) {
			t.Errorf("%s: 8 KB take %v, 64 KB %v", name, a, b)
		}
		if b > 50*time.Millisecond {
			t.Errorf("%s: 64 KB take %v", name, b)
		}
		if testing.Verbose() {
			t.Logf("%-20s 8 KB %8v  64 KB %8v", name, a, b)
		}
	}
}
