package sip

// CSeq is the sequence number and the method (RFC 3261 §20.16).
type CSeq struct {
	Number     uint32
	MethodName string
	Method     Method
}

const (
	errCSeqNumber = SyntaxError("sequence number is not a number below 2^31")
	errCSeqMethod = SyntaxError("expected NUMBER METHOD")
)

// CSeq is the first CSeq header.
func (m *Msg) CSeq() (*CSeq, error) {
	if m.done&gotCSeq == 0 {
		m.done |= gotCSeq
		m.cseqErr = m.parseCSeq()
	}
	return &m.cseq, m.cseqErr
}

func (m *Msg) parseCSeq() error {
	m.cseq = CSeq{}
	h := m.First(HdrCSeq)
	if h == nil {
		return ErrMissing
	}
	return ParseCSeq(h.Body, &m.cseq)
}

// ParseCSeq parses the header's body; the number must be less than 2^31 (RFC 3261 §8.1.1.5).
func ParseCSeq(s string, c *CSeq) error {
	*c = CSeq{}
	end := skip(s, 0, len(s), clDigit)
	n, ok := number(s[:end], 1<<31-1)
	if !ok {
		return errCSeqNumber
	}
	i := skip(s, end, len(s), clSpace)
	if i == end || !isToken(s[i:]) {
		return errCSeqMethod
	}
	c.Number, c.MethodName, c.Method = uint32(n), s[i:], ParseMethod(s[i:])
	return nil
}
