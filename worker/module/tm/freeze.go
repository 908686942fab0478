package tm

import (
	"hash/maphash"
	"time"
	"unsafe"

	"goser/shm"
	"goser/sip"
	"goser/worker/module"
)

// request is a received request as the routes of its transaction shall see it:
// the bytes, where they came from, and what the script had done until then.
// The texts follow it.
type request struct {
	Time       int64
	Src, Dst   addr
	Number     uint64
	Flags      uint32
	BFlags     uint32
	SendSocket int16
	AdvPort    uint16
	Proto      uint8
	Bits       uint8
	RRResult   int8
	RRBits     uint8
	RRSkip     uint16
	RRLines    [2]int32
	Len        [numParts]uint32
}

// The texts behind a request.
const (
	partRaw = iota
	partURI
	partEdits
	partReplyHeaders
	partReplyBody
	partReplyType
	partAdvAddr
	partRRParams
	partRRQueue
	partRRRecord
	partNext
	numParts
)

const (
	bitForceRport = 1 << iota
	bitAddRport
	bitHopsDone
)

// part is one of the texts.
func (s *state) part(off uint64, r *request, i int) string {
	at := requestSize
	for k := range i {
		at += uint64(r.Len[k])
	}
	if at+uint64(r.Len[i]) > s.arena.SizeOf(off) {
		return ""
	}
	return text(s.arena.Bytes(off+at, uint64(r.Len[i])))
}

// freeze makes a block with all that has to be known of c's request.
func (s *state) freeze(c *module.Ctx) (off uint64, ok bool) {
	edits := c.Edits.AppendBinary(s.text[:0])
	s.text = edits
	heads := ""
	if len(c.ReplyHeaders) > 0 {
		heads = c.Concat(c.ReplyHeaders...)
	}
	parts := [numParts]string{
		partRaw: c.SIP.Raw, partURI: c.Dest.URI, partEdits: text(edits), partReplyHeaders: heads,
		partReplyBody: c.ReplyBody, partReplyType: c.ReplyType, partAdvAddr: c.AdvertisedAddr,
		partRRParams: c.RR.Params, partRRQueue: c.RR.Queue, partRRRecord: c.RR.Record,
		partNext: c.Dest.Next,
	}
	size := requestSize
	for i := range parts {
		size += uint64(len(parts[i]))
	}
	if off, ok = s.proc.Alloc(kindRequest, size); !ok {
		s.full()
		return 0, false
	}
	r := shm.View[request](s.arena, off)
	r.fill(c)
	at := off + requestSize
	for i := range parts {
		r.Len[i] = uint32(len(parts[i]))
		copy(s.arena.Bytes(at, uint64(len(parts[i]))), parts[i])
		at += uint64(len(parts[i]))
	}
	return off, true
}

func (r *request) fill(c *module.Ctx) {
	r.Time, r.Number, r.Proto = c.Recv.Time.UnixNano(), c.Recv.Number, uint8(c.Recv.Proto)
	r.Src = packAddr(&module.Path{To: c.Recv.Src, From: c.Recv.Socket})
	r.Dst = packAddr(&module.Path{To: c.Recv.Dst})
	r.Flags, r.BFlags = c.Flags, c.Dest.Flags
	if c.Dest.Socket != nil {
		r.SendSocket = int16(c.Dest.Socket.Index + 1)
	}
	r.AdvPort = uint16(c.AdvertisedPort)
	for _, b := range [...]struct {
		on  bool
		bit uint8
	}{{c.ForceRport, bitForceRport}, {c.AddLocalRport, bitAddRport}, {c.MaxForwardsDone, bitHopsDone}} {
		if b.on {
			r.Bits |= b.bit
		}
	}
	r.RRResult, r.RRSkip = c.RR.Result, uint16(c.RR.Gone)
	if c.RR.Recorded {
		r.RRBits = 1
	}
	for i, l := range c.RR.Lines {
		r.RRLines[i] = int32(l)
	}
}

