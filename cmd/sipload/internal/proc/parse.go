package proc

import (
	"bytes"
	"fmt"
	"strconv"
	"time"
)

// tick is the unit of times in /proc/PID/stat: USER_HZ is 100 on every Linux that Go runs on.
const tick = 10 * time.Millisecond

// Stat is what we use of /proc/PID/stat (proc_pid_stat(5)).
type Stat struct {
	Name     string
	State    byte
	Parent   int
	Own      time.Duration // utime + stime
	Children time.Duration // cutime + cstime: children that were waited for
	Start    uint64        // ticks after boot
}

// ParseStat reads the file. The name stands in parentheses and may itself contain some, and spaces.
func ParseStat(b []byte) (Stat, error) {
	open, end := bytes.IndexByte(b, '('), bytes.LastIndexByte(b, ')')
	if open < 0 || end < open {
		return Stat{}, fmt.Errorf("proc: stat: no name in parentheses in %.60q", b)
	}
	f := bytes.Fields(b[end+1:])
	if len(f) < 20 {
		return Stat{}, fmt.Errorf("proc: stat: %d fields after the name, want 20 or more", len(f))
	}
	var nums [20]uint64
	for _, i := range []int{1, 11, 12, 13, 14, 19} {
		n, err := strconv.ParseUint(string(f[i]), 10, 64)
		if err != nil {
			return Stat{}, fmt.Errorf("proc: stat: field %d: %w", i+3, err)
		}
		nums[i] = n
	}
	return Stat{
		Name: string(b[open+1 : end]), State: f[0][0], Parent: int(nums[1]),
		Own:      time.Duration(nums[11]+nums[12]) * tick,
		Children: time.Duration(nums[13]+nums[14]) * tick,
		Start:    nums[19],
	}, nil
}

// parseSchedstat reads /proc/PID/task/TID/schedstat: nanoseconds run, nanoseconds waited, slices.
func parseSchedstat(b []byte) (time.Duration, error) {
	f := bytes.Fields(b)
	if len(f) != 3 {
		return 0, fmt.Errorf("proc: schedstat: %d fields, want 3", len(f))
	}
	ns, err := strconv.ParseInt(string(f[0]), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("proc: schedstat: %w", err)
	}
	return time.Duration(ns), nil
}

// Usage is the memory of one process in bytes. A page shared by n processes counts 1/n in each
// (PSS), so that sums over processes are true.
type Usage struct {
	PID   int   `json:"pid"`
	PSS   int64 `json:"pss"`
	Anon  int64 `json:"pss_anon"`
	File  int64 `json:"pss_file"`
	Shmem int64 `json:"pss_shmem"`
}

// parseRollup reads /proc/PID/smaps_rollup.
func parseRollup(b []byte) (Usage, error) {
	var u Usage
	fields := map[string]*int64{"Pss:": &u.PSS, "Pss_Anon:": &u.Anon, "Pss_File:": &u.File, "Pss_Shmem:": &u.Shmem}
	found := false
	for line := range bytes.Lines(b) {
		f := bytes.Fields(line)
		if len(f) != 3 || string(f[2]) != "kB" {
			continue
		}
		dst := fields[string(f[0])]
		if dst == nil {
			continue
		}
		kb, err := strconv.ParseInt(string(f[1]), 10, 64)
		if err != nil {
			return Usage{}, fmt.Errorf("proc: smaps_rollup: %s %w", f[0], err)
		}
		*dst, found = kb<<10, true
	}
	if !found {
		return Usage{}, fmt.Errorf("proc: smaps_rollup: no Pss line")
	}
	return u, nil
}
