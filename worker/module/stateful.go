package module

import (
	"net/netip"

	"goser/cfg/check"
	"goser/shm"
	"goser/shm/wheel"
	"goser/sip"
)

// Stateful is the part of Env for modules that keep transactions in the arena
// and handle what no datagram has started: timers, and routes that run on a
// request received earlier.
type Stateful interface {
	// Proc is this process's seat in the arena, Timers the wheel that the timer
	// processes drive, Tick the wheel's time of Now.
	Proc() *shm.Proc
	Timers() *wheel.Wheel
	Tick() uint64
	// Conf is what the core parameters say.
	Conf() *Conf

	// Borrow lends an empty message, to handle another one in the midst of the
	// present one, or where there is none. It may Wait as the present one may.
	// Return gives it back; the last borrowed goes first.
	Borrow() *Ctx
	Return(c *Ctx)

	// Sockets are the listening sockets, by Socket.Index.
	Sockets() []*Socket
	// Resolve finds the addresses and the port a target means, the best first.
	// They are valid until the next call. It may wait.
	Resolve(c *Ctx, to Target) (addrs []netip.Addr, port int, err error)
	// Path chooses socket, source address and sent-by for a destination.
	Path(c *Ctx, to netip.AddrPort) (Path, error)
	// LoopMark ends the branches of a request that goes to a destination; Looped
	// tells whether it has been there (RFC 3261 §16.3 step 4, RFC 5393).
	LoopMark(c *Ctx, to netip.AddrPort) string
	Looped(c *Ctx, mark string) bool
	// Hops says what becomes of Max-Forwards; the error is for a count of 0.
	Hops(c *Ctx) (sip.Hops, error)
	// ReplyPath is where replies to the request of c go. It may wait.
	ReplyPath(c *Ctx) (Path, error)
	// ViaFix is what is noted in the top Via of the request of c.
	ViaFix(c *Ctx) sip.ViaFix
	// AppendReply builds a reply with the headers and body collected in c.
	AppendReply(dst []byte, c *Ctx, code int, reason, tag string) []byte
	// SendOn queues a datagram for a path's destination. The bytes are copied.
	SendOn(p Path, data []byte) error
}

// Conf is what modules need of the core parameters.
type Conf struct {
	Amplification int // reply_amplification
	Limits        sip.Limits
	ServerLine    string // "Server: ..." without line end, "" for none
	UserAgent     string // "User-Agent: ...", the same
	Phone2tel     bool   // phone2tel: see Ctx.Phone
	ServerID      int    // server_id
	RevDNS        bool   // rev_dns
	MaxBranches   int    // max_branches, at most MaxBranches; 0 means that
	LocalRport    bool   // local_rport
	ViaParams     string // xavp_via_params
	ViaFields     string // xavp_via_fields
}

// Path is how a message leaves.
type Path struct {
	To     netip.AddrPort
	From   *Socket
	Src    netip.Addr // to send from on a wildcard socket
	SentBy string     // host[:port] for Via; lives as long as the message
}

// TxRef says to which transaction a message belongs. It is module tm's; the
// numbers are checked against the arena whenever they are used.
type TxRef struct {
	Off    uint64 // 0: none
	Label  uint32
	Branch int8 // in branch and reply routes; -1 elsewhere
	Held   bool // this message holds its lock
	Made   bool // this message created it

	// What the script has armed before there is a transaction.
	OnBranch, OnFailure, OnReply, OnBranchFailure uint16 // route number + 1
	FR, FRInv, Retr1, Retr2, MaxInv, MaxOther     uint32 // ms, 0: the parameter
	Flags                                         uint32
	ErrCode                                       int32  // reply owed since t_relay failed
	SentURI, SentNext                             string // Dest.URI and Dest.Next when t_relay went well
	AVPs                                          uint64 // tells whether AVPs have changed since they were saved
}

// TimerHandler is called when a timer of its kind is due, with no lock held.
// See wheel.Handler: it settles the timer.
type TimerHandler func(e Env, node, arg uint64)

var timerHandlers []TimerHandler

// NewTimer registers a kind of timer, for wheel.Node.Kind. Modules call it from
// init, so the numbers agree in all processes.
func NewTimer(h TimerHandler) uint16 {
	timerHandlers = append(timerHandlers, h)
	return uint16(len(timerHandlers))
}

// Fire is for the timer process: it calls the handler of a kind; false if there
// is none.
func Fire(e Env, kind uint16, node, arg uint64) bool {
	if kind == 0 || int(kind) > len(timerHandlers) {
		return false
	}
	timerHandlers[kind-1](e, node, arg)
	return true
}

// Blocks are a Runner's routes by number, the same in every process of a
// configuration, for those who note in the arena which route is to run.
type Blocks interface {
	// Find is the number of a block, -1 if there is none.
	Find(kind check.RouteKind, name string) int
	// Block is its kind and name.
	Block(n int) (kind check.RouteKind, name string)
	// Run runs it as a top-level block: its value, and whether drop ended it.
	Run(c *Ctx, n int) (value int, dropped bool)
	// RunAs runs it in the place of a block of another kind.
	RunAs(c *Ctx, n int, kind check.RouteKind) (value int, dropped bool)
}
