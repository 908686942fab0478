package supervisor

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"goser/worker/logger"
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
	p, err := newPump(plainly(&s))
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
	p, err := newPump(plainly(&s))
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
	p, _ := newPump(plainly(&s))
	s.mu.Lock()
	defer s.mu.Unlock()
	io.WriteString(fdWriter(p.fd), "stuck\n")
	start := time.Now()
	p.close()
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("closing took %v", took)
	}
}

// What comes in pieces, as the runtime writes the trace of a panic, is put
// together by writer; lines of the log between the pieces stay whole.
func TestPumpKeepsWritersApart(t *testing.T) {
	var got []entry
	p, err := newPump(func(e entry) { got = append(got, e) })
	if err != nil {
		t.Fatal(err)
	}
	pid := os.Getpid()
	line := fmt.Sprintf(" 3(%d) ERROR: whole\n", pid)
	object := `{"time":"2026-01-02T03:04:05Z","message":"m"}` + "\n"
	long := strings.Repeat("y", rawLine+10)
	for _, s := range []string{"pan", line, "ic: x\n\ngoro", object, "utine 1\n", long, "\nend"} {
		io.WriteString(fdWriter(p.fd), s)
	}
	p.close()
	want := []string{
		line, "raw panic: x\n", object, "raw goroutine 1\n", "raw " + long[:rawLine] + "\n",
		"raw " + long[rawLine:] + "\n", "raw end\n",
	}
	var lines []string
	for _, e := range got {
		s := string(e.text)
		if e.raw {
			s = "raw " + s
		}
		lines = append(lines, s)
		if e.pid != pid {
			t.Errorf("%q comes from %d, want %d", e.text, e.pid, pid)
		}
	}
	if d := cmp.Diff(want, lines); d != "" {
		t.Error(d)
	}
}

// A line far longer than what a pipe takes whole arrives whole.
func TestPumpTakesLongLines(t *testing.T) {
	var got []entry
	p, err := newPump(func(e entry) { got = append(got, e) })
	if err != nil {
		t.Fatal(err)
	}
	h := logger.New(logger.Options{Stderr: true, FD: p.fd})
	text := strings.Repeat("z", 60000)
	h.Line(logger.Err, "", text)
	p.close()
	if len(got) != 1 || got[0].raw || !strings.HasSuffix(string(got[0].text), ": "+text+"\n") {
		t.Errorf("got %d lines", len(got))
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

// Many processes write at once, long lines and short ones: each object arrives
// whole.
func TestPumpNeverMixesLines(t *testing.T) {
	var got [][]byte
	p, err := newPump(func(e entry) { got = append(got, e.text) })
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			h := logger.New(logger.Options{Index: i, Stderr: true, FD: p.fd, Engine: logger.Engine{JSON: true}}).Patient()
			for n := range 100 {
				size := n
				if n%10 == 0 {
					size = n * 90
				}
				h.Line(logger.Err, "", strings.Repeat(string(rune('a'+i)), size))
			}
		})
	}
	wg.Wait()
	p.close()
	for _, b := range got {
		var o struct{ Message string }
		if err := json.Unmarshal(b, &o); err != nil {
			t.Fatalf("%v in %.100q", err, b)
		}
		if o.Message != "" && strings.Trim(o.Message, o.Message[:1]) != "" {
			t.Fatalf("mixed: %q", o.Message)
		}
	}
	if len(got) != 800 {
		t.Errorf("%d lines arrived, want 800", len(got))
	}
}
