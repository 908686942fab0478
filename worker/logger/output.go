package logger

import (
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// longestLine is the most that one write takes whole: the supervisor's end is
	// a socket that keeps lines apart.
	longestLine = 64 << 10
	// longestPipe is what a pipe takes whole (PIPE_BUF).
	longestPipe = 4096
	// longestSyslog is what syslog daemons take by default.
	longestSyslog = 8 << 10
	firstLine     = 1 << 10
)

// output is shared by a handler and its children.
type output struct {
	mu       sync.Mutex
	buf      []byte
	syslog   *syslogConn // nil: stderr
	fd       int
	blocking bool // fd was made by somebody else
	longest  int
	patience time.Duration // left
	dropped  atomic.Uint64
}

func newOutput(o Options) *output {
	out := &output{fd: o.FD, buf: make([]byte, 0, firstLine), longest: longestLine}
	if out.fd == 0 {
		out.fd = 2
	}
	if !o.Stderr {
		out.syslog, out.longest = newSyslog(o.Facility, o.Name), longestSyslog
		return out
	}
	if flags, err := unix.FcntlInt(uintptr(out.fd), unix.F_GETFL, 0); err != nil || flags&unix.O_NONBLOCK == 0 {
		out.blocking = true
	}
	if _, err := unix.GetsockoptInt(out.fd, unix.SOL_SOCKET, unix.SO_TYPE); err != nil {
		out.longest = longestPipe
	}
	return out
}

// patience is how long the lines of a patient log are tried, in all.
const patience = 2 * time.Second

func (o *output) patient() *output {
	return &output{
		fd: o.fd, syslog: o.syslog, blocking: o.blocking, longest: o.longest, patience: patience,
		buf: make([]byte, 0, firstLine),
	}
}

// write sends the line that fill makes in a buffer; fill is told how many lines
// were lost before.
func (o *output) write(level int, fill func(buf []byte, lost uint64) []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	buf := o.buf[:0]
	if o.syslog != nil {
		buf = o.syslog.head(buf, level)
	}
	lost := o.dropped.Load()
	o.buf = append(fill(buf, lost), '\n')
	if o.send(o.buf) {
		o.dropped.Add(-lost)
	} else {
		o.dropped.Add(1)
	}
}

// send tries once, a patient output for a while.
func (o *output) send(line []byte) bool {
	const pause = 2 * time.Millisecond
	for ; ; o.patience -= pause {
		err := o.try(line)
		if err == nil || err != unix.EAGAIN && err != unix.ENOBUFS || o.patience <= 0 {
			return err == nil
		}
		time.Sleep(pause)
	}
}

func (o *output) try(line []byte) error {
	if o.syslog != nil {
		return o.syslog.send(line[:len(line)-1])
	}
	if o.blocking && !writable(o.fd) {
		return unix.EAGAIN
	}
	n, err := unix.Write(o.fd, line)
	if err == nil && n != len(line) {
		err = unix.EIO // nothing that takes half a line is ours
	}
	return err
}

// writable asks about a descriptor that may be a blocking one (a terminal, a
// file, a pipe that the server did not make), so that a full one does not stop
// the caller; a pipe that is writable takes PIPE_BUF bytes.
func writable(fd int) bool {
	p := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
	n, err := unix.Poll(p, 0)
	return err == nil && n == 1 && p[0].Revents&unix.POLLOUT != 0
}
