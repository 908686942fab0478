package tm

import (
	"net/netip"
	"unsafe"

	"goser/shm"
	"goser/shm/table"
	"goser/shm/wheel"
	"goser/sip/fsm"
	"goser/worker/module"
)

// tx is one transaction in the arena. Its one timer is set before it can be
// found and stays set until it is taken out: whoever dies, it comes back.
//
// What it owns is linked under its lock with Intent and Old saying which blocks
// are about to be linked and to be replaced (see link).
type tx struct {
	table.Entry
	Lock   shm.Mutex
	Label  uint32 // tells it from what had the block before
	Timer  wheel.Node
	Armed  uint64 // tick the timer is set for
	Maker  uint64 // datagram that made it (Received.ID)
	Ender  uint64 // and the one with its final reply
	Intent uint64
	Old    uint64

	Request  shm.Own[request]
	Reply    shm.Own[blob] // last reply sent upstream; of a request of our own the owner
	AVPs     shm.Own[blob]
	Reason   shm.Own[blob] // Reason header lines of a CANCEL
	Branches [module.MaxBranches]shm.Own[branch]

	Born      uint64 // ticks, as all times here; 0: not set
	RetrAt    uint64 // timer G
	TimeoutAt uint64 // timer H
	WaitAt    uint64
	LifeAt    uint64
	RetrMs    uint32

	FR, FRInv, T1, T2 uint32 // ms
	Flags             uint32 // fl...
	MsgFlags          uint32
	BytesIn, BytesOut uint32 // from and to the client's side; an INVITE of our own has none: see dialog
	ErrCode           int32  // reply owed since t_relay failed
	CSeq              uint32 // number of the request's
	CallHash          uint32 // of Call-ID and CSeq; never changes; 0 for a request of our own

	OnBranch, OnFailure, OnReply, OnBranchFailure uint16 // route number + 1

	Deciding uint16 // the route that decides now, number + 1

	State  fsm.State // of the server side
	Status uint16    // of the last reply sent upstream
	N      uint8     // branches made
	Leg    uint8     // first branch of the present leg
	Byes   uint8     // of an INVITE of our own: dialogs ended that its owner does not know of
	Deaths uint8     // processes that died in a route of this transaction
	Run    run       // which kind of route Deciding is
	RunFor uint8     // and of which branch
	Before uint8     // branches when it began
	Winner int8      // branch whose reply was chosen, -1 none

	Back addr // where replies go
}

// Flags of a transaction.
const (
	flInvite     = 1 << iota
	flCanceled   // a CANCEL has come, or t_cancel
	flCanceling  // and it had branches
	flNoReply    // t_replicate: nothing goes upstream
	flRelayed    // t_relay has been here
	flLocal      // we made the request
	flTimeout    // a branch ended by its timer
	flReplied    // a reply came in
	flNo100      // t_set_auto_inv_100(0)
	flNo6xx      // t_set_disable_6xx(1)
	flNoIntReply // t_set_disable_internal_reply(1)
	flNoReason   // t_set_no_e2e_cancel_reason(1)
	flNoFailover // t_set_disable_failover(1)
	flReleased   // t_release
	flOldClient  // RFC 2543 client: no magic cookie
	flShown      // the client has shown that it is there
	flAsync      // suspended
	flExpired    // its life is over
	flFinalLocal // the final reply was ours
	flDeciding   // a route that decides runs
	flRedo       // a process died in it: it is to run again
	flSlim       // what it does not need any more is given back
)

// branch is one client transaction. The bytes that were sent follow it.
type branch struct {
	State       fsm.State
	Index       uint8
	Cancel      uint8 // cancel...
	CancelTries uint8
	Flags       uint8 // br...
	Status      uint16
	OnReply     uint16
	OnFailure   uint16 // branch-failure event, route number + 1
	URIAt       uint16 // in the bytes
	URILen      uint16
	Q           int16
	Failure     uint16 // failure_route to run when this branch wins, number + 1
	BFlags      uint32
	Len         uint32 // of the bytes
	RetrMs      uint32
	CancelMs    uint32
	RetrAt      uint64
	TimeoutAt   uint64
	CancelAt    uint64 // next CANCEL to send
	SeenID      uint64 // datagram of the last reply
	Reply       shm.Own[blob]
	To          addr
}

