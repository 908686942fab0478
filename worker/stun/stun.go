// Package stun answers STUN binding requests on the SIP ports: a client behind an address translator
// learns its public address and keeps the translation open (RFC 5626 §4.4.2, RFC 8489).
//
// It is a pure function of one datagram and its source. Only a binding request is answered, never a
// response or an indication, so two servers cannot keep each other busy. Answers are made for RFC 5389
// and RFC 8489 clients, and for those of RFC 3489, which send no magic cookie and want MAPPED-ADDRESS.
//
// What can go wrong: a datagram that is no whole STUN message, or whose FINGERPRINT is wrong, gets no
// answer. Attributes that a server must understand and this one does not are named in a 420. There are
// no credentials: USERNAME and MESSAGE-INTEGRITY are read over (RFC 8489 §12).
package stun

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"net/netip"
)

const (
	headerSize = 20
	cookie     = 0x2112A442 // RFC 8489 §5
	maxUnknown = 4          // attributes that a 420 names at most: its size is bounded

	bindingRequest = 0x0001
	bindingSuccess = 0x0101
	bindingError   = 0x0111

	attrMapped        = 0x0001
	attrChangeRequest = 0x0003 // RFC 3489 §11.2.4
	attrErrorCode     = 0x0009
	attrUnknown       = 0x000A
	attrXorMapped     = 0x0020
	attrSoftware      = 0x8022
	attrRefresh       = 0x8024 // REFRESH-INTERVAL of the drafts before RFC 5389, as the original sends it
	attrFingerprint   = 0x8028

	firstOptional  = 0x8000
	fingerprintXor = 0x5354554e // RFC 8489 §14.7
)

// Options say what answers carry.
type Options struct {
	Fingerprint bool   // stun_allow_fp
	RefreshMs   uint32 // stun_refresh_interval; 0 leaves REFRESH-INTERVAL out
	Software    string // SOFTWARE; left out of answers that grow beyond Most, or when empty
}

// Errors of Answer: why there is none. They are values made once, since strangers cause them.
var (
	ErrNotBinding  = errors.New("stun: not a binding request")
	ErrMalformed   = errors.New("stun: malformed message")
	ErrFingerprint = errors.New("stun: wrong FINGERPRINT")
	ErrTooLarge    = errors.New("stun: the answer would be too large for the request")
)

// Is tells whether a datagram is a STUN request rather than SIP: no SIP message starts with these two
// zero bits and a zero byte.
func Is(data []byte) bool { return len(data) >= headerSize && data[0] == 0 }

// IsModern tells whether one has the magic cookie: what is hidden in bytes of somebody's own seldom does.
func IsModern(data []byte) bool { return Is(data) && binary.BigEndian.Uint32(data[4:]) == cookie }

// request is what there is to know of a binding request.
type request struct {
	id       []byte // cookie and transaction id, 16 bytes
	modern   bool   // RFC 5389 and later
	unknown  [maxUnknown]uint16
	unknowns int
}

// Answer appends the answer to the request in data that came from src. It is no longer than most bytes:
// what is optional is left out first. On an error dst is returned as it was.
func Answer(dst, data []byte, src netip.AddrPort, o Options, most int) ([]byte, error) {
	var r request
	if err := r.parse(data); err != nil {
		return dst, err
	}
	start := len(dst)
	dst = r.build(dst, src, o)
	if len(dst)-start > most && o.Software != "" {
		o.Software = ""
		dst = r.build(dst[:start], src, o)
	}
	if len(dst)-start > most {
		return dst[:start], ErrTooLarge
	}
	return dst, nil
}

func (r *request) parse(data []byte) error {
	if len(data) < headerSize || data[0]&0xC0 != 0 {
		return ErrMalformed
	}
	if binary.BigEndian.Uint16(data) != bindingRequest {
		return ErrNotBinding
	}
	r.id = data[4:headerSize]
	r.modern = IsModern(data)
	if size := int(binary.BigEndian.Uint16(data[2:])); size != len(data)-headerSize || size%4 != 0 {
		return ErrMalformed
	}
	for at := headerSize; at < len(data); {
		if len(data)-at < 4 {
			return ErrMalformed
		}
		kind, size := binary.BigEndian.Uint16(data[at:]), int(binary.BigEndian.Uint16(data[at+2:]))
		padded := (size + 3) &^ 3
		if padded > len(data)-at-4 {
			return ErrMalformed
		}
		if kind == attrFingerprint && r.modern && !fingerprintHolds(data, at, size) {
			return ErrFingerprint
		}
		r.note(kind, data[at+4:at+4+size])
		at += 4 + padded
	}
	return nil
}

