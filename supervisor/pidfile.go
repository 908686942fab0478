package supervisor

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// pidFiles are the files that init scripts look for.
type pidFiles struct{ written []string }

// write makes the pid file and the file with the process group. The second is
// of use only while we lead our group; else one that is there is removed.
func (p *pidFiles) write(pidFile, pgidFile string) error {
	if pidFile != "" {
		if err := p.one("pid file", pidFile, os.Getpid()); err != nil {
			return err
		}
	}
	if pgidFile == "" {
		return nil
	}
	group := syscall.Getpgrp()
	if group != os.Getpid() {
		if err := os.Remove(pgidFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("pgid file %s: %w", pgidFile, err)
		}
		return nil
	}
	return p.one("pgid file", pgidFile, group)
}

func (p *pidFiles) one(what, path string, number int) error {
	if err := vacant(path); err != nil {
		return fmt.Errorf("%s %s: %w", what, path, err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	p.written = append(p.written, path)
	_, err = fmt.Fprintln(f, number)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// vacant removes a file that a dead server left. It refuses to touch one that
// holds no pid, or that of a server that runs.
func vacant(path string) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid <= 0 {
		return errors.New("exists and holds no pid; remove it if it is of no use")
	}
	if pid != os.Getpid() && serves(pid) {
		return fmt.Errorf("running process found in the pid file: %d", pid)
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("of the dead process %d cannot be replaced: %w", pid, err)
	}
	return nil
}

// serves tells whether pid is alive and one of ours. After a crash and a
// restart of the machine the number may be anybody's; a process of another
// name is no server, and neither is one that waits to be buried.
func serves(pid int) bool {
	if err := syscall.Kill(pid, 0); err != nil && err != syscall.EPERM {
		return false
	}
	theirs, ok := nameAndState(pid)
	if !ok {
		return true // no /proc to ask: believe the kernel
	}
	ours, ok := nameAndState(os.Getpid())
	return theirs.state != 'Z' && theirs.state != 'X' && (!ok || theirs.name == ours.name)
}

type procStat struct {
	name  string
	state byte
}

func nameAndState(pid int) (st procStat, ok bool) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	open, end := bytes.IndexByte(b, '('), bytes.LastIndexByte(b, ')')
	if err != nil || open < 0 || end < open || end+2 >= len(b) {
		return st, false
	}
	return procStat{string(b[open+1 : end]), b[end+2]}, true
}

// remove takes the files away at the end. After a change of user that may be
// forbidden; the next start replaces them.
func (p *pidFiles) remove(log *slog.Logger) {
	for _, path := range p.written {
		if err := os.Remove(path); err != nil && log != nil {
			log.Info("pid file stays", "file", path, "reason", err.Error())
		}
	}
	p.written = nil
}
