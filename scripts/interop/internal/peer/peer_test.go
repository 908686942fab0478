package peer

import (
	"net"
	"os"
	"os/exec"
	"slices"
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
	for end := time.Now().Add(100 * time.Millisecond); time.Now().Before(end); {
		continue
	}
	for what, d := range map[string]time.Duration{
		"all": AllTime() - all, "own": s.Time() - own, "scheduler's": CPU(os.Getpid()) - cpu,
	} {
		if d < 20*time.Millisecond {
			t.Errorf("%s: %v of processor time after 100 ms of work", what, d)
		}
	}
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
