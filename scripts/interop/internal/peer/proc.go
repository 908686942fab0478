package peer

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Children are the process ids of a process's descendants, in order.
func Children(pid int) []int {
	parents := parentTable()
	var out []int
	for queue := []int{pid}; len(queue) > 0; queue = queue[1:] {
		for child, parent := range parents {
			if parent == queue[0] {
				out = append(out, child)
				queue = append(queue, child)
			}
		}
	}
	slices.Sort(out)
	return out
}

func parentTable() map[int]int {
	table := map[int]int{}
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		fields := statFields(string(text))
		if len(fields) < 2 || fields[0] == "Z" {
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		table[pid], _ = strconv.Atoi(fields[1])
	}
	return table
}

// statFields are the fields of /proc/PID/stat behind the name, which may hold anything.
func statFields(text string) []string {
	return strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
}

// Workers waits until the server has as many children as a test expects and returns their ids.
func (s *Server) Workers(t testing.TB, want int) []int {
	t.Helper()
	var got []int
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if got = Children(s.Pid); len(got) == want {
			return got
		}
	}
	t.Fatalf("the server has processes %v, want %d of them\n%s", got, want, s.Log())
	return nil
}

// Title is what ps shows of a process.
func Title(pid int) string {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return strings.TrimRight(strings.ReplaceAll(string(text), "\x00", " "), " ")
}

// Alive tells whether a process exists and is not just waiting to be buried.
func Alive(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	fields := statFields(string(text))
	return len(fields) > 0 && fields[0] != "Z" && fields[0] != "X"
}

// CPU is the processor time of all threads of the processes, in the scheduler's nanoseconds.
func CPU(pids ...int) time.Duration {
	var sum time.Duration
	for _, pid := range pids {
		files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
		for _, file := range files {
			text, _ := os.ReadFile(file)
			if f := strings.Fields(string(text)); len(f) > 0 {
				ns, _ := strconv.ParseInt(f[0], 10, 64)
				sum += time.Duration(ns)
			}
		}
	}
	return sum
}
