package talk

import (
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"goser/scripts/interop/internal/peer"
)

// RunCorpus asks one server about all cases and returns what it said to each.
func RunCorpus(t testing.TB, c *Corpus, kind peer.Kind) [][]string {
	t.Helper()
	script := c.Script()
	k := &Talk{ends: map[string]*endpoint{}, names: newNames()}
	for _, name := range []string{"a", "b"} {
		k.ends[name] = listen(t, name)
		k.names.port(k.ends[name].port(), name)
	}
	opt := peer.Options{}
	if kind == peer.Kamailio {
		opt.Args = []string{"-M", "64"} // each route takes some of its private memory
	}
	k.server = peer.Start(t, kind, peer.Expand(script, k.values()), opt)
	k.names.port(k.server.Port, "server")
	k.marks = append(k.marks, listen(t, "mark"))
	wire := make([][]string, len(c.Cases))
	for i := range c.Cases {
		if k.out = nil; !k.ask(t, c, i) {
			t.Fatalf("%s: %s was gone after line %d: %s\n%s", c.Name, kind, c.Cases[i].Line, c.Cases[i].Text, k.server.Log())
		}
		wire[i] = k.out
	}
	logged := k.logged(len(c.Cases))
	k.server.Stop()
	for i := range logged {
		logged[i] = append(logged[i], wire[i]...)
	}
	return logged
}

// ask sends the message of a case and collects what comes.
func (k *Talk) ask(t testing.TB, c *Corpus, i int) bool {
	text := strings.ReplaceAll(c.Messages[c.Cases[i].Message], "@case@", strconv.Itoa(i))
	e := k.ends["a"]
	data := k.datagram(t, e, Step{Text: text})
	k.names.known(data)
	if _, err := e.conn.WriteToUDP(data, e.to(k.server.Port)); err != nil {
		t.Fatal(err)
	}
	k.settle(t)
	if t.Failed() || k.server.Ended() {
		return false
	}
	for _, name := range k.order() {
		k.collectNow(k.ends[name])
	}
	return true
}

// collectNow takes what has arrived; on the loopback that is all, once the mark is back.
func (k *Talk) collectNow(e *endpoint) {
	raw, err := e.conn.SyscallConn()
	if err != nil {
		return
	}
	buf := make([]byte, 65536)
	_ = raw.Read(func(fd uintptr) bool {
		for {
			n, _, err := syscall.Recvfrom(int(fd), buf, syscall.MSG_DONTWAIT)
			if err != nil {
				return true
			}
			k.out = append(k.out, "---- "+e.name+" gets")
			k.out = append(k.out, k.names.message(string(buf[:n]))...)
		}
	})
}

// logged sorts the script's log by case. Our log comes through a pipe: it is read when the last case is
// there.
func (k *Talk) logged(n int) [][]string {
	last := fmt.Sprintf("== %d\n", n-1)
	for end := time.Now().Add(2 * time.Second); time.Now().Before(end) && !strings.Contains(k.server.Log(), last); {
		time.Sleep(5 * time.Millisecond)
	}
	time.Sleep(50 * time.Millisecond)
	out, at := make([][]string, n), -1
	for line := range strings.Lines(k.server.Log()) {
		m := scriptLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		text := strings.TrimRight(m[2], "\r\n")
		if id, ok := strings.CutPrefix(text, "== "); ok {
			at, _ = strconv.Atoi(id)
			continue
		}
		if at >= 0 && at < n {
			out[at] = append(out[at], k.names.replace(text))
		}
	}
	return out
}
