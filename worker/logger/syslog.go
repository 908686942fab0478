package logger

import (
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// syslogConn is an unconnected datagram socket towards /dev/log: a syslog that
// dies and comes back needs no reconnect, and a full one never blocks.
type syslogConn struct {
	fd       int
	facility int
	name     string
	addr     unix.Sockaddr
}

// SyslogPath is where the system's log listens.
const SyslogPath = "/dev/log"

var syslogPath = SyslogPath // tests have their own

var facilities = map[string]int{
	"LOG_KERN": 0, "LOG_USER": 1, "LOG_MAIL": 2, "LOG_DAEMON": 3, "LOG_AUTH": 4, "LOG_SYSLOG": 5,
	"LOG_LPR": 6, "LOG_NEWS": 7, "LOG_UUCP": 8, "LOG_CRON": 9, "LOG_AUTHPRIV": 10, "LOG_FTP": 11,
	"LOG_LOCAL0": 16, "LOG_LOCAL1": 17, "LOG_LOCAL2": 18, "LOG_LOCAL3": 19,
	"LOG_LOCAL4": 20, "LOG_LOCAL5": 21, "LOG_LOCAL6": 22, "LOG_LOCAL7": 23,
}

func newSyslog(facility, name string) *syslogConn {
	f, ok := facilities[facility]
	if !ok {
		f = facilities["LOG_DAEMON"]
	}
	if name == "" {
		name = "ser"
	}
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		fd = -1
	}
	return &syslogConn{fd: fd, facility: f, name: name, addr: &unix.SockaddrUnix{Name: syslogPath}}
}

// severity maps the original's level to RFC 3164's.
func severity(level int) int {
	switch {
	case level <= Alert:
		return 1
	case level <= Crit+1:
		return 2
	case level == Err:
		return 3
	case level == Warn:
		return 4
	case level == Notice:
		return 5
	case level == Info:
		return 6
	}
	return 7
}

func (s *syslogConn) head(buf []byte, level int) []byte {
	buf = append(buf, '<')
	buf = strconv.AppendInt(buf, int64(s.facility<<3|severity(level)), 10)
	buf = append(buf, '>')
	buf = time.Now().AppendFormat(buf, time.Stamp)
	buf = append(buf, ' ')
	buf = append(buf, s.name...)
	buf = append(buf, '[')
	buf = strconv.AppendInt(buf, int64(os.Getpid()), 10)
	return append(buf, "]: "...)
}

func (s *syslogConn) send(line []byte) error {
	if s.fd < 0 {
		return unix.EBADF
	}
	return unix.Sendto(s.fd, line, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, s.addr)
}
