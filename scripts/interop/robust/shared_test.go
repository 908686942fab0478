package robust

import (
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"goser/scripts/interop/internal/peer"
)

var counted = regexp.MustCompile(`X-N: (\d+)`)

// A $shv is one for all workers and is still there when they have died, one after the other.
func TestSharedVariableOutlivesWorkers(t *testing.T) {
	t.Parallel()
	config := head + "children=2\nloadmodule \"pv\"\nloadmodule \"textops\"\nmodparam(\"pv\", \"shvset\", \"n=i:100\")\n" +
		"request_route { $shv(n) = $shv(n) + 1; append_to_reply(\"X-N: $shv(n)\\r\\n\"); sl_send_reply(\"200\", \"OK\"); }\n"
	s, c, _ := serve(t, config, peer.Options{})
	time.Sleep(2 * time.Second) // a worker that dies before all are ready fails the start, on purpose
	sent, last := 0, 0
	for round := range 6 {
		for range 5 {
			n := askCount(t, s, c, &sent)
			if n <= last || n > 120+sent { // the server was asked before, whether it is there
				t.Fatalf("round %d: %d after %d, and %d requests were sent", round, n, last, sent)
			}
			last = n
		}
		for _, pid := range peer.Children(s.Pid) {
			if strings.Contains(peer.Title(pid), "udp receiver") {
				_ = syscall.Kill(pid, syscall.SIGKILL)
				break
			}
		}
	}
	if last < 130 {
		t.Errorf("the last of 30 requests saw %d", last)
	}
}

// askCount sends a request, as often as it takes, and returns what the script says of the counter.
func askCount(t *testing.T, s *peer.Server, c *peer.Client, sent *int) int {
	t.Helper()
	data, id := c.Options()
	buf := make([]byte, 4096)
	for range 20 {
		c.Send(data)
		*sent++
		_ = c.Conn.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
		for {
			k, err := c.Conn.Read(buf)
			if err != nil {
				break
			}
			reply := string(buf[:k])
			if m := counted.FindStringSubmatch(reply); m != nil && strings.Contains(reply, id) {
				n, err := strconv.Atoi(m[1])
				if err != nil {
					t.Fatal(err)
				}
				return n
			}
		}
	}
	t.Fatalf("no answer to %s\n%s", id, s.Log())
	return 0
}
