package peer

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is what /proc counts processor time in.
const tick = time.Second / 100

// AllUserTime is the time that all processes of this machine have spent in user mode.
func AllUserTime() time.Duration {
	text, _ := os.ReadFile("/proc/stat")
	line, _, _ := strings.Cut(string(text), "\n")
	return ticks(strings.Fields(line), 1, 2)
}

// UserTime is the time that the server's processes have spent in user mode, those included that are
// gone.
func (s *Server) UserTime() time.Duration {
	sum := userTime(s.Pid, true)
	for _, pid := range Children(s.Pid) {
		sum += userTime(pid, false)
	}
	return sum
}

// userTime reads the fields utime and, for the children that are gone, cutime (proc(5)).
func userTime(pid int, gone bool) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	if gone {
		return ticks(statFields(string(text)), 11, 13)
	}
	return ticks(statFields(string(text)), 11)
}

func ticks(fields []string, which ...int) time.Duration {
	sum := 0
	for _, i := range which {
		if i < len(fields) {
			n, _ := strconv.Atoi(fields[i])
			sum += n
		}
	}
	return time.Duration(sum) * tick
}
