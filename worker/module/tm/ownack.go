package tm

import (
	"encoding/binary"
	"errors"
	"slices"
	"strconv"
	"strings"

	"goser/shm/kill"
	"goser/sip"
	"goser/worker/module"
	"goser/worker/module/api"
)

// An INVITE of our own that is answered with 2xx is acknowledged here, by the user
// agent's core and not by the transaction (RFC 3261 §13.2.2.4): to the Contact,
// along the Record-Routes, each time the 2xx comes. Its owner knows of one dialog
// at most. Whatever else is answered, by another fork or after the owner has been
// told that nobody did, gets a BYE, too.

var errNoDialog = errors.New("the 2xx makes no dialog")

// maxByes bounds the dialogs of one INVITE that are ended here.
const maxByes = 12

// own2xx deals with a 2xx to an INVITE of our own.
func (s *state) own2xx(c *module.Ctx, h held, b *branch, i int) {
	tag := uint32(s.arena.Hash([]byte(toTagOf(&c.SIP)))) | 1
	if *h.dialog() == 0 && !h.final() && !b.over() {
		*h.dialog() = tag // its owner will be told of this one
		kill.Point("tm.own.ack.1")
	}
	d, err := s.dialogOf(c, h, i)
	if err == nil {
		err = s.ackOwn(c, h, d)
	}
	if err == nil && *h.dialog() != tag {
		kill.Point("tm.own.ack.2")
		err = s.byeOwn(c, h, d, tag)
	}
	if err != nil {
		s.count(&counters.unacknowledged)
	}
}

func toTagOf(m *sip.Msg) string {
	if to, err := m.To(); err == nil {
		return to.Tag
	}
	return ""
}

// dialog is what a 2xx has made, as far as the ACK and a BYE want to know
// (RFC 3261 §12.1.2). s.hop is its INVITE.
type dialog struct {
	target, next string // Request-URI; where to send, "" to the target
	routes       string // header lines
	to           string // value
}

func (s *state) dialogOf(c *module.Ctx, h held, i int) (d dialog, err error) {
	to := c.SIP.First(sip.HdrTo)
	if _, err := c.SIP.To(); err != nil || to == nil || !s.parseSent(h, i) {
		return d, errNoDialog
	}
	d.to = string(sip.AppendClean(nil, to.Body))
	d.target = firstURI(c.SIP.Contacts())
	if d.target == "" {
		d.target = strings.Clone(s.hop.RURI) // the 2xx should have a Contact
	}
	var set []string
	var first sip.NameAddr // after the loop: the last Record-Route is the first Route
	for it := c.SIP.RecordRoutes(); it.Next(); {
		text := string(sip.AppendClean(nil, it.Text))
		if err := sip.ParseNameAddr(text, &first); err != nil {
			return d, err
		}
		set = append(set, text)
	}
	if len(set) == 0 {
		return d, nil
	}
	slices.Reverse(set)
	var u sip.URI
	if err := sip.ParseURI(first.URI, &u); err != nil {
		return d, err
	}
	d.next = first.URI
	if _, loose := u.Param("lr"); !loose { // RFC 3261 §12.2.1.1
		set = append(set[1:], "<"+d.target+">")
		d.target = first.URI
	}
	d.routes = "Route: " + strings.Join(set, "\r\nRoute: ") + "\r\n"
	return d, nil
}

// firstURI is the URI of the first value that is one.
func firstURI(it sip.ValueIter) string {
	var na sip.NameAddr
	var u sip.URI
	if !it.Next() || it.Addr(&na) != nil || sip.ParseURI(na.URI, &u) != nil {
		return ""
	}
	return strings.Clone(na.URI)
}

// ackOwn sends the ACK, which is no transaction: the same one each time.
func (s *state) ackOwn(c *module.Ctx, h held, d dialog) error {
	m := s.env.Borrow()
	defer s.env.Return(m)
	m.Dest.URI, m.Dest.Next, m.Dest.Socket = d.target, d.next, c.Recv.Socket
	invite := strings.Clone(s.hop.Raw) // the arena's, while looking for an address may wait
	to, err := s.target(m)
	if err != nil {
		return err
	}
	path, err := s.env.Path(m, to)
	if err != nil {
		return err
	}
	if err := s.hop.Parse(invite); err != nil {
		return err
	}
	s.count(&counters.acksSent)
	return s.env.SendOn(path, s.appendAck(s.out[:0], h, d, path.SentBy))
}

// appendAck builds it from the INVITE in s.hop: From, Call-ID, CSeq number and
// credentials are those of the INVITE.
func (s *state) appendAck(b []byte, h held, d dialog, sentBy string) []byte {
	b = append(append(append(b, "ACK "...), d.target...), " SIP/2.0\r\nVia: SIP/2.0/UDP "...)
	b = append(append(append(b, sentBy...), ";branch="...), cookie...)
	key := binary.LittleEndian.AppendUint64(s.text[:0], h.off)
	key = append(binary.LittleEndian.AppendUint32(key, h.Label), d.to...)
	s.text = key
	x := s.arena.Hash(key)
	b = appendHex(appendHex(b, uint32(x>>32)), uint32(x))
	b = append(b, "\r\n"...)
	for _, t := range [...]sip.HeaderType{sip.HdrFrom, sip.HdrCallID, sip.HdrTo} {
		body := d.to
		if hd := s.hop.First(t); hd != nil && t != sip.HdrTo {
			body = hd.Body
		}
		b = append(append(b, t.String()...), ": "...)
		b = append(sip.AppendClean(b, body), "\r\n"...)
	}
	b = strconv.AppendUint(append(b, "CSeq: "...), uint64(h.CSeq), 10)
	b = append(append(b, " ACK\r\n"...), d.routes...)
	b = append(strconv.AppendInt(append(b, "Max-Forwards: "...), sip.InitialHops, 10), "\r\n"...)
	b = append(b, credentials(&s.hop)...)
	if ua := s.env.Conf().UserAgent; ua != "" {
		b = append(append(b, ua...), "\r\n"...)
	}
	return append(b, "Content-Length: 0\r\n\r\n"...)
}

// credentials are the header lines that the ACK to a 2xx repeats (RFC 3261 §22.1).
func credentials(m *sip.Msg) string {
	var b strings.Builder
	for _, t := range [...]sip.HeaderType{sip.HdrAuthorization, sip.HdrProxyAuthorization} {
		for x := m.First(t); x != nil; x = m.Next(x) {
			b.WriteString(m.Raw[x.Start:x.End])
		}
	}
	return b.String()
}

// byeOwn ends a dialog that nobody knows of: once, however often its 2xx comes.
func (s *state) byeOwn(c *module.Ctx, h held, d dialog, tag uint32) error {
	key := binary.LittleEndian.AppendUint64(append(s.text[:0], "own bye"...), h.off)
	key = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(key, h.Label), tag)
	s.text = key
	hash := s.arena.Hash(key)
	if off, _ := s.lookup(hash); off != 0 {
		return nil
	}
	if h.Byes >= maxByes {
		return errNoDialog
	}
	h.Byes++
	from := s.hop.First(sip.HdrFrom)
	if from == nil {
		return errNoDialog
	}
	return s.sendOwn(c, &api.Request{
		Method: "BYE", RURI: d.target, NextHop: d.next, Socket: c.Recv.Socket, From: string(sip.AppendClean(nil, from.Body)), To: d.to,
		CallID: strings.Clone(s.hop.CallID()), CSeq: h.CSeq + 1, Headers: d.routes + credentials(&s.hop),
	}, hash)
}