// thaw puts the request of a transaction into c, as it was frozen. All texts
// are views of the arena: they live while the transaction is held.
func (s *state) thaw(c *module.Ctx, h held) bool {
	off := h.Request.Off()
	r := h.Request.Get(s.arena)
	if r == nil {
		return false
	}
	if err := c.SIP.Parse(s.part(off, r, partRaw)); err != nil {
		return false
	}
	if !c.Edits.LoadBinary(s.part(off, r, partEdits), len(c.SIP.Raw)) {
		return false
	}
	sockets := s.env.Sockets()
	src, _ := r.Src.path(sockets)
	c.Recv = module.Received{
		Src: r.Src.addrPort(), Dst: r.Dst.addrPort(), Socket: src.From,
		Proto: module.Proto(r.Proto), Time: time.Unix(0, r.Time), Number: r.Number,
	}
	ip := c.Recv.Src.Addr()
	c.Recv.SrcIP = c.Build(48, func(dst []byte) []byte { return ip.AppendTo(dst) })
	c.Dest.URI, c.Dest.Next, c.Dest.Flags = s.part(off, r, partURI), s.part(off, r, partNext), r.BFlags
	if i := int(r.SendSocket) - 1; i >= 0 && i < len(sockets) {
		c.Dest.Socket = sockets[i]
	}
	c.Flags = h.MsgFlags
	if t := s.part(off, r, partReplyHeaders); t != "" {
		c.ReplyHeaders = append(c.ReplyHeaders, t)
	}
	c.ReplyBody, c.ReplyType = s.part(off, r, partReplyBody), s.part(off, r, partReplyType)
	c.AdvertisedAddr, c.AdvertisedPort = s.part(off, r, partAdvAddr), int(r.AdvPort)
	c.ForceRport, c.AddLocalRport, c.MaxForwardsDone = r.Bits&bitForceRport != 0, r.Bits&bitAddRport != 0, r.Bits&bitHopsDone != 0
	c.RR = module.RouteState{
		Result: r.RRResult, Gone: int(r.RRSkip), Recorded: r.RRBits&1 != 0, Record: s.part(off, r, partRRRecord),
		Params: s.part(off, r, partRRParams), Queue: s.part(off, r, partRRQueue),
	}
	for i := range c.RR.Lines {
		c.RR.Lines[i] = sip.EditID(r.RRLines[i])
	}
	s.loadAVPs(c, h)
	c.Tx = module.TxRef{Off: h.off, Label: h.Label, Branch: -1, Held: true}
	return true
}

// refreeze replaces the frozen request by what c has now.
func (s *state) refreeze(c *module.Ctx, h held) bool {
	off, ok := s.freeze(c)
	if ok {
		s.link(h.tx, (*uint64)(unsafe.Pointer(&h.Request)), off)
	}
	return ok
}

// loadAVPs gives c the AVPs of the transaction.
func (s *state) loadAVPs(c *module.Ctx, h held) {
	c.AVPs.Reset()
	if h.AVPs != 0 {
		c.AVPs.LoadBinary(text(s.blob(h.AVPs)))
	}
}

var avpSeed = maphash.MakeSeed()

// saveLate stores what the main route has done to its AVPs after t_relay, and
// only that: reply routes may have been at work on them meanwhile.
func (s *state) saveLate(c *module.Ctx) {
	if c.AVPs.Len() == 0 && c.Tx.AVPs == 0 || s.avpMark(c) == c.Tx.AVPs {
		return
	}
	if h, ok := s.enter(c); ok {
		s.saveAVPs(c, h)
		s.release(h)
	}
}

// avpMark tells AVPs from others; 0 is none.
func (s *state) avpMark(c *module.Ctx) uint64 {
	if c.AVPs.Len() == 0 {
		return 0
	}
	s.text = c.AVPs.AppendBinary(s.text[:0])
	return maphash.Bytes(avpSeed, s.text)
}

// saveAVPs stores what routes have made of them.
func (s *state) saveAVPs(c *module.Ctx, h held) {
	if c.AVPs.Len() == 0 && h.AVPs == 0 {
		return
	}
	b := c.AVPs.AppendBinary(s.text[:0])
	s.text = b
	if string(b) == text(s.blob(h.AVPs)) {
		return
	}
	// The list's strings may lie in the block that is replaced: c gets the new.
	if s.replace(h.tx, &h.AVPs, b) {
		c.AVPs.LoadBinary(text(s.blob(h.AVPs)))
	}
}

func viewTx(a *shm.Arena, off uint64) *tx { return shm.View[tx](a, off) }
