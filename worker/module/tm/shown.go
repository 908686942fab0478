package tm

import (
	"encoding/binary"
	"fmt"
	"sync/atomic"
	"unsafe"

	"goser/shm"
	"goser/shm/kill"
	"goser/shm/wheel"
	"goser/sip"
	"goser/worker/module"
)

// A source address may be forged, so what is sent there is bounded by
// reply_amplification until somebody has shown that he receives it: with an ACK
// that has the To tag of a reply of our own, which nobody else can know. That is
// remembered of the address the reply went to, for a minute: a client that has
// acknowledged a challenge gets the repetitions of the reply to its next INVITE.
//
// What remembers it is a table of words, each the upper bits of a keyed hash and
// a time. Two addresses may want the same word: the later one has it.

const (
	shownRoot  = "tm.shown"
	shownSlots = 1 << 14
	shownFor   = 60 // s
	shownTime  = 1<<24 - 1
)

func openShown(p *shm.Proc) ([]uint64, error) {
	r, _, err := p.Root(shownRoot, shm.KindRaw, shownSlots*uint64(unsafe.Sizeof(uint64(0))), 0, nil)
	if err != nil {
		return nil, fmt.Errorf("tm: %w", err)
	}
	return shm.Slice[uint64](p.Arena(), r.Off, shownSlots), nil
}

// shownWord is what stands for an address now, and where.
func (s *state) shownWord(a *addr) (slot *uint64, word uint64) {
	s.text = append(append(s.text[:0], "shown"...), a.IP[:]...)
	s.text = binary.LittleEndian.AppendUint16(s.text, a.Port)
	h := s.arena.Hash(s.text)
	seconds := s.env.Tick() * wheel.TickMs / 1000
	return &s.shown[h%shownSlots], h&^shownTime | seconds&shownTime
}

// show notes that somebody receives what is sent to a.
func (s *state) show(a *addr) {
	slot, word := s.shownWord(a)
	atomic.StoreUint64(slot, word)
}

func (s *state) hasShown(a *addr) bool {
	slot, word := s.shownWord(a)
	return word-atomic.LoadUint64(slot) < shownFor // the upper bits agree, then
}

// showAck is for an ACK to a reply of h.
func (s *state) showAck(c *module.Ctx, h held) {
	h.Flags |= flShown
	kill.Point("tm.shown.1")
	if to, err := c.SIP.To(); err == nil && h.has(flFinalLocal) && to.Tag == s.toTag(c, h) {
		s.show(&h.Back)
	}
}

// ShowAck implements api.Transactions.
func (service) ShowAck(c *module.Ctx) {
	s := of(c.Env)
	if c.SIP.Method != sip.MethodAck {
		return
	}
	if path, err := s.env.ReplyPath(c); err == nil {
		to := packAddr(&path)
		s.show(&to)
	}
}
