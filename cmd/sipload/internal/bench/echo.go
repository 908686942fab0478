package bench

import (
	"errors"
	"fmt"
	"net/netip"

	"goser/cmd/sipload/internal/udp"
	"goser/cmd/sipload/internal/wire"
)

// Echo is "sipload echo ADDRESS:PORT": it answers every request with 200 and does nothing else. Bench
// measures it as the least that answering SIP over UDP costs on a machine.
func Echo(args []string) error {
	if len(args) != 1 {
		return errors.New("usage: sipload echo ADDRESS:PORT")
	}
	addr, err := netip.ParseAddrPort(args[0])
	if err != nil {
		return fmt.Errorf("echo: %q is not ADDRESS:PORT", args[0])
	}
	s, err := udp.Listen(addr)
	if err != nil {
		return err
	}
	if err := s.Blocking(); err != nil {
		return fmt.Errorf("echo: %w", err)
	}
	r := wire.NewReply("200 OK", "", "", false)
	r.ToTag = []byte("echo")
	var m wire.Message
	for {
		n, err := s.Await()
		if err != nil {
			return err
		}
		for i := range n {
			b, from, _ := s.Datagram(i)
			if m.Parse(b) != nil || m.Code != 0 || string(m.Method) == "ACK" {
				continue
			}
			r.Source = from.AddrPort()
			s.Queue(r.Append(s.Buffer(), &m), from)
		}
		s.Flush()
	}
}
