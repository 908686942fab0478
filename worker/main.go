package worker

import (
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"goser/cfg"
	"goser/cfg/param"
	"goser/shm"
	"goser/shm/conf"
	"goser/shm/kill"
	"goser/shm/wheel"
	"goser/worker/backlog"
	"goser/worker/handoff"
	"goser/worker/inflight"
	"goser/worker/logger"
	"goser/worker/module"
	"goser/worker/report"
	"goser/worker/script"
	"goser/worker/transport"
	"goser/worker/turn"
)

// Exit codes of a worker. The supervisor starts it again after each but Done.
const (
	exitDone     = 0
	exitOrphan   = 3 // the supervisor is gone
	exitNotReady = 1
)

// Main is a child's life: it reads its birth record, takes its seat in the
// arena, cleans up after its predecessor, says that it is ready and does its
// role's work until it is told to stop.
func Main(b *handoff.Birth) int {
	runtime.GOMAXPROCS(2) // one thread receives; the other finishes what had to wait
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	usr1 := make(chan os.Signal, 1)
	signal.Notify(usr1, syscall.SIGUSR1)
	signal.Ignore(syscall.SIGHUP, syscall.SIGPIPE, syscall.SIGUSR2, syscall.SIGALRM)
	go orphan(b.LifeFD)

	w, err := open(b)
	if err != nil {
		return w.fail(b, err)
	}
	debug.FreeOSMemory() // the configuration's garbage
	w.proc.SetState(shm.Running)
	if err := w.sayReady(nil); err != nil {
		return exitOrphan
	}
	switch b.Role {
	case handoff.RoleUDP:
		f := w.newFollower(w.vars)
		f.leader = true
		go func() {
			w.firstWorker(f)
			w.follow(f)
		}()
	case handoff.RoleTimer:
		f := w.newFollower(w.vars)
		f.leader = true
		go w.follow(f)
	case handoff.RoleSlowTimer:
		go w.runSlowTimer()
	}
	go w.reportMemory(usr1)
	<-stop
	w.memory.Private()
	w.baton.Lock() // let the message in the script finish
	w.flush()
	w.proc.Leave()
	return exitDone
}

// reportMemory writes what this process has of its own whenever it is asked to:
// in a goroutine of its own, beside the receive loop.
func (w *Worker) reportMemory(asked <-chan os.Signal) {
	for range asked {
		w.memory.Private()
	}
}

// orphan ends the process when the supervisor is gone: nobody would restart it
// and the socket would stay bound.
func orphan(fd int) {
	f := os.NewFile(uintptr(fd), "life")
	_, _ = io.Copy(io.Discard, f)
	os.Exit(exitOrphan)
}

// fail reports why this process cannot serve.
func (w *Worker) fail(b *handoff.Birth, err error) int {
	_ = (&Worker{birth: b}).sayReady(err)
	return exitNotReady
}

func (w *Worker) sayReady(err error) error {
	f := os.NewFile(uintptr(w.birth.ReadyFD), "ready")
	defer f.Close()
	r := handoff.Report{Index: w.birth.Index, Generation: w.birth.Generation}
	if err != nil {
		r.Err = err.Error()
	}
	return r.Say(f)
}

// open builds the worker: arena, configuration, modules, sockets.
func open(b *handoff.Birth) (*Worker, error) {
	if err := kill.FromEnv(); err != nil {
		return nil, err
	}
	w := &Worker{birth: b, pid: os.Getpid(), out: transport.NewSender(), now: time.Now(), vars: new(module.Vars)}
	w.rnd = rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	values, err := w.loadConfig()
	if err != nil {
		return nil, err
	}
	w.openLog(values)
	if err := w.openArena(values); err != nil {
		return nil, err
	}
	w.settle(values)
	if err := w.openSockets(); err != nil {
		return nil, err
	}
	if err := w.openRaw(values); err != nil {
		return nil, err
	}
	if err := w.openModules(values); err != nil {
		return nil, err
	}
	if err := w.openTurns(); err != nil {
		return nil, err
	}
	if b.Role != handoff.RoleUDP {
		return w, nil
	}
	return w, w.openInflight()
}

