package peer

import (
	"net"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"testing"
	"time"
)

func TestChildrenAreSeenAliveAndDead(t *testing.T) {
	c := exec.Command("sleep", "60")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	pid := c.Process.Pid
	if !slices.Contains(Children(os.Getpid()), pid) || !Alive(pid) {
		t.Errorf("child %d is not among %v, or not alive", pid, Children(os.Getpid()))
	}
	_ = c.Process.Kill()
	for end := time.Now().Add(2 * time.Second); Alive(pid) && time.Now().Before(end); time.Sleep(time.Millisecond) {
		continue
	}
	if Alive(pid) || slices.Contains(Children(os.Getpid()), pid) { // not buried yet, but dead
		t.Errorf("child %d counts as alive after its death", pid)
	}
	_ = c.Wait()
}

func TestProcessorTimeIsCounted(t *testing.T) {
	s := &Server{Pid: os.Getpid()}
	all, own, cpu := AllTime(), s.Time(), CPU(os.Getpid())
	for until := used(t) + 100*time.Millisecond; used(t) < until; {
		continue
	}
	for what, d := range map[string]time.Duration{
		"all": AllTime() - all, "own": s.Time() - own, "scheduler's": CPU(os.Getpid()) - cpu,
	} {
		if d < 50*time.Millisecond {
			t.Errorf("%s: %v of processor time where 100 ms were used", what, d)
		}
	}
}

// used is the processor time of this process as the system call tells it.
func used(t *testing.T) time.Duration {
	t.Helper()
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		t.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

func TestBoundSeesASocket(t *testing.T) {
	port := FreePort(t)
	if Bound(port) {
		t.Errorf("port %d is free and counts as bound", port)
	}
	c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if !Bound(port) {
		t.Errorf("port %d is bound and counts as free", port)
	}
}

func TestStatFieldsSurviveOddNames(t *testing.T) {
	if got := statFields("12 (a) b (c) S 7 8"); !slices.Equal(got, []string{"S", "7", "8"}) {
		t.Errorf("%q", got)
	}
}
