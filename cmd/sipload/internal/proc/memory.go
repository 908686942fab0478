package proc

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// Memory is what all processes of a program hold, in bytes. Workers are all but the root.
type Memory struct {
	Total     Usage   `json:"total"`
	Root      Usage   `json:"root"`
	WorkerMax Usage   `json:"worker_max"` // the worker with the largest PSS without shared memory
	Workers   int     `json:"workers"`
	PerWorker int64   `json:"pss_per_worker"`               // mean, shared memory included
	Private   int64   `json:"pss_per_worker_without_shmem"` // mean, without shared memory
	Processes []Usage `json:"processes"`
}

// Memory reads the memory of all living processes.
func (t *Tree) Memory() (Memory, error) {
	if err := t.Discover(); err != nil {
		return Memory{}, err
	}
	var list []Usage
	for _, pid := range t.PIDs() {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ESRCH) || (err == nil && len(b) == 0) {
			continue // ended while we looked
		}
		if errors.Is(err, fs.ErrPermission) {
			return Memory{}, fmt.Errorf("proc: memory of process %d: %w (run sipload as the server's user or as root)", pid, err)
		}
		if err != nil {
			return Memory{}, fmt.Errorf("proc: memory of process %d: %w", pid, err)
		}
		u, err := parseRollup(b)
		if err != nil {
			return Memory{}, err
		}
		u.PID = pid
		list = append(list, u)
	}
	return sumMemory(t.root, list), nil
}

func sumMemory(root int, list []Usage) Memory {
	m := Memory{Processes: list}
	var pss, private int64
	for _, u := range list {
		m.Total.PSS += u.PSS
		m.Total.Anon += u.Anon
		m.Total.File += u.File
		m.Total.Shmem += u.Shmem
		if u.PID == root {
			m.Root = u
			continue
		}
		m.Workers++
		pss += u.PSS
		private += u.PSS - u.Shmem
		if u.PSS-u.Shmem > m.WorkerMax.PSS-m.WorkerMax.Shmem {
			m.WorkerMax = u
		}
	}
	if m.Workers > 0 {
		m.PerWorker, m.Private = pss/int64(m.Workers), private/int64(m.Workers)
	}
	return m
}