// loadConfig reads the sealed image that the supervisor took of the
// configuration: the same program, whatever became of the files.
func (w *Worker) loadConfig() (*param.Values, error) {
	f := os.NewFile(uintptr(w.birth.ConfigFD), "config")
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("configuration image: %w", err)
	}
	image := make([]byte, st.Size())
	if _, err := f.ReadAt(image, 0); err != nil {
		return nil, fmt.Errorf("configuration image: %w", err)
	}
	prog, diag := cfg.LoadImage(image, module.NewCatalog())
	if prog == nil {
		return nil, fmt.Errorf("configuration image: %w", diag.Err())
	}
	w.program = prog
	return handoff.Settings(prog, w.birth.Overrides)
}

func (w *Worker) openLog(v *param.Values) {
	engine, _ := logger.ParseEngine(w.birth.LogEngine) // it was checked at start
	w.handler = logger.New(logger.Options{
		Index: w.birth.Index, Role: w.birth.Desc, Color: w.birth.LogColor, Engine: engine, Debug: v.Int(param.Debug), Stderr: v.Bool(param.LogStderror),
		Facility: v.Text(param.LogFacility), Name: v.Text(param.LogName),
	})
	w.log = slog.New(w.handler)
	w.memory = report.Of(v, w.handler)
	slog.SetDefault(w.log)
	w.strange.PerSecond = v.Int(param.LogRateLimit)
}

// openArena takes this process's seat and cleans up after the predecessor.
func (w *Worker) openArena(values *param.Values) error {
	b := w.birth
	a, err := shm.Attach(w.birth.ArenaFD)
	if err != nil {
		return err
	}
	p, err := a.Join(w.birth.Index, w.birth.Generation)
	if err != nil {
		return err
	}
	w.arena, w.proc = a, p
	report.Trace(p, values, w.handler)
	if _, err := p.Reap(b.Index); err != nil {
		return fmt.Errorf("cleaning up after the predecessor: %w", err)
	}
	w.secret, _ = a.Seed()
	if err := w.openCounters(); err != nil {
		return err
	}
	w.wheel, err = wheel.Open(p, "timers", wheel.Now())
	return err
}

// openSockets makes the inherited sockets usable: the receive loop sleeps in
// the kernel, so they must block; what is sent says for itself not to wait.
func (w *Worker) openSockets() error {
	for i, s := range w.birth.Sockets {
		m := &module.Socket{Index: i, Proto: protoNumber(s.Proto), Addr: s.Addr, Name: s.Name, Label: s.Label, Advertised: s.Advertise != ""}
		m.SentBy = staticSentBy(s, w.conf)
		w.sockets = append(w.sockets, m)
		w.fds = append(w.fds, s.FD)
		if err := inflight.Prepare(s.FD); err != nil {
			return fmt.Errorf("socket %s: %w", s.Addr, err)
		}
	}
	w.mine = identity{sockets: w.sockets, aliases: w.birth.Aliases, told: advertisedBy(w.birth.Sockets)}
	return nil
}

// openRaw makes use of the raw socket, if the supervisor has opened one.
func (w *Worker) openRaw(v *param.Values) error {
	if w.birth.RawFD == 0 {
		return nil
	}
	ttl := v.Int(param.UDP4RawTTL)
	if ttl < 0 {
		var err error
		if ttl, err = unix.GetsockoptInt(w.birth.RawFD, unix.IPPROTO_IP, unix.IP_TTL); err != nil {
			return fmt.Errorf("udp4_raw_ttl: %w", err)
		}
	}
	w.raw = &transport.Raw{
		FD: w.birth.RawFD, MTU: v.Int(param.UDP4RawMTU), TTL: uint8(ttl), TOS: uint8(v.Int(param.TOS)), DF: v.Bool(param.PMTUDiscovery),
	}
	return nil
}

