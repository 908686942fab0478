package handoff

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
)

// reportSize is below PIPE_BUF, so each report arrives whole although many
// children share the pipe.
const reportSize = 512

// Report is what a child says once: that it serves, or why it cannot.
type Report struct {
	Index      int
	Generation uint32
	Err        string // empty: ready
}

// Say writes the report to w, the pipe of ReadyFD.
func (r Report) Say(w io.Writer) error {
	var buf [reportSize]byte
	binary.LittleEndian.PutUint32(buf[0:], uint32(r.Index))
	binary.LittleEndian.PutUint32(buf[4:], r.Generation)
	n := copy(buf[10:], r.Err)
	binary.LittleEndian.PutUint16(buf[8:], uint16(n))
	if _, err := w.Write(buf[:]); err != nil {
		return fmt.Errorf("handoff: readiness: %w", err)
	}
	return nil
}

// ReadReport returns the next report, io.EOF when no writer is left.
func ReadReport(r io.Reader) (Report, error) {
	var buf [reportSize]byte
	if _, err := io.ReadFull(r, buf[:]); err != nil {
		return Report{}, err
	}
	n := int(binary.LittleEndian.Uint16(buf[8:]))
	if n > reportSize-10 {
		n = reportSize - 10
	}
	return Report{
		Index:      int(binary.LittleEndian.Uint32(buf[0:])),
		Generation: binary.LittleEndian.Uint32(buf[4:]),
		Err:        string(bytes.ToValidUTF8(buf[10:10+n], []byte("?"))),
	}, nil
}
