package supervisor

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// tap is a sink that can be closed for a while.
type tap struct {
	mu   sync.Mutex // held: nobody reads
	text bytes.Buffer
}

func (s *tap) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

func TestPumpCarriesLines(t *testing.T) {
	var s tap
	p, err := newPump(&s)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(fdWriter(p.fd), "one\ntwo\n")
	p.close()
	if got := s.text.String(); got != "one\ntwo\n" {
		t.Errorf("got %q", got)
	}
}

// Nobody reads: the writers go on, the memory is bounded, the loss is told.
func TestPumpNeverStopsAWriter(t *testing.T) {
	var s tap
	p, err := newPump(&s)
	if err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	line := []byte(strings.Repeat("x", 999) + "\n")
	start := time.Now()
	sent := 0
	for range 5000 { // 5 MB, five times the room
		for unix.EAGAIN == write(p.fd, line) {
			time.Sleep(50 * time.Microsecond) // the pump empties the pipe
		}
		sent++
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("writing took %v", took)
	}
	if held := p.held.Load(); held > pumpRoom {
		t.Errorf("%d bytes wait, at most %d may", held, pumpRoom)
	}
	s.mu.Unlock()
	p.close()
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := strings.Count(s.text.String(), "\n"); n < 500 || n >= sent {
		t.Errorf("%d of %d lines arrived", n, sent)
	}
	if p.lost.Load() == 0 && !strings.Contains(s.text.String(), "lines lost here") {
		t.Error("the loss is neither told nor counted")
	}
}

func TestPumpClosesAlthoughNobodyReads(t *testing.T) {
	var s tap
	p, _ := newPump(&s)
	s.mu.Lock()
	defer s.mu.Unlock()
	io.WriteString(fdWriter(p.fd), "stuck\n")
	start := time.Now()
	p.close()
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("closing took %v", took)
	}
}

func TestLineSink(t *testing.T) {
	var got []string
	l := &lineSink{line: func(s string) { got = append(got, s) }}
	long := strings.Repeat("y", longestLine+10)
	for _, s := range []string{"pan", "ic: x\n\ngoroutine 1\n", long, "\nend", "\n"} {
		io.WriteString(l, s)
	}
	want := []string{"panic: x", "goroutine 1", strings.Repeat("y", longestLine), "end"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

type fdWriter int

func (w fdWriter) Write(b []byte) (int, error) { return len(b), write(int(w), b) }

func write(fd int, b []byte) error {
	n, err := unix.Write(fd, b)
	if err == nil && n != len(b) {
		return fmt.Errorf("wrote %d of %d", n, len(b))
	}
	return err
}