// Flags of a branch.
const (
	brLocal     = 1 << iota // its final status is ours: timer, onsend_route
	brTimeout               // by timer
	brProgress              // a provisional reply came
	brReplied               // any reply came
	brBlind                 // t_suspend: nothing was sent
	brDropped               // not eligible (t_drop_replies)
	brFailureOn             // its branch-failure route has run
)

// The CANCEL of a branch.
const (
	cancelNone   = iota
	cancelWanted // as soon as a provisional reply has come
	cancelSent
	cancelDone // answered
)

// blob is some bytes; they follow it. Len 0 is nothing: that is how its content
// is replaced in place, Len first and last.
type blob struct {
	Len, Cap uint32
}

const (
	txSize      = uint64(unsafe.Sizeof(tx{}))
	branchSize  = uint64(unsafe.Sizeof(branch{}))
	requestSize = uint64(unsafe.Sizeof(request{}))
	blobSize    = uint64(unsafe.Sizeof(blob{}))
	timerAt     = uint64(unsafe.Offsetof(tx{}.Timer))
)

var (
	kindTx      shm.Kind
	kindRequest = shm.NewKindOf[request](shm.KindInfo{Name: "tm.request"})
	kindBranch  = shm.NewKindOf[branch](shm.KindInfo{Name: "tm.branch"})
	kindBlob    = shm.NewKindOf[blob](shm.KindInfo{Name: "tm.blob"})
)

func init() { kindTx = shm.NewKindOf[tx](shm.KindInfo{Name: "tm.transaction", Release: releaseTimer}) }

// releaseTimer cancels the timer of a transaction whose process died while it
// built it or took it apart.
func releaseTimer(p *shm.Proc, off uint64) {
	if w, err := wheel.Open(p, timersRoot, 0); err == nil {
		w.Cancel(p, off+timerAt)
	}
}

// timersRoot is the wheel that the timer processes of the server drive.
const timersRoot = "timers"

// addr is a socket address and the number of the socket to use for it.
type addr struct {
	IP     [16]byte
	Port   uint16
	Socket int16 // Socket.Index + 1, 0 none
	V4     bool
	HasSrc bool
	_      [2]byte
	Src    [16]byte // to send from on a wildcard socket
}

func packAddr(p *module.Path) addr {
	a := addr{IP: p.To.Addr().As16(), Port: p.To.Port(), V4: p.To.Addr().Is4()}
	if p.From != nil {
		a.Socket = int16(p.From.Index + 1)
	}
	if p.Src.IsValid() {
		a.Src, a.HasSrc = p.Src.As16(), true
	}
	return a
}

func (a *addr) addrPort() netip.AddrPort {
	ip := netip.AddrFrom16(a.IP)
	if a.V4 {
		ip = ip.Unmap()
	}
	return netip.AddrPortFrom(ip, a.Port)
}

// path is how to send there.
func (a *addr) path(sockets []*module.Socket) (p module.Path, ok bool) {
	i := int(a.Socket) - 1
	if i < 0 || i >= len(sockets) {
		return p, false
	}
	p = module.Path{To: a.addrPort(), From: sockets[i]}
	if a.HasSrc {
		p.Src = netip.AddrFrom16(a.Src)
		if a.V4 {
			p.Src = p.Src.Unmap()
		}
	}
	return p, true
}

func (t *tx) has(flags uint32) bool { return t.Flags&flags != 0 }

func (t *tx) invite() bool { return t.Flags&flInvite != 0 }

// dialog is, of an INVITE of our own, a hash of the To tag that its owner knows of,
// 0 if of none: it has no client whose bytes would be counted there.
func (t *tx) dialog() *uint32 { return &t.BytesIn }

// server and client are the machines of this transaction's two sides.
func (t *tx) server() *fsm.Machine {
	if t.invite() {
		return fsm.InviteServer
	}
	return fsm.Server
}

func (t *tx) client() *fsm.Machine {
	if t.invite() {
		return fsm.InviteClient
	}
	return fsm.Client
}

// final tells whether a final reply has gone upstream.
func (t *tx) final() bool { return t.State.Final() }

func (b *branch) has(flags uint8) bool { return b.Flags&flags != 0 }

// refused tells whether the peer itself has ended the branch with a negative
// reply: a 2xx behind it is a mistake (RFC 3261 §17.1.1.2).
func (b *branch) refused() bool { return b.Status >= 300 && !b.has(brLocal) }

// over tells whether the branch has its final status.
func (b *branch) over() bool { return b.State.Final() }
