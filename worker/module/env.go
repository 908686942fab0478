package module

import (
	"log/slog"
	"net/netip"
	"time"

	"goser/cfg/check"
	"goser/shm"
)

// Env is what the worker does for the script and for modules. A worker has
// one; tests bring their own, with a virtual clock and no sockets.
//
// Only one message of a worker is in the script at a time, so nothing here
// needs a lock; Wait is where another one gets its turn.
type Env interface {
	Stateful

	// Now is the time at which the batch of this message came in.
	Now() time.Time
	// Random is a fresh random number.
	Random() uint64

	// Wait runs f, which may take long (DNS, a database, connect). The worker
	// goes on with other messages meanwhile; f must not touch c. It fails
	// without running f when max_waiting messages wait already.
	Wait(c *Ctx, f func()) error

	// Send queues data as a datagram; it leaves at the end of the batch. The
	// bytes are copied. A nil socket lets the destination decide.
	Send(from *Socket, to netip.AddrPort, data []byte) error

	// Reply answers the request of c statelessly (RFC 3261 §8.2.6, §16.11):
	// status, reason, the reply headers and body collected in c. A request
	// gets one final answer; a second one, one to an ACK, and one that would
	// be more than reply_amplification times the request fail.
	Reply(c *Ctx, code int, reason string) error

	// LocalTag is the To tag of stateless replies to the request of c: the
	// same for its retransmissions and for the ACK to a negative reply.
	LocalTag(c *Ctx) string

	// Forward sends the request of c on statelessly (RFC 3261 §16.11).
	Forward(c *Ctx, to Target) error

	// ForwardReply sends the reply of c on statelessly (RFC 3261 §16.7).
	ForwardReply(c *Ctx) error

	// SendRaw sends the received bytes of c unchanged, in an onsend_route the
	// bytes about to leave.
	SendRaw(c *Ctx, to Target) error

	// Myself tells whether a host and port mean this server. Port 0 is 5060,
	// AnyPort matches whatever port we listen on.
	// The host is a name or an address; an IPv6 one with or without brackets.
	Myself(host string, port int, proto Proto) bool
	// LocalIP tells whether an address belongs to a listening socket.
	LocalIP(a netip.Addr) bool
	// FindSocket finds a listening socket; ProtoAny and port 0 match any.
	FindSocket(proto Proto, host string, port int) *Socket
	// Lookup resolves a host name to addresses; it waits.
	Lookup(c *Ctx, host string) ([]netip.Addr, error)
	// ReverseLookup resolves an address to its names; it waits. None is no error.
	ReverseLookup(c *Ctx, a netip.Addr) []string

	// Log is the process's log.
	Log() *slog.Logger
	// ScriptLog writes what log() and xlog() say; facility "" is the server's.
	ScriptLog(level int, prefix, text string)
	// SetDebug changes the log level of this process, ResetDebug brings that of the
	// parameter debug back.
	SetDebug(level int)
	ResetDebug()
	// Count adds to a counter that was declared as "group.name".
	Count(id Counter, n int64)
	// FindCounter finds a counter by its name "group.name"; FindStatistic by that
	// or by the name alone, in any group. Sum is its value over all processes,
	// ResetCounter makes it 0.
	FindCounter(name string) (Counter, bool)
	FindStatistic(name string) (Counter, bool)
	Sum(id Counter) int64
	ResetCounter(id Counter)
	// Arena is the shared memory.
	Arena() *shm.Arena
	// Rank, Index and StartTime tell which process this is.
	Process() Process
}

// AnyPort is for Env.Myself.
const AnyPort = -1

// Counter names a counter that Module.Counters declared.
type Counter int32

// Process tells which process this is.
type Process struct {
	Rank, Index, Pid int
	Desc             string
	Start            time.Time // of the server
	First            bool      // no other has had this row of the process table: the server starts
}

// Target is where forward() and send() send to. The zero Target is the
// request's own next hop: $du if set, else the R-URI.
type Target struct {
	Host    string // "" for the next hop
	IP      netip.Addr
	Port    int   // 0: default or SRV
	Proto   Proto // ProtoAny: from the URI, or that of the received request
	FromURI bool  // take host and port from the R-URI
}

// Errors of core functions, as sl_reply_error and $rc see them.
const (
	ErrUnspec  = -1
	ErrMem     = -2
	ErrBug     = -5
	ErrConfig  = -6
	ErrBadVia  = -8
	ErrScript  = -10
	ErrTooMany = -483
	ErrLoop    = -482
	ErrSend    = -477
	ErrBadAddr = -478
	ErrBadURI  = -479
	ErrProto   = -7
	ErrAdmin   = -510
)

// Error is a failed core function: Code is what the script gets.
type Error struct {
	Code int
	Msg  string
}

func (e *Error) Error() string { return e.Msg }

// Runner runs routes; package script implements it for the worker.
type Runner interface {
	// Request runs the main route; Reply the main onreply_route and tells
	// whether the reply is to be sent on; Send the onsend_route and tells
	// whether the message may leave. Absent routes say true.
	Request(c *Ctx)
	Reply(c *Ctx) bool
	Send(c *Ctx) bool
	// Call runs one named route of a kind, for modules.
	Call(c *Ctx, kind check.RouteKind, name string) int
	Blocks
}
