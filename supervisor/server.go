package supervisor

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"goser/cfg/param"
	"goser/shm"
	"goser/supervisor/listen"
	"goser/supervisor/spawn"
	"goser/worker/handoff"
	"goser/worker/logger"
)

// server is one life; the fields are filled from top to bottom.
type server struct {
	Options
	born    time.Time
	pump    *pump
	handler *logger.Handler
	log     *slog.Logger
	color   bool
	names   names

	reporting sync.Mutex // a memory report is being written
	notify    notifier
	health    health
	arena     *shm.Arena
	flight    int64 // bytes of it for datagrams in flight
	seat      *shm.Proc
	who       identity
	spawner   *spawn.Spawner
	ordinary  spawn.Sched // how we were started to run
	known     bool        // the system tells how
	gentle    spawn.Sched // how successors start while others do their work
	pids      pidFiles
	shared    inherited
	crew      *crew
	raw       int // socket of udp4_raw, 0: none

	signals chan os.Signal
	child   chan os.Signal
	reports chan handoff.Report
	told    bool // that we are ready
}

// life runs the stages in the documented order. Whatever it opened, stop closes.
func (s *server) life() error {
	s.born = time.Now()
	s.catch()
	for _, stage := range []func() error{s.openLog, s.openNotify, s.findIdentity, s.raiseLimits, s.bind, s.makeArena, s.detach, s.share, s.startCrew} {
		if err := stage(); err != nil {
			return err
		}
	}
	return s.serve()
}

// catch takes the signals from the first moment on, so that none that comes
// during the start has its default effect.
func (s *server) catch() {
	s.signals = make(chan os.Signal, 16)
	s.child = make(chan os.Signal, 1)
	signal.Notify(s.signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGPIPE, syscall.SIGALRM)
	signal.Notify(s.child, syscall.SIGCHLD)
}

func (s *server) bind() error {
	if err := s.Plan.Bind(tuning(s.Values)); err != nil {
		return err
	}
	return s.openRaw()
}

// openRaw opens the socket of udp4_raw while we may.
func (s *server) openRaw() (err error) {
	how := s.Values.Int(param.UDP4Raw)
	if how == 0 {
		return nil
	}
	if s.raw, err = listen.OpenRaw(); err == nil || how > 0 {
		return err
	}
	s.log.Info("udp4_raw=-1: no raw socket, datagrams leave as usual", "reason", err.Error())
	return nil
}

// makeArena makes the arena and what must be in it before any worker.
func (s *server) makeArena() (err error) {
	planned := s.plannedRows()
	s.flight = s.inFlight(planned)
	size := arenaSize(s.Values.Int(param.Shm)) + s.flight
	rows := len(planned) + 1
	if rows > shm.MaxRows {
		return fmt.Errorf("%d processes are more than the %d there can be: reduce children or the listening sockets", rows, shm.MaxRows)
	}
	if s.arena, err = shm.CreateWith("ser-arena", size, shm.Options{Rows: rows}); err != nil {
		return fmt.Errorf("shared memory: %d MB are too little (-m, shm): %w", (size-s.flight)>>20, err)
	}
	if s.Values.Bool(param.ShmForceAlloc) {
		if err := s.arena.Populate(); err != nil {
			return fmt.Errorf("shm_force_alloc: %w", err)
		}
	}
	if s.seat, err = s.arena.Enter(0, uint32(handoff.RoleAttendant), 0); err != nil {
		return fmt.Errorf("shared memory: %w", err)
	}
	if s.Prepare != nil {
		if err := s.Prepare(s.seat); err != nil {
			return fmt.Errorf("shared memory of %d MB (-m, shm): %w", (size-s.flight)>>20, err)
		}
	}
	return nil
}

// detach is what going into the background leaves to be done here: root and
// working directory, pid files, then privileges.
func (s *server) detach() (err error) {
	if s.spawner, err = spawn.New(); err != nil {
		return err
	}
	s.findOrdinary()
	s.realTime()
	s.lockMemory()
	if s.Mode != Alone {
		if err := s.enter(); err != nil {
			return err
		}
		if err := s.makeRunDirs(); err != nil {
			return err
		}
		if err := s.pids.write(s.PidFile, s.PgidFile); err != nil {
			return err
		}
	}
	if err := s.who.assume(); err != nil {
		return err
	}
	s.findGentle()
	return nil
}

// enter changes root and working directory, ours and that of the children.
func (s *server) enter() error {
	if root := s.absolute(s.Values.Text(param.Chroot)); root != "" {
		if err := unix.Chroot(root); err != nil {
			return fmt.Errorf("cannot chroot to %s: %w", root, err)
		}
		if err := s.spawner.Chroot(root); err != nil {
			return fmt.Errorf("cannot chroot to %s: %w", root, err)
		}
		if err := unix.Chdir("/"); err != nil {
			return fmt.Errorf("chroot %s: %w", root, err)
		}
	}
	s.StatsFile = s.absolute(s.StatsFile)
	dir := s.workdir()
	if err := unix.Chdir(dir); err != nil {
		return fmt.Errorf("cannot change to the working directory %s: %w", dir, err)
	}
	return nil
}

