package robust

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"goser/scripts/interop/internal/peer"
)

// Every message of RFC 4475 through the running server: requests that the core accepts are answered
// 200 by the script, the others with the verdict's code or not at all; accepted replies reach
// onreply_route, the others do not.
func TestTortureMessages(t *testing.T) {
	t.Parallel()
	config := head + `force_rport=yes
loadmodule "xlog"
loadmodule "pv"
request_route { sl_send_reply("200", "OK"); }
onreply_route { xlog("reply seen: $rs $ci\n"); drop; }
`
	s, c, before := serve(t, config, peer.Options{})
	for i, row := range tortures(t) {
		mustAnswer(t, s, c)
		seen := strings.Count(s.Log(), "reply seen")
		c.Send(row.raw)
		got := verdict(t, s, c)
		want := map[string]string{"accept": "200", "reject": strconv.Itoa(row.code), "drop": ""}[row.verdict]
		if row.verdict == "accept" && strings.HasPrefix(string(row.raw), "SIP/2.0 ") {
			want = "script"
			waitFor(func() bool { return strings.Count(s.Log(), "reply seen") > seen })
		}
		if strings.Count(s.Log(), "reply seen") > seen {
			got = "script"
		}
		if got != want {
			t.Errorf("%d %s: %q, want %q (%s)", i, row.file, got, want, row.verdict)
		}
	}
	sameProcesses(t, s, before)
}

var statusRE = regexp.MustCompile(`^SIP/2\.0 (\d{3}) `)

// verdict is the status of the one answer that comes before the answer to a probe, "" for none.
func verdict(t *testing.T, s *peer.Server, c *peer.Client) string {
	t.Helper()
	probe, id := c.Options()
	c.Send(probe)
	var codes []string
	_ = c.Conn.SetReadDeadline(time.Now().Add(3 * time.Second))
	buf := make([]byte, 65536)
	for {
		n, err := c.Conn.Read(buf)
		if err != nil {
			t.Fatalf("the server does not answer\n%s", tail(s.Log()))
		}
		if strings.Contains(string(buf[:n]), id) {
			return strings.Join(codes, " and ")
		}
		m := statusRE.FindSubmatch(buf[:n])
		if m == nil {
			t.Fatalf("not an answer: %q", buf[:n])
		}
		codes = append(codes, string(m[1]))
	}
}

// waitFor waits a moment for what comes through the log.
func waitFor(done func() bool) {
	for end := time.Now().Add(time.Second); !done() && time.Now().Before(end); {
		time.Sleep(2 * time.Millisecond)
	}
}

func port(c *peer.Client) string { return fmt.Sprint(c.Port) }
