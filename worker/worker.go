// Package worker is what a child of the supervisor does: it receives
// datagrams, takes each through the script, and sends what comes out.
//
// A message's way is in receive.go, from the kernel to the script and back;
// follow.go lets one message wait while others go on; wire.go is where a module
// sees datagrams as they come and leave; inflight and transport hold the bytes.
// Only one message of a worker is in the script at a time: the goroutine that
// holds the baton.
//
// What can go wrong: a message that breaks an invariant panics and takes the
// process with it. The next process of the same row finds the message in its
// slot, runs it once more, and puts it into quarantine when it kills again.
package worker

import (
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"goser/cfg/check"
	"goser/shm"
	"goser/shm/counter"
	"goser/shm/wheel"
	"goser/sip"
	"goser/worker/backlog"
	"goser/worker/handoff"
	"goser/worker/inflight"
	"goser/worker/logger"
	"goser/worker/module"
	"goser/worker/pace"
	"goser/worker/report"
	"goser/worker/stun"
	"goser/worker/transport"
	"goser/worker/turn"
)

// Worker is one process's state. Everything below baton belongs to whoever
// holds it.
type Worker struct {
	birth      *handoff.Birth
	arena      *shm.Arena
	program    *check.Program
	runner     module.Runner
	handler    *logger.Handler
	prefix     func(c *module.Ctx) string // log_prefix; nil: none
	prefixEach bool                       // log_prefix_mode=1: anew for each line of the script
	log        *slog.Logger
	memory     report.Memory
	conf       settings
	sockets    []*module.Socket
	fds        []int
	mine       identity
	hooks      module.Hooks
	events     coreEvents
	seeIn      module.Intercept // sees datagrams as they come; nil: nobody
	seeOut     module.Intercept // as they leave
	showing    bool             // it looks at one
	shown      *showing         // what a successor is to know of that; nil if nobody looks
	count      coreCounters
	secret     uint64 // the arena's hash seed: the same in every process of the server

	baton    sync.Mutex
	region   *inflight.Region
	done     []*inflight.Slot // handled, their output not sent yet
	counters *counter.Set
	wheel    *wheel.Wheel
	lane     counter.Lane
	vars     *module.Vars
	proc     *shm.Proc
	one      [1]netip.Addr
	out      *transport.Sender
	raw      *transport.Raw   // udp4_raw; nil: off
	pending  []*inflight.Slot // received; handled up to next
	next     int
	idle     []*follower   // parked goroutines
	waiting  int           // messages in Wait
	tookLast atomic.Int64  // how long one of them waited last, nanoseconds
	took     atomic.Int64  // the shorter of the last two
	steps    atomic.Int64  // how many of them had what they waited for
	turns    *turn.Turns   // whether this process receives; the leader's
	watch    []*turn.Turns // all sockets', for the timer process
	pace     pace.Pace     // when the leader lets datagrams gather
	backlog  *backlog.Gauge
	behind   bool      // by what backlog says
	turn     *follower // who runs now
	pid      int
	number   uint64
	now      time.Time
	strange  logger.Limiter // lines that strangers cause
	stunRate logger.Limiter // answers to STUN
	fwd      sip.Forward    // the request being built
	rnd      *rand.Rand
	loops    int           // in the receive loop: one, or two while they change over
	quit     chan struct{} // not nil: the loop is to end, and closes it (tests)
	clock    wheelClock
	public   module.Conf
}

// follower is a goroutine that can run a message; one of them, the leader,
// also receives.
type follower struct {
	ctx    module.Ctx
	wake   chan struct{}
	slot   *inflight.Slot
	leader bool

	borrowed []*module.Ctx // lent out: the first lent of them
	lent     int
}

func (w *Worker) newFollower(vars *module.Vars) *follower {
	f := &follower{wake: make(chan struct{}, 1)}
	f.ctx.Env, f.ctx.Vars = w, vars
	f.ctx.SIP.Limits = w.conf.limits
	return f
}

// settings are the core parameters that the hot path looks at.
type settings struct {
	limits        sip.Limits
	strict        bool // reject_invalid
	checkVia      bool
	replyToVia    bool
	sendReplies   bool // onsend_route_reply
	viaDNS        bool // dns
	viaRevDNS     bool // rev_dns
	forceRport    bool
	synBranch     bool
	mhomed        bool
	warning       bool // sip_warning
	server        string
	amplification int
	selfVias      int
	batch         int
	maxWaiting    int
	maxDatagram   int
	quarantine    int // deaths
	quarantineDir string
	advAddr       string
	advPort       int
	corelog       int
	stun          bool // stun_allow_stun
	stunAnswer    stun.Options
}
