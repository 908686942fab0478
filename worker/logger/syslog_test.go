package logger

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// log_facility and log_name are in what syslog gets; with log_stderror it gets nothing.
func TestFacilityAndName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	defer func(old string) { syslogPath = old }(syslogPath)
	syslogPath = path
	got := func() string {
		buf := make([]byte, 4096)
		_ = l.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
		n, _ := l.Read(buf)
		return string(buf[:n])
	}
	for _, c := range []struct{ facility, name, head, ident string }{
		{"LOG_LOCAL3", "proof", fmt.Sprintf("<%d>", 19<<3|3), " proof["},
		{"LOG_DAEMON", "", fmt.Sprintf("<%d>", 3<<3|3), " ser["},
	} {
		New(Options{Facility: c.facility, Name: c.name}).Line(Err, "", "hello")
		if line := got(); !strings.HasPrefix(line, c.head) || !strings.Contains(line, c.ident) || !strings.Contains(line, "hello") {
			t.Errorf("%s %q: %q", c.facility, c.name, line)
		}
	}
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	New(Options{Stderr: true, FD: int(null.Fd())}).Line(Err, "", "hello")
	if line := got(); line != "" {
		t.Errorf("with log_stderror syslog got %q", line)
	}
}
