package shm

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// Alive reports whether the process that has the row now still runs. A zombie
// is dead: its supervisor has not looked yet, but it stores nothing any more.
func (a *Arena) Alive(slot int) bool {
	r := a.rowAt(slot)
	if r == nil {
		return false
	}
	switch State(atomic.LoadUint32(&r.State)) {
	case Free, Dead:
		return false
	case Starting:
		return true
	}
	pid := int(atomic.LoadInt32(&r.Pid))
	return pid == os.Getpid() || running(pid, atomic.LoadUint64(&r.Start))
}

// running asks the kernel. A pidfd becomes readable when the last thread of the
// process has ended, which /proc cannot tell of a multithreaded one.
func running(pid int, start uint64) bool {
	if pid <= 0 {
		return false
	}
	fd, err := unix.PidfdOpen(pid, 0)
	if err == unix.ESRCH || err == unix.EINVAL {
		return false
	}
	if err != nil {
		return unix.Kill(pid, 0) != unix.ESRCH
	}
	defer unix.Close(fd)
	fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	if n, err := unix.Poll(fds, 0); err == nil && n == 1 {
		return false
	}
	now, err := startTime(pid)
	return err != nil || start == 0 || now == start
}

// putDown kills the process that a lock's owner tag names if it is stopped. Being
// traced, as by a debugger, is another state.
func (a *Arena) putDown(tag uint32) {
	r := a.rowAt(ownerSlot(tag))
	if r == nil || lockTag(ownerSlot(tag), atomic.LoadUint32(&r.Gen)) != tag {
		return
	}
	pid := int(atomic.LoadInt32(&r.Pid))
	if pid <= 0 || pid == os.Getpid() {
		return
	}
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return
	}
	defer unix.Close(fd)
	f := statFields(pid)
	if start, err := startOf(f); err != nil || start != atomic.LoadUint64(&r.Start) || string(f[0]) != "T" {
		return
	}
	if unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0) == nil {
		a.count(&a.hdr.Stats.PutDown)
	}
}

// startTime is field 22 of /proc/PID/stat; with the pid it names a process for
// good. The command name before it may contain spaces and brackets.
func startTime(pid int) (uint64, error) { return startOf(statFields(pid)) }

// statFields are those of /proc/PID/stat from the third on, the state.
func statFields(pid int) [][]byte {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return nil
	}
	return bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
}

func startOf(f [][]byte) (uint64, error) {
	if len(f) < 20 {
		return 0, fmt.Errorf("shm: /proc/PID/stat has only %d fields", len(f))
	}
	return strconv.ParseUint(string(f[19]), 10, 64)
}

// ownerDead tells whether the owner of a lock word is gone. The generation
// costs nothing to compare; the kernel is asked only if sure.
func (a *Arena) ownerDead(tag uint32, ask bool) bool {
	slot := ownerSlot(tag)
	r := a.rowAt(slot)
	if r == nil {
		return true // no such process was ever started: a damaged word
	}
	gen := atomic.LoadUint32(&r.Gen)
	if lockTag(slot, gen) != tag || State(atomic.LoadUint32(&r.State)) == Dead {
		return true
	}
	return ask && !a.Alive(slot)
}