// openModules sets the modules up and compiles the script, in the order of
// the original: parameters, start, then the routes.
func (w *Worker) openModules(v *param.Values) error {
	if err := module.Configure(w.program); err != nil {
		return err
	}
	if err := module.Declare(w.program, w.declare); err != nil {
		return err
	}
	if err := module.MakeRoots(w.program, w.proc); err != nil {
		return err
	}
	vars, err := conf.Open(w.proc, script.RuntimeDecls(w.program))
	if err != nil {
		return err
	}
	module.RuntimeVars = vars
	module.CoreParam = func(id param.ID) int32 { return int32(v.Int(id)) }
	counts, err := w.statementCounts()
	if err != nil {
		return err
	}
	engine, err := script.New(w.program, script.Options{
		Counts: counts, MaxWhileLoops: v.Int(param.MaxWhileLoops), FormatMax: v.Int(param.PVBufferSize),
		MaxNesting: v.Int(param.MaxRecursiveLevel), Latency: latency(v),
	})
	if err != nil {
		return err
	}
	w.runner, w.hooks = engine, module.HooksOf(w.program)
	w.events = eventsOf(engine, v)
	if engine.HasPrefix() {
		w.prefix, w.prefixEach = engine.Prefix, v.Int(param.LogPrefixMode) == 1
	}
	if err := module.Start(w.program, w); err != nil {
		return err
	}
	if w.seeIn, w.seeOut = module.Interceptors.In, module.Interceptors.Out; w.seeOut != nil {
		return w.openShowing()
	}
	return nil
}

func (w *Worker) declare(name, _ string) (module.Counter, error) {
	id, err := w.counters.Register(w.proc, name)
	return module.Counter(id), err
}

var kindStatements = shm.NewKind(shm.KindInfo{Name: "worker.statements"})

// statementCounts is this process's row of counters, one for each statement of
// the script. A successor counts on where its predecessor stopped.
func (w *Worker) statementCounts() ([]uint64, error) {
	n := uint64(max(len(w.program.Statements), 1))
	row := (n + 7) &^ 7
	root, _, err := w.proc.Root("script.statements", kindStatements, row*8*uint64(w.arena.Slots()), 64, nil)
	if err != nil {
		return nil, err
	}
	return shm.Slice[uint64](w.arena, root.Off+row*8*uint64(w.birth.Index), n), nil
}

// openTurns finds the tokens of this receiver's socket, for the timer those of
// all: as many as there are CPUs to run on.
func (w *Worker) openTurns() error {
	for i := range w.sockets {
		t, err := turn.Open(w.proc, i, runtime.NumCPU())
		if err != nil {
			return err
		}
		switch {
		case w.birth.Role == handoff.RoleTimer:
			w.watch = append(w.watch, t)
		case w.birth.Role == handoff.RoleUDP && i == w.birth.Socket:
			w.turns = t
		}
	}
	return nil
}

var kindInflight = shm.NewKind(shm.KindInfo{Name: "worker.inflight"})

// openInflight takes over the memory of datagrams in flight, and what the
// predecessor left in it.
func (w *Worker) openInflight() error {
	w.backlog = backlog.New(w.fds[w.birth.Socket])
	n := inflight.Slots(w.conf.maxWaiting, w.conf.batch)
	name := fmt.Sprintf("worker.inflight.%d", w.birth.Index)
	root, _, err := w.proc.Root(name, kindInflight, uint64(inflight.Size(n)), 4096, nil)
	if err != nil {
		return fmt.Errorf("%w (memory for datagrams in flight: %d KB; raise -m, or lower max_waiting)",
			err, inflight.Size(n)>>10)
	}
	if w.region, err = inflight.Open(w.arena.Bytes(root.Off, root.Size), n, w.conf.batch); err != nil {
		return err
	}
	w.recoverInflight()
	return nil
}
