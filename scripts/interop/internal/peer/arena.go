package peer

import (
	"os/exec"
	"regexp"
	"strconv"
	"testing"
)

var usageLine = regexp.MustCompile(`(?m)^(?:block |root )?([^\s:]+):? (\d+)(?:, (\d+))? bytes`)

var refusedLine = regexp.MustCompile(`(?m)^allocations refused: (\d+),`)

// Arena is what the shared memory of the server holds: bytes by kind, and all under "taken". "refused" is how
// many allocations it had no room for.
func (s *Server) Arena(t testing.TB) map[string]int64 {
	t.Helper()
	out, err := exec.Command(Binary(t, "ser"), "--arena-usage", strconv.Itoa(s.Pid)).CombinedOutput()
	if err != nil {
		t.Fatalf("--arena-usage: %v\n%s", err, out)
	}
	sum := map[string]int64{}
	for _, m := range usageLine.FindAllStringSubmatch(string(out), -1) {
		n := m[3]
		if n == "" {
			n = m[2]
		}
		sum[m[1]], _ = strconv.ParseInt(n, 10, 64)
	}
	if m := refusedLine.FindSubmatch(out); m != nil {
		sum["refused"], _ = strconv.ParseInt(string(m[1]), 10, 64)
	}
	if sum["taken"] == 0 {
		t.Fatalf("--arena-usage:\n%s", out)
	}
	return sum
}
