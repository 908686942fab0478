package supervisor

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// pump carries what the processes write on stderr to where it belongs. The
// processes hold a socket that never makes them wait and that keeps the lines
// of different processes apart, however long; the pump empties it whatever the
// other side does. When the other side blocks, up to pumpRoom bytes wait for it,
// and what comes after is dropped and counted, whole lines of it.
type pump struct {
	fd    int // write end, non-blocking, for children and our own log
	r     *os.File
	queue chan entry
	held  atomic.Int64  // bytes in queue
	lost  atomic.Uint64 // lines dropped
	raw   map[int][]byte
	mu    sync.Mutex
	sink  sink
	done  chan struct{}
}

// entry is a line with its newline.
type entry struct {
	pid  int
	text []byte
	raw  bool // not from the log: what the runtime writes of a panic, for one
}

// sink takes the lines, one at a time.
type sink func(entry)

// plainly is the sink that writes lines as they are.
func plainly(w io.Writer) sink {
	return func(e entry) { w.Write(e.text) } // an error here has nowhere to go
}

const (
	pumpRoom   = 1 << 20
	pumpQueue  = 4096
	pumpFlush  = 300 * time.Millisecond
	pumpBuffer = 1 << 20   // of the socket
	pumpPacket = 128 << 10 // longest write
	rawLine    = 2048      // a longer one is cut in pieces
	rawWriters = 64        // with a line not finished
)

func newPump(s sink) (*pump, error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err == nil {
		err = unix.SetsockoptInt(fds[0], unix.SOL_SOCKET, unix.SO_PASSCRED, 1)
	}
	if err != nil {
		return nil, fmt.Errorf("stderr pump: %w", err)
	}
	if unix.SetsockoptInt(fds[1], unix.SOL_SOCKET, unix.SO_SNDBUFFORCE, pumpBuffer) != nil {
		_ = unix.SetsockoptInt(fds[1], unix.SOL_SOCKET, unix.SO_SNDBUF, pumpBuffer) // less then
	}
	p := &pump{
		fd: fds[1], r: os.NewFile(uintptr(fds[0]), "stderr pump"), sink: s, raw: map[int][]byte{},
		queue: make(chan entry, pumpQueue), done: make(chan struct{}),
	}
	go p.read()
	go p.write()
	return p, nil
}

// to changes where the lines go.
func (p *pump) to(s sink) {
	p.mu.Lock()
	p.sink = s
	p.mu.Unlock()
}

func (p *pump) read() {
	defer close(p.queue)
	conn, err := p.r.SyscallConn()
	if err != nil {
		return
	}
	buf, oob := make([]byte, pumpPacket), make([]byte, unix.CmsgSpace(unix.SizeofUcred))
	for {
		var n, on int
		var got error
		err := conn.Read(func(fd uintptr) bool {
			n, on, _, _, got = unix.Recvmsg(int(fd), buf, oob, 0)
			return got != unix.EAGAIN
		})
		switch {
		case got == unix.EINTR:
			continue
		case err != nil || got != nil || n == 0: // every writer is gone
			p.flushRaw()
			return
		}
		p.packet(sender(oob[:on]), buf[:n])
	}
}

// sender is the process that wrote a packet, 0 if the kernel did not say.
func sender(oob []byte) int {
	msgs, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return 0
	}
	for i := range msgs {
		if c, err := unix.ParseUnixCredentials(&msgs[i]); err == nil {
			return int(c.Pid)
		}
	}
	return 0
}

// packet takes one write: a line of the log, or a piece of what does not come
// from the log and is put together to lines here.
func (p *pump) packet(pid int, b []byte) {
	if logged(pid, b) {
		p.take(entry{pid: pid, text: bytes.Clone(b)})
		return
	}
	rest := append(p.raw[pid], b...)
	for {
		i := bytes.IndexByte(rest, '\n')
		if i < 0 && len(rest) <= rawLine {
			break
		}
		n := min(len(rest), rawLine)
		if i >= 0 && i < n {
			n = i
		}
		p.takeRaw(pid, rest[:n])
		rest = bytes.TrimPrefix(rest[n:], []byte{'\n'})
	}
	if len(rest) == 0 {
		delete(p.raw, pid)
		return
	}
	p.raw[pid] = rest
	if len(p.raw) > rawWriters {
		p.flushRaw()
	}
}

func (p *pump) flushRaw() {
	for pid, b := range p.raw {
		p.takeRaw(pid, b)
	}
	clear(p.raw)
}

func (p *pump) takeRaw(pid int, b []byte) {
	if len(b) > 0 {
		p.take(entry{pid: pid, text: append(bytes.Clone(b), '\n'), raw: true})
	}
}

// logged tells the lines of package logger from others by how they begin: as an
// object, or with a colour, the process number, and the pid.
func logged(pid int, b []byte) bool {
	if len(b) == 0 || b[len(b)-1] != '\n' {
		return false
	}
	if bytes.HasPrefix(b, []byte(`{"time":"`)) {
		return true
	}
	head := b[:min(len(b), 32)]
	i := bytes.IndexByte(head, '(')
	return i > 0 && bytes.HasPrefix(head[i+1:], strconv.AppendInt(nil, int64(pid), 10))
}

// take queues a line or drops it.
func (p *pump) take(e entry) {
	if n := int64(len(e.text)); p.held.Load()+n <= pumpRoom {
		p.held.Add(n)
		select {
		case p.queue <- e:
			return
		default:
			p.held.Add(-n)
		}
	}
	p.lost.Add(1)
}

func (p *pump) write() {
	defer close(p.done)
	for e := range p.queue {
		p.mu.Lock()
		to := p.sink
		p.mu.Unlock()
		if n := p.lost.Swap(0); n > 0 {
			to(entry{pid: os.Getpid(), text: fmt.Appendf(nil, "(%d lines lost here: nobody read them)\n", n), raw: true})
		}
		to(e)
		p.held.Add(-int64(len(e.text)))
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
