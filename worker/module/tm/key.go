package tm

import (
	"encoding/binary"
	"math/bits"
	"strconv"
	"strings"

	"goser/shm/table"
	"goser/sip"
	"goser/worker/module"
)

const cookie = "z9hG4bK"

// keyOf is the hash under which the transaction of a request is found, as one
// of the given method: an ACK or a CANCEL looks for its INVITE (RFC 3261
// §17.2.3). Requests of clients that know no magic cookie go by what RFC 2543
// has: Call-ID, CSeq, From tag, Request-URI and top Via. Call-ID and CSeq are
// always part of it: there are clients that use one branch for every call.
func (s *state) keyOf(c *module.Ctx, method sip.Method, name string) (hash uint64, old bool) {
	via, err := c.SIP.Via(0)
	if err != nil {
		return 0, true
	}
	b := s.text[:0]
	b = binary.LittleEndian.AppendUint32(b, uint32(method))
	if method == sip.MethodOther {
		b = append(append(b, name...), 0)
	}
	if hasCookie(via.Branch) {
		b = append(append(b, via.Branch...), 0)
		b = appendLower(b, via.Host)
		b = binary.LittleEndian.AppendUint16(b, uint16(via.Port))
		b = appendCall(b, c)
	} else {
		b, old = s.oldKey(b, c, via), true
	}
	s.text = b
	return s.arena.Hash(b), old
}

// hasCookie tells whether a branch is of RFC 3261. The cookie alone says nothing.
func hasCookie(branch string) bool {
	return len(branch) > len(cookie) && sip.EqualFold(branch[:len(cookie)], cookie)
}

func appendCall(b []byte, c *module.Ctx) []byte {
	b = append(append(b, c.SIP.CallID()...), 0)
	if q, err := c.SIP.CSeq(); err == nil {
		b = strconv.AppendUint(b, uint64(q.Number), 10)
	}
	return b
}

func (s *state) oldKey(b []byte, c *module.Ctx, via *sip.Via) []byte {
	b = append(appendCall(b, c), 0)
	if f, err := c.SIP.From(); err == nil {
		b = append(b, f.Tag...)
	}
	if params.ruriMatching != 0 {
		b = append(append(b, 0), c.SIP.RURI...)
	}
	if params.via1Matching != 0 {
		b = append(append(b, 0), c.SIP.Raw[via.Start:via.End]...)
	}
	return b
}

func appendLower(b []byte, s string) []byte {
	for i := range len(s) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		b = append(b, c)
	}
	return b
}

// lookup finds the transaction with a key; label 0: there is none. The bucket
// is not locked any more when it returns: take looks again.
func (s *state) lookup(hash uint64) (off uint64, label uint32) {
	g := s.table.Lock(s.proc, hash)
	off, label = s.inBucket(g)
	g.Unlock()
	return off, label
}

// takeBy takes the transaction of a hash, if there is one.
func (s *state) takeBy(c *module.Ctx, hash uint64) (held, bool) {
	off, label := s.lookup(hash)
	if off == 0 {
		return held{}, false
	}
	return s.take(c, off, label)
}

// inBucket finds the transaction of one hash. 64 bits under a secret key are the
// whole key: nobody can make two requests agree, and chance will not.
func (s *state) inBucket(g table.Guard) (off uint64, label uint32) {
	off = g.First()
	t := viewTx(s.arena, off)
	if t == nil {
		return 0, 0
	}
	return off, t.Label
}

// Our own branch parameter names the transaction and the branch, so that a
// reply finds them without a search, and carries a keyed check, so that nobody
// makes one up: cookie, block, label, check, branch, ".", loop mark.
const idLen = len(cookie) + 8 + 8 + 8 + 1

type branchID struct {
	off   uint64
	label uint32
	n     int
}

func (s *state) appendBranchID(dst []byte, id branchID) []byte {
	dst = append(dst, cookie...)
	dst = appendHex(dst, uint32(id.off>>4))
	dst = appendHex(dst, id.label)
	dst = appendHex(dst, s.checkOf(id))
	return append(dst, hexDigits[id.n&15])
}

// parseBranchID reads what appendBranchID wrote; false for all others.
func (s *state) parseBranchID(b string) (id branchID, ok bool) {
	if len(b) < idLen || !strings.HasPrefix(b, cookie) {
		return id, false
	}
	b = b[len(cookie):]
	ref, ok1 := parseHex(b[:8])
	label, ok2 := parseHex(b[8:16])
	check, ok3 := parseHex(b[16:24])
	n := strings.IndexByte(hexDigits, b[24])
	id = branchID{uint64(ref) << 4, label, n}
	return id, ok1 && ok2 && ok3 && n >= 0 && n < module.MaxBranches && check == s.checkOf(id)
}

// checkOf is a keyed hash: two folding multiplications with the arena's seed.
func (s *state) checkOf(id branchID) uint32 {
	h := fold(s.seed[0]^id.off, s.seed[1]^uint64(id.label)<<8^uint64(id.n))
	h = fold(h^s.seed[1], s.seed[0]|1)
	return uint32(h ^ h>>32)
}

func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

const hexDigits = "0123456789abcdef"

func appendHex(dst []byte, n uint32) []byte {
	for shift := 28; shift >= 0; shift -= 4 {
		dst = append(dst, hexDigits[n>>shift&15])
	}
	return dst
}

func parseHex(s string) (n uint32, ok bool) {
	for i := range len(s) {
		d := strings.IndexByte(hexDigits, s[i])
		if d < 0 {
			return 0, false
		}
		n = n<<4 | uint32(d)
	}
	return n, true
}

// toTag is the tag of our own replies: the same for all of a transaction, and
// unlike that of stateless replies.
func (s *state) toTag(c *module.Ctx, h held) string {
	return c.Build(24, func(dst []byte) []byte {
		dst = appendHex(dst, s.checkOf(branchID{h.off ^ 0x55aa, h.Label, 77}))
		return appendHex(append(dst, '-'), h.Label)
	})
}