// absolute is what path meant where the server was started: the thread that
// starts the children stands elsewhere.
func (s *server) absolute(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(s.who.dir, path)
}

func (s *server) workdir() string {
	if d := s.Values.Text(param.Workdir); d != "" {
		return d
	}
	return "/"
}

// share makes the descriptors that children inherit.
func (s *server) share() (err error) {
	s.shared, err = newInherited(s.Image)
	return err
}

func (s *server) startCrew() error {
	s.crew = &crew{
		hands: hands{now: time.Now, spawn: s.spawn, hurry: s.hurry, kill: kill, dead: s.arena.MarkDead, pause: time.Sleep},
		log:   s.log, rows: s.plannedRows(), patience: startPatience,
		exitTimeout: time.Duration(s.Values.Int(param.ExitTimeout)) * time.Second,
		forkDelay:   time.Duration(s.Values.Int(param.ForkDelay)) * time.Microsecond,
	}
	s.reports = make(chan handoff.Report, 64)
	go readReports(s.shared.readyR, s.reports)
	s.crew.start()
	return nil
}

// startPatience is how long a worker may take to say that it serves.
const startPatience = 60 * time.Second

func kill(pid int, sig syscall.Signal) { _ = syscall.Kill(pid, sig) } // it may be dead already

func readReports(r *os.File, out chan<- handoff.Report) {
	for {
		rep, err := handoff.ReadReport(r)
		if err != nil {
			return
		}
		out <- rep
	}
}

// serve is the loop of the server's life, until no child is left.
func (s *server) serve() error {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for !s.crew.gone() {
		timer.Reset(s.notify.wait(s.crew.wait(), time.Now()))
		select {
		case sig := <-s.signals:
			s.signal(sig)
		case <-s.child:
			s.pendingSignals()
			for _, e := range spawn.Reap() {
				s.crew.exited(e)
			}
		case r := <-s.reports:
			s.crew.reported(r)
		case <-timer.C:
			s.crew.tick()
		}
		if s.crew.phase == running && !s.told {
			s.ready()
		}
		s.feed(time.Now())
	}
	return s.verdict()
}

// pendingSignals comes before deaths: a Ctrl-C reaches the workers as well, and
// those that end by it are not to be started again.
func (s *server) pendingSignals() {
	for {
		select {
		case sig := <-s.signals:
			s.signal(sig)
		default:
			return
		}
	}
}

// verdict is nil for a server that served. The reason that a worker gave may
// still be in the pipe when its death is known already.
func (s *server) verdict() error {
	if s.crew.failure == "" {
		return nil
	}
	for {
		select {
		case r := <-s.reports:
			s.crew.reported(r)
		case <-time.After(50 * time.Millisecond):
			return fmt.Errorf("the server cannot start: %s", s.crew.failure)
		}
	}
}

// ready tells the starting command, and lets go of its terminal.
func (s *server) ready() {
	s.told = true
	if err := s.openHealth(); err != nil {
		s.log.Warn("no watchdog", "reason", err.Error())
		s.notify.every = 0
	}
	s.sayReady()
	s.seat.SetState(shm.Running)
	s.log.Log(context.Background(), logger.Level(logger.Notice), fmt.Sprintf("%s is ready", s.Name), "processes", len(s.crew.rows)+1,
		"sockets", len(s.Plan.Sockets), "shm_mb", (int64(s.arena.Size())-s.flight)>>20, "ms", time.Since(s.born).Milliseconds())
	if s.Mode != Alone {
		s.leaveTerminal()
	}
	if s.Status != nil {
		s.Status.Write([]byte{readyByte}) // the starter may be gone; the server serves all the same
		s.Status.Close()
		s.Status = nil
	}
}

func (s *server) signal(sig os.Signal) {
	switch sig {
	case syscall.SIGTERM, syscall.SIGINT:
		s.log.Log(context.Background(), logger.Level(logger.Notice), fmt.Sprintf("signal %d (%v): shutting down", sig, sig))
		s.notify.say("STOPPING=1\nSTATUS=shutting down")
		s.crew.shutdown()
	case syscall.SIGALRM: // the original's exit_timeout, asked for by hand
		if s.crew.phase == draining {
			s.crew.shutdown()
		}
	case syscall.SIGUSR1:
		s.statistics()
	case syscall.SIGHUP:
		s.log.Log(context.Background(), logger.Level(logger.Notice), "SIGHUP ignored: there is no reload; restart to use a new configuration")
	default:
		s.log.Debug("signal ignored", "signal", sig)
	}
}

// stop closes what the stages opened, however far they came.
func (s *server) stop() {
	defer s.guard()()
	signal.Stop(s.signals)
	signal.Stop(s.child)
	s.pids.remove(s.log)
	s.saveCounters("at the end")
	s.lastReport()
	if s.told {
		s.log.Log(context.Background(), logger.Level(logger.Notice), "Thank you for flying "+s.Name)
	}
	s.notify.close()
	s.Plan.Close()
	if s.raw > 0 {
		unix.Close(s.raw)
	}
	s.shared.close()
	if s.arena != nil {
		s.arena.Close()
	}
	if s.pump != nil {
		s.pump.close()
	}
	if s.Status != nil {
		s.Status.Close()
	}
}
