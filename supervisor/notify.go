package supervisor

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"goser/worker/logger"
)

// notifier tells the service manager how we are: sd_notify(3), without its
// library. Without a manager that listens all of it does nothing.
//
// The socket is connected before chroot and before the privileges are given up.
// The watchdog is fed only while the server serves; see health.
type notifier struct {
	conn  *net.UnixConn
	every time.Duration // between two messages to the watchdog; 0: there is none
	next  time.Time
	sick  string // why the watchdog was not fed last time
}

// looks is how often the watchdog is fed in the time that it waits.
const looks = 3

// notifyEnv are the variables of the protocol; children do not get them.
var notifyEnv = []string{"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}

func (s *server) openNotify() error {
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" {
		return nil
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		s.log.Warn("the service manager cannot be told", "NOTIFY_SOCKET", path, "reason", err.Error())
		return nil
	}
	s.notify.conn, s.notify.every = conn, watchdog(os.Getenv("WATCHDOG_USEC"), os.Getenv("WATCHDOG_PID"), os.Getpid())
	return nil
}

// watchdog is how often it wants to be fed, 0 for never: it may be meant for
// another process.
func watchdog(usec, pid string, own int) time.Duration {
	n, err := strconv.ParseInt(usec, 10, 64)
	if err != nil || n <= 0 || pid != "" && pid != strconv.Itoa(own) {
		return 0
	}
	return max(time.Duration(n)*time.Microsecond/looks, time.Millisecond)
}

// say sends assignments, one a line. A manager that does not listen is no
// reason to stop.
func (n *notifier) say(format string, args ...any) {
	if n.conn != nil {
		_ = n.conn.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		fmt.Fprintf(n.conn, format, args...)
	}
}

func (n *notifier) close() {
	if n.conn != nil {
		n.conn.Close()
	}
}

// wait is how long the loop may sleep.
func (n *notifier) wait(d time.Duration, now time.Time) time.Duration {
	if n.every == 0 || n.next.IsZero() {
		return d
	}
	return min(d, max(n.next.Sub(now), 0))
}

// sayReady tells the manager that we serve, and who we are.
func (s *server) sayReady() {
	s.notify.say("READY=1\nMAINPID=%d\nSTATUS=%s", os.Getpid(), s.state())
	s.notify.next = time.Now()
}

// state is one line for the manager's status display.
func (s *server) state() string {
	restarts := 0
	for _, r := range s.crew.rows {
		restarts += int(max(r.gen, 1)) - 1
	}
	return fmt.Sprintf("%d processes serve %d sockets, %d restarts", len(s.crew.rows)+1, len(s.Plan.Sockets), restarts)
}

// feed tells the watchdog that we are well, if we are.
func (s *server) feed(now time.Time) {
	n := &s.notify
	if n.every == 0 || n.next.IsZero() || now.Before(n.next) || s.crew.phase != running {
		return
	}
	n.next = now.Add(n.every)
	why := s.health.check(now)
	switch {
	case why == "":
		n.say("WATCHDOG=1\nSTATUS=%s", s.state())
		if n.sick != "" {
			s.handler.At(logger.Notice, "the server serves again", "was", n.sick)
		}
	case n.sick == "":
		s.log.Error("the watchdog is not fed", "reason", why)
		fallthrough
	default:
		n.say("STATUS=%s", why)
	}
	n.sick = why
}
