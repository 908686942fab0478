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

// AllTime is the processor time that all processes of this machine have taken.
func AllTime() time.Duration {
	text, _ := os.ReadFile("/proc/stat")
	line, _, _ := strings.Cut(string(text), "\n")
	return ticks(strings.Fields(line), 1, 2, 3) // user, nice, system
}

// Time is the processor time that the server's processes have taken, those included that are gone.
func (s *Server) Time() time.Duration {
	sum := cpuTime(s.Pid, true)
	for _, pid := range Children(s.Pid) {
		sum += cpuTime(pid, false)
	}
	return sum
}

// cpuTime reads utime and stime and, for the children that are gone, cutime and cstime (proc(5)).
func cpuTime(pid int, gone bool) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	if gone {
		return ticks(statFields(string(text)), 11, 12, 13, 14)
	}
	return ticks(statFields(string(text)), 11, 12)
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
