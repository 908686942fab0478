package supervisor

import (
	"testing"
	"time"
)

func TestWatchdog(t *testing.T) {
	for _, c := range []struct {
		usec, pid string
		want      time.Duration
	}{
		{"", "", 0},
		{"30000000", "", 10 * time.Second},
		{"30000000", "7", 10 * time.Second},
		{"30000000", "8", 0},
		{"0", "7", 0},
		{"-5", "7", 0},
		{"x", "7", 0},
		{"1", "7", time.Millisecond},
	} {
		if got := watchdog(c.usec, c.pid, 7); got != c.want {
			t.Errorf("watchdog(%q, %q) = %v, want %v", c.usec, c.pid, got, c.want)
		}
	}
}
