package supervisor

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"goser/cfg/param"
	"goser/supervisor/spawn"
	"goser/worker/handoff"
)

// inherited are the descriptors that every child gets, beside arena and sockets.
type inherited struct {
	null   int // stdin
	config int // sealed memfd with the configuration image
	life   int // read end of the pipe that only we hold open
	ready  int // write end for reports
	readyR *os.File
	keep   int // the end of the life pipe whose closing is our death
}

func newInherited(image []byte) (in inherited, err error) {
	in = inherited{null: -1, config: -1, life: -1, ready: -1, keep: -1}
	if in.null, err = unix.Open(os.DevNull, unix.O_RDWR|unix.O_CLOEXEC, 0); err != nil {
		// In a chroot without /dev a closed pipe does as well: it is at its end.
		if in.null, err = emptyPipe(); err != nil {
			return in, err
		}
	}
	if in.config, err = sealed("ser-config", image); err != nil {
		return in, err
	}
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		return in, fmt.Errorf("life pipe: %w", err)
	}
	in.life, in.keep = p[0], p[1]
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		return in, fmt.Errorf("readiness pipe: %w", err)
	}
	in.ready = p[1]
	unix.SetNonblock(p[0], true) // so that reading waits in the poller, not in a thread
	in.readyR = os.NewFile(uintptr(p[0]), "ready")
	return in, nil
}

func emptyPipe() (int, error) {
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		return -1, fmt.Errorf("pipe: %w", err)
	}
	return p[0], unix.Close(p[1])
}

func (in *inherited) close() {
	if in.readyR == nil { // never made
		return
	}
	for _, fd := range []int{in.null, in.config, in.life, in.ready, in.keep} {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
	in.readyR.Close()
}

// sealed makes a memfd that nobody can change any more.
func sealed(name string, data []byte) (int, error) {
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return -1, fmt.Errorf("%s: memfd_create: %w", name, err)
	}
	for off := 0; off < len(data); {
		n, err := unix.Pwrite(fd, data[off:], int64(off))
		if err != nil {
			unix.Close(fd)
			return -1, fmt.Errorf("%s: %w", name, err)
		}
		off += n
	}
	const seals = unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_WRITE | unix.F_SEAL_SEAL
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, seals); err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("%s: seal: %w", name, err)
	}
	return fd, nil
}

// The child's descriptors above BirthFD.
const (
	arenaFD = handoff.BirthFD + 1 + iota
	configFD
	lifeFD
	readyFD
	firstSocketFD
)

// spawn starts a process in the row of b; gently, it does not compete with those who serve.
func (s *server) spawn(b handoff.Birth, gently bool) (pid int, gen uint32, err error) {
	if gen, err = s.arena.Spawn(b.Index, uint32(b.Role), b.Rank); err != nil {
		return 0, 0, err
	}
	s.complete(&b, gen)
	record, err := recordOf(&b)
	if err != nil {
		return 0, gen, err
	}
	defer unix.Close(record)
	files := []int{s.shared.null, s.pump.fd, s.pump.fd, record, int(s.arena.File().Fd()), s.shared.config, s.shared.life, s.shared.ready}
	for _, sock := range s.Plan.Sockets {
		files = append(files, sock.FD)
	}
	if s.raw > 0 {
		files = append(files, s.raw)
	}
	defer func() { s.names.add(pid, b.Desc) }()
	pid, err = s.spawner.Start(spawn.Spec{
		Args: []string{s.Name + ": " + b.Desc}, Env: childEnv(os.Environ()), Files: files,
		Sched: s.startSched(b.Role, gently),
	})
	return pid, gen, err
}

// complete adds to a birth record what is the same for all.
func (s *server) complete(b *handoff.Birth, gen uint32) {
	b.Generation, b.ConfigGen, b.Master = gen, s.arena.Generation(), os.Getpid()
	if s.raw > 0 {
		b.RawFD = firstSocketFD + len(s.Plan.Sockets)
	}
	b.ArenaFD, b.ConfigFD, b.LifeFD, b.ReadyFD = arenaFD, configFD, lifeFD, readyFD
	for i, sock := range s.Plan.Sockets {
		one := sock.Socket
		one.FD = firstSocketFD + i
		b.Sockets = append(b.Sockets, one)
	}
	b.Aliases, b.Overrides = s.Plan.Aliases, s.Overrides
	b.LockMemory, b.Product = s.Values.Bool(param.MlockPages), s.Product
	b.LogColor, b.LogEngine = s.color, s.LogEngine
	b.StartTime, b.Checks = s.born.UnixNano(), s.Checks
	if s.Mode != Alone {
		b.Dir = s.workdir()
	} else {
		b.Dir = s.who.dir
	}
}

func recordOf(b *handoff.Birth) (int, error) {
	fd, err := unix.MemfdCreate("ser-birth", unix.MFD_CLOEXEC)
	if err != nil {
		return -1, fmt.Errorf("birth record: memfd_create: %w", err)
	}
	// The file closes with its descriptor, so the child's goes on a duplicate.
	dup, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
	f := os.NewFile(uintptr(fd), "birth")
	defer f.Close()
	if err != nil {
		return -1, fmt.Errorf("birth record: %w", err)
	}
	if err := b.Write(f); err != nil {
		unix.Close(dup)
		return -1, err
	}
	return dup, nil
}

// childEnv marks the environment as a child's.
func childEnv(env []string) []string {
	out := make([]string, 0, len(env)+1)
	for _, e := range env {
		name, _, _ := strings.Cut(e, "=")
		if name != daemonEnv && name != handoff.Env && !slices.Contains(notifyEnv, name) {
			out = append(out, e)
		}
	}
	return append(out, handoff.Env+"="+handoff.Version)
}
