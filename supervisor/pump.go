package supervisor

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// pump carries what the processes write on stderr to where it belongs. The
// processes hold a pipe that never makes them wait; the pump empties it
// whatever the other side does. When the other side blocks, up to pumpRoom
// bytes wait for it, and what comes after is dropped and counted.
type pump struct {
	fd    int // write end, non-blocking, for children and our own log
	r     *os.File
	queue chan []byte
	held  atomic.Int64  // bytes in queue
	lost  atomic.Uint64 // lines dropped
	mu    sync.Mutex
	sink  io.Writer
	done  chan struct{}
}

const (
	pumpRoom  = 1 << 20
	pumpQueue = 4096
	pumpFlush = 300 * time.Millisecond
)

func newPump(sink io.Writer) (*pump, error) {
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC|unix.O_NONBLOCK); err != nil {
		return nil, fmt.Errorf("stderr pipe: %w", err)
	}
	p := &pump{
		fd: fds[1], r: os.NewFile(uintptr(fds[0]), "stderr pump"), sink: sink,
		queue: make(chan []byte, pumpQueue), done: make(chan struct{}),
	}
	go p.read()
	go p.write()
	return p, nil
}

// to changes where the lines go.
func (p *pump) to(sink io.Writer) {
	p.mu.Lock()
	p.sink = sink
	p.mu.Unlock()
}

func (p *pump) read() {
	defer close(p.queue)
	buf := make([]byte, 16<<10)
	for {
		n, err := p.r.Read(buf)
		if n > 0 {
			p.take(bytes.Clone(buf[:n]))
		}
		if err != nil {
			return
		}
	}
}

// take queues a piece or drops it.
func (p *pump) take(b []byte) {
	if p.held.Load()+int64(len(b)) <= pumpRoom {
		p.held.Add(int64(len(b)))
		select {
		case p.queue <- b:
			return
		default:
			p.held.Add(-int64(len(b)))
		}
	}
	p.lost.Add(uint64(max(1, bytes.Count(b, []byte{'\n'}))))
}

func (p *pump) write() {
	defer close(p.done)
	for b := range p.queue {
		p.mu.Lock()
		sink := p.sink
		p.mu.Unlock()
		if n := p.lost.Swap(0); n > 0 {
			fmt.Fprintf(sink, "(%d lines lost here: nobody read them)\n", n)
		}
		sink.Write(b) // an error here has nowhere to go
		p.held.Add(-int64(len(b)))
	}
}

// close ends the pump once every child is gone. It waits for the last lines,
// but not for a reader that does not read.
func (p *pump) close() {
	unix.Close(p.fd)
	select {
	case <-p.done:
	case <-time.After(pumpFlush):
	}
	p.r.Close()
}

// lineSink turns raw output into lines for a function, here syslog's.
type lineSink struct {
	line func(string)
	rest []byte
}

const longestLine = 2048

func (l *lineSink) Write(b []byte) (int, error) {
	l.rest = append(l.rest, b...)
	for {
		i := bytes.IndexByte(l.rest, '\n')
		if i < 0 && len(l.rest) <= longestLine {
			return len(b), nil
		}
		n := min(len(l.rest), longestLine)
		if i >= 0 {
			n = i
		}
		if text := string(l.rest[:n]); text != "" {
			l.line(text)
		}
		l.rest = l.rest[min(n+1, len(l.rest)):]
		if i < 0 {
			l.rest = nil
		}
	}
}
