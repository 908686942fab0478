package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"goser/shm"
)

// restTries and restPause: how often and how far apart a look is repeated that
// found something wrong.
const (
	restTries = 40
	restPause = 250 * time.Millisecond
)

// checkArena looks whether the shared memory of a running server is whole. What
// is being changed at this moment looks wrong, so it looks again for up to ten
// seconds: what is damaged stays damaged.
func checkArena(pid int, std stdio) int {
	a, err := attach(pid)
	if err != nil {
		return std.fail("ERROR: process %d: %v", pid, err)
	}
	defer a.Close()
	err = shm.Check(a)
	for try := 1; err != nil && try < restTries; try++ {
		time.Sleep(restPause)
		err = shm.Check(a)
	}
	if err != nil {
		return std.fail("ERROR: the shared memory of process %d is damaged, or the server too busy to tell (take the load away and ask again): %v", pid, err)
	}
	for _, r := range a.Rows() {
		fmt.Fprintf(std.out, "process %d: pid %d, %v, generation %d, restarts %d\n", r.Slot, r.Pid, r.State, r.Gen, r.Restarts)
	}
	fmt.Fprintln(std.out, "shared memory ok")
	return 0
}

// arenaUsage prints what the shared memory of a running server holds: a line for
// each kind of block or root with its name, how many, and the bytes they take.
func arenaUsage(pid int, std stdio) int {
	a, err := attach(pid)
	if err != nil {
		return std.fail("ERROR: process %d: %v", pid, err)
	}
	defer a.Close()
	m := a.Memory()
	fmt.Fprintf(std.out, "taken %d bytes, at most %d, of %d\n", m.Taken, m.Peak, m.Data)
	st := a.Stats()
	fmt.Fprintf(std.out, "allocations refused: %d, wrong frees: %d, damaged words: %d\n", st.NoMemory, st.BadFree+st.DoubleFree, st.Corrupt)
	fmt.Fprintf(std.out, "predecessors cleaned up after: %d, locks taken over: %d, stopped owners killed: %d\n", st.Reaps, st.Takeovers, st.PutDown)
	sum := map[string]*shm.Usage{}
	for _, u := range a.Usage() {
		k := "block " + u.Kind
		if u.Root {
			k = "root " + u.Kind
		}
		if sum[k] == nil {
			sum[k] = new(shm.Usage)
		}
		sum[k].Count, sum[k].Held = sum[k].Count+u.Count, sum[k].Held+u.Held
	}
	for _, k := range slices.Sorted(maps.Keys(sum)) {
		fmt.Fprintf(std.out, "%s: %d, %d bytes\n", k, sum[k].Count, sum[k].Held)
	}
	return 0
}

// attach finds the arena among the descriptors of a process.
func attach(pid int) (*shm.Arena, error) {
	dir := fmt.Sprintf("/proc/%d/fd/", pid)
	fds, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, d := range fds {
		name, _ := os.Readlink(dir + d.Name())
		if !strings.HasPrefix(name, "/memfd:ser-arena") {
			continue
		}
		fd, err := unix.Open(dir+d.Name(), unix.O_RDWR|unix.O_CLOEXEC, 0)
		if err != nil {
			return nil, err
		}
		defer unix.Close(fd)
		return shm.Attach(fd)
	}
	return nil, errors.New("no shared memory found: not a server, or it has not opened it yet")
}
