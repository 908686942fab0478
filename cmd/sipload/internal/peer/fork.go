package peer

import (
	"bytes"
	"net/netip"
	"strings"

	"goser/cmd/sipload/internal/wire"
)

// leg is an INVITE that was forwarded.
type leg struct {
	invite []byte
	to     netip.AddrPort
}

// forkOf is the other target of an INVITE.
func forkOf(b []byte) ([]byte, bool) {
	_, rest, ok := bytes.Cut(b, []byte("\r\nX-Fork: "))
	uri, _, _ := bytes.Cut(rest, []byte("\r\n"))
	return uri, ok
}

// absorb handles an answer to one of two legs: a 2xx cancels the other one and goes on, a refusal is
// acknowledged and goes nowhere, and so does what concerns CANCEL. It is enough where nothing is lost.
func (p *Peer) absorb(m *wire.Message) bool {
	l, ok := p.legs[string(m.Branch)]
	switch {
	case !ok:
		return false
	case string(m.CSeqMethod) == "CANCEL":
		return true
	case m.Code >= 300:
		p.send(wire.AppendAck(nil, topOnly(l.invite), m.To), l.to)
		return true
	case m.Code >= 200:
		if other, ok := p.legs[sibling(string(m.Branch))]; ok {
			p.send(wire.AppendCancel(nil, topOnly(other.invite)), other.to)
		}
	}
	return false
}

func sibling(branch string) string {
	if s, ok := strings.CutSuffix(branch, ".p"); ok {
		return s + ".q"
	}
	return strings.TrimSuffix(branch, ".q") + ".p"
}

// topOnly leaves all Vias but the first out: ACK and CANCEL of ours have no other.
func topOnly(invite []byte) []byte {
	first := true
	var out []byte
	for line := range bytes.Lines(invite) {
		if bytes.HasPrefix(line, []byte("Via:")) {
			if !first {
				continue
			}
			first = false
		}
		out = append(out, line...)
	}
	return out
}
