package peer

import (
	"bytes"
	"fmt"
	"net"
	"testing"
	"time"
)

// Client is a UDP socket that talks to a server on 127.0.0.1.
type Client struct {
	Conn *net.UDPConn
	Port int

	to  *net.UDPAddr
	n   int
	buf []byte
}

// Dial opens a client of the server on a port.
func Dial(t testing.TB, port int) *Client {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadBuffer(4 << 20)
	t.Cleanup(func() { conn.Close() })
	return &Client{
		Conn: conn, Port: conn.LocalAddr().(*net.UDPAddr).Port,
		to: &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port}, buf: make([]byte, 65536),
	}
}

// Send sends a datagram. A socket error is not the sender's business: the server may be dead.
func (c *Client) Send(data []byte) { _, _ = c.Conn.WriteToUDP(data, c.to) }

// Options is an OPTIONS that this client has not sent yet, and its Call-ID.
func (c *Client) Options() (data []byte, id string) {
	c.n++
	id = fmt.Sprintf("probe-%d-%d", c.Port, c.n)
	return fmt.Appendf(nil, "OPTIONS sip:127.0.0.1:%[1]d SIP/2.0\r\n"+
		"Via: SIP/2.0/UDP 127.0.0.1:%[2]d;branch=z9hG4bK%[3]s\r\nMax-Forwards: 70\r\n"+
		"From: <sip:probe@127.0.0.1>;tag=p\r\nTo: <sip:127.0.0.1>\r\nCall-ID: %[3]s\r\n"+
		"CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n", c.to.Port, c.Port, id), id
}

// Ask sends an OPTIONS, as often as a client does, and tells whether it was answered in time. What
// else arrives meanwhile is thrown away.
func (c *Client) Ask(limit time.Duration) bool {
	data, id := c.Options()
	for end := time.Now().Add(limit); time.Now().Before(end); {
		c.Send(data)
		if c.Await(id, min(500*time.Millisecond, time.Until(end))) {
			return true
		}
	}
	return false
}

// Await waits for a datagram that contains a text.
func (c *Client) Await(text string, limit time.Duration) bool {
	_ = c.Conn.SetReadDeadline(time.Now().Add(limit))
	for {
		n, err := c.Conn.Read(c.buf)
		if err != nil {
			return false
		}
		if bytes.Contains(c.buf[:n], []byte(text)) {
			return true
		}
	}
}

// Next returns the next datagram that begins with a text, nil if none comes in time.
func (c *Client) Next(start string, limit time.Duration) []byte {
	_ = c.Conn.SetReadDeadline(time.Now().Add(limit))
	for {
		n, err := c.Conn.Read(c.buf)
		if err != nil {
			return nil
		}
		if bytes.HasPrefix(c.buf[:n], []byte(start)) {
			return bytes.Clone(c.buf[:n])
		}
	}
}

// Aim makes the server on another port the one that the client talks to.
func (c *Client) Aim(port int) { c.to = &net.UDPAddr{IP: c.to.IP, Port: port} }

// Drain returns everything that arrives until nothing has come for a while.
func (c *Client) Drain(quiet time.Duration) [][]byte {
	var all [][]byte
	for {
		_ = c.Conn.SetReadDeadline(time.Now().Add(quiet))
		n, err := c.Conn.Read(c.buf)
		if err != nil {
			return all
		}
		all = append(all, bytes.Clone(c.buf[:n]))
	}
}