// fingerprintHolds checks the attribute at that place, which must be the last one.
func fingerprintHolds(data []byte, at, size int) bool {
	return size == 4 && at+8 == len(data) && binary.BigEndian.Uint32(data[at+4:]) == crc32.ChecksumIEEE(data[:at])^fingerprintXor
}

// note remembers an attribute that has to be understood and is not.
func (r *request) note(kind uint16, value []byte) {
	switch kind {
	case 0x0006, 0x0008, 0x0014, 0x0015, 0x001C, 0x001D, 0x001E: // credentials
		return
	case attrChangeRequest: // asks for nothing when its flags are clear, as in the first test of RFC 3489
		if len(value) == 4 && binary.BigEndian.Uint32(value) == 0 {
			return
		}
	}
	if kind < firstOptional && r.unknowns < maxUnknown {
		r.unknown[r.unknowns] = kind
		r.unknowns++
	}
}

func (r *request) build(dst []byte, src netip.AddrPort, o Options) []byte {
	start := len(dst)
	kind := uint16(bindingSuccess)
	if r.unknowns > 0 {
		kind = bindingError
	}
	dst = binary.BigEndian.AppendUint16(dst, kind)
	dst = append(append(dst, 0, 0), r.id...)
	switch {
	case r.unknowns > 0:
		dst = r.appendError(dst)
	case r.modern:
		dst = appendAddress(dst, attrXorMapped, src, r.id)
	default:
		dst = appendAddress(dst, attrMapped, src, nil)
	}
	if o.RefreshMs > 0 && r.unknowns == 0 {
		dst = appendHead(dst, attrRefresh, 4)
		dst = binary.BigEndian.AppendUint32(dst, o.RefreshMs)
	}
	if r.modern && o.Software != "" {
		dst = appendText(appendHead(dst, attrSoftware, len(o.Software)), o.Software)
	}
	sized := func(more int) {
		binary.BigEndian.PutUint16(dst[start+2:], uint16(len(dst)-start-headerSize+more))
	}
	sized(0)
	if r.modern && o.Fingerprint {
		sized(8) // the attribute itself counts (RFC 8489 §14.7)
		sum := crc32.ChecksumIEEE(dst[start:]) ^ fingerprintXor
		dst = binary.BigEndian.AppendUint32(appendHead(dst, attrFingerprint, 4), sum)
	}
	return dst
}

func (r *request) appendError(dst []byte) []byte {
	const reason = "Unknown Attribute"
	dst = append(appendHead(dst, attrErrorCode, 4+len(reason)), 0, 0, 4, 20)
	dst = appendText(dst, reason)
	dst = appendHead(dst, attrUnknown, 2*r.unknowns)
	for _, a := range r.unknown[:r.unknowns] {
		dst = binary.BigEndian.AppendUint16(dst, a)
	}
	if r.unknowns%2 != 0 {
		dst = append(dst, 0, 0)
	}
	return dst
}

func appendHead(dst []byte, kind uint16, size int) []byte {
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(dst, kind), uint16(size))
}

// appendText adds a text, padded to four bytes.
func appendText(dst []byte, s string) []byte {
	dst = append(dst, s...)
	for n := len(s); n%4 != 0; n++ {
		dst = append(dst, 0)
	}
	return dst
}

// appendAddress adds an address attribute, hidden behind key (cookie and transaction id) if there is one.
func appendAddress(dst []byte, kind uint16, a netip.AddrPort, key []byte) []byte {
	var port [2]byte
	binary.BigEndian.PutUint16(port[:], a.Port())
	ip, family, size := a.Addr().Unmap().As16(), byte(2), 16
	raw := ip[:]
	if a.Addr().Unmap().Is4() {
		raw, family, size = ip[12:], 1, 4
	}
	dst = append(appendHead(dst, kind, 4+size), 0, family)
	from := len(dst)
	dst = append(append(dst, port[:]...), raw...)
	if key != nil {
		hide(dst[from:from+2], key)
		hide(dst[from+2:], key)
	}
	return dst
}

func hide(b, key []byte) {
	for i := range b {
		b[i] ^= key[i]
	}
}
