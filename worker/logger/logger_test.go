package logger

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"
)

func pipeLogger(t *testing.T, debug int) (*Handler, *os.File, *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	return New(Options{Index: 4, Debug: debug, Stderr: true, FD: int(w.Fd())}), r, w
}

func TestLines(t *testing.T) {
	h, r, w := pipeLogger(t, Info)
	log := slog.New(h).With("role", "udp")
	log.Error("bad\x00news\r\nforged: line", "src", "127.0.0.1:5060")
	log.Debug("unseen")
	h.Line(Notice, "<script>: ", "hello\n")
	h.Line(Crit, "", "é\x9b\u2028")
	w.Close()
	got, _ := io.ReadAll(r)
	pid := os.Getpid()
	want := fmt.Sprintf(" 4(%d) ERROR: bad\\x00news\\r\\nforged: line role=udp src=127.0.0.1:5060\n"+
		" 4(%d) NOTICE: <script>: hello\n 4(%d) CRITICAL: é\\x9b\\xe2\\x80\\xa8\n", pid, pid, pid)
	if string(got) != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// A reader that never reads must not stop the writer.
func TestFullPipeDropsAndCounts(t *testing.T) {
	h, r, w := pipeLogger(t, Info)
	done := make(chan struct{})
	go func() {
		for i := 0; i < 2000; i++ {
			h.Line(Err, "", strings.Repeat("x", 200))
		}
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Fatal("the writer waits for a reader")
	}
	if h.Dropped() == 0 {
		t.Fatal("nothing was dropped: the pipe was not full")
	}
	lost := h.Dropped()
	io.CopyN(io.Discard, r, 32768)
	h.Line(Err, "", "after")
	w.Close()
	rest, _ := io.ReadAll(r)
	if want := fmt.Sprintf("after (%d lines lost before)\n", lost); !strings.HasSuffix(string(rest), want) {
		t.Errorf("the loss is not reported: %q", rest[max(0, len(rest)-80):])
	}
}

func TestLongLineIsCut(t *testing.T) {
	h, r, w := pipeLogger(t, Info)
	h.Line(Err, "", strings.Repeat("y", 3*longestPipe))
	w.Close()
	got, _ := io.ReadAll(r)
	if len(got) > longestPipe || !strings.HasSuffix(string(got), "...\n") {
		t.Errorf("%d bytes, end %q", len(got), got[len(got)-8:])
	}
}

func TestLimiter(t *testing.T) {
	l := Limiter{PerSecond: 2}
	now := time.Unix(100, 0)
	var passed int
	for i := 0; i < 10; i++ {
		if ok, _ := l.Allow(now); ok {
			passed++
		}
	}
	if passed != 2 {
		t.Errorf("%d lines in one second, want 2", passed)
	}
	if ok, held := l.Allow(now.Add(time.Second)); !ok || held != 8 {
		t.Errorf("next second: ok=%v held=%d, want true 8", ok, held)
	}
}

func TestLevels(t *testing.T) {
	for l := Alert; l <= Debug; l++ {
		if got := Threshold(Level(l)); got != l {
			t.Errorf("level %d comes back as %d", l, got)
		}
	}
	for _, l := range []struct{ level, sev int }{{-5, 1}, {-3, 2}, {-1, 3}, {0, 4}, {1, 5}, {2, 6}, {3, 7}} {
		if got := severity(l.level); got != l.sev {
			t.Errorf("severity(%d) = %d, want %d", l.level, got, l.sev)
		}
	}
}
