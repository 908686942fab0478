package logger

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// written is what f's log writes on a socket that keeps lines apart, as the
// supervisor's does.
func written(t testing.TB, o Options, f func(h *Handler)) []string {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	o.Stderr, o.FD = true, fds[1]
	f(New(o))
	unix.Close(fds[1])
	defer unix.Close(fds[0])
	var lines []string
	buf := make([]byte, 2*longestLine)
	for {
		n, err := unix.Read(fds[0], buf)
		if err != nil || n == 0 {
			return lines
		}
		lines = append(lines, string(buf[:n]))
	}
}

type object struct {
	Time, Level, Role, Module, File, CallID, LogPrefix, Message string
	Idx, Pid, Line                                              int
	Attrs                                                       map[string]string
}

func decode(t testing.TB, line string) (o object) {
	t.Helper()
	if !strings.HasSuffix(line, "}\n") || strings.Count(line, "\n") != 1 || !utf8.ValidString(line) {
		t.Fatalf("not one line of UTF-8: %q", line)
	}
	if err := json.Unmarshal([]byte(line), &o); err != nil {
		t.Fatalf("%v in %q", err, line)
	}
	return o
}

func TestJSON(t *testing.T) {
	o := Options{Index: 7, Role: "udp receiver child=0", Debug: Info, Engine: Engine{JSON: true}}
	lines := written(t, o, func(h *Handler) {
		h.About(`a"b@c`, "")
		h.Line(Notice, "<script>: ", "hello \"you\"\t\n")
		h.Line(Err, "{x} ", "b")
		h.About("", "")
		slog.New(h).With("role", "udp").Error("bad\r\nline\x9b\u2028", "src", "127.0.0.1:5060")
		h.Line(Debug, "", "unseen")
	})
	if len(lines) != 3 {
		t.Fatalf("%d lines, want 3", len(lines))
	}
	a, b, c := decode(t, lines[0]), decode(t, lines[1]), decode(t, lines[2])
	if a.Level != "NOTICE" || a.Message != "hello \"you\"\t" || a.CallID != `a"b@c` || a.Idx != 7 || a.Pid != os.Getpid() ||
		a.Role != "udp receiver child=0" || a.Module != "script" || a.LogPrefix != "" {
		t.Errorf("%+v", a)
	}
	if b.LogPrefix != "{x} " || b.Message != "b" || b.CallID != a.CallID {
		t.Errorf("%+v", b)
	}
	if c.Level != "ERROR" || c.CallID != "" || c.Module != "core" || c.File != "logger/json_test.go" || c.Line == 0 ||
		c.Message != "bad\r\nline\\x9b\u2028" || c.Attrs["src"] != "127.0.0.1:5060" || c.Attrs["role"] != "udp" {
		t.Errorf("%+v", c)
	}
}

// However long the parts are, a line is an object and no longer than is taken
// whole; what is cut is the text.
func TestJSONLong(t *testing.T) {
	long := strings.Repeat("\x01é\"", longestLine)
	lines := written(t, Options{Engine: Engine{JSON: true}}, func(h *Handler) {
		h.About(long, "")
		h.Line(Err, long, long)
		slog.New(h).Error(long, "a", long, "b", long, "c", long, long, long)
	})
	if len(lines) != 2 {
		t.Fatalf("%d lines, want 2", len(lines))
	}
	for _, l := range lines {
		if o := decode(t, l); len(l) > longestLine || !strings.HasSuffix(o.Message, "...") {
			t.Errorf("%d bytes", len(l))
		}
	}
}

func TestParseEngine(t *testing.T) {
	for s, want := range map[string]string{
		"": "", "json": "", "json:": "", "json:aM": "", "xml": "unknown log engine `xml'",
		"json:aQ": "unknown flag `Q'",
	} {
		e, err := ParseEngine(s)
		if want == "" && (err != nil || e.JSON != (s != "")) || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("ParseEngine(%q) = %v, %v", s, e, err)
		}
	}
}

func TestObjects(t *testing.T) {
	var b bytes.Buffer
	w := Objects(&b, "attendant")
	for _, s := range []string{"WARNING: one ", "line\n\nplain\n", `{"time":"x"}` + "\n", "ERROR: end\n"} {
		io.WriteString(w, s)
	}
	var got []string
	for l := range strings.Lines(b.String()) {
		o := decode(t, l)
		got = append(got, o.Level+" "+o.Message)
	}
	if s := strings.Join(got, "|"); s != "WARNING one line|NOTICE plain| |ERROR end" {
		t.Errorf("%q", s)
	}
}

func TestColors(t *testing.T) {
	lines := written(t, Options{Color: true, Debug: Debug}, func(h *Handler) {
		for l := Alert; l <= Debug; l++ {
			h.Line(l, "", "x")
		}
	})
	for i, l := range lines {
		if !strings.HasPrefix(l, "\x1b["+levels[i].color+";49m 0(") || !strings.HasSuffix(l, ": x\x1b[0;39;49m\n") {
			t.Errorf("%q", l)
		}
	}
	if len(lines) != Debug-Alert+1 {
		t.Errorf("%d lines", len(lines))
	}
}

func FuzzJSON(f *testing.F) {
	f.Add("msg", "prefix", "key", "value")
	f.Add("\x00\xff\xc3", "\u2028", "\"", "\\\n")
	f.Fuzz(func(t *testing.T, msg, prefix, key, value string) {
		lines := written(t, Options{Engine: Engine{JSON: true}}, func(h *Handler) {
			h.About(value, "")
			h.Line(Err, prefix, msg)
			slog.New(h).Error(msg, key, value)
		})
		for _, l := range lines {
			decode(t, l)
		}
		if len(lines) != 2 {
			t.Fatalf("%d lines", len(lines))
		}
	})
}
