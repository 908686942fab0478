package talk

import (
	"bytes"
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
	k := newTalk(t, "a", "b")
	opt := peer.Options{}
	if kind == peer.Kamailio {
		opt.Args = []string{"-M", "64"} // each route takes some of its private memory
	}
	k.server = peer.Start(t, kind, peer.Expand(script, k.values()), opt)
	k.names.port(k.server.Port, "server")
	wire := make([][]string, len(c.Cases))
	for i := range c.Cases {
		if k.out = nil; !k.ask(t, c, i) {
			t.Fatalf("%s: %s was gone after line %d: %s\n%s", c.Name, kind, c.Cases[i].Line, c.Cases[i].Text, k.server.Log())
		}
		wire[i] = k.out
	}
	logged := k.logged(len(c.Cases), len(c.Cases)-1)
	k.server.Stop()
	for i := range logged {
		logged[i] = append(logged[i], wire[i]...)
	}
	return logged
}

// ask sends the message of a case and collects what comes.
func (k *Talk) ask(t testing.TB, c *Corpus, i int) bool {
	k.send(t, Step{From: "a", Text: c.text(i)})
	k.slow = waits.MatchString(c.Cases[i].Text)
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
			if bytes.Contains(buf[:n], k.only) {
				k.got(e, bytes.Clone(buf[:n]), "")
			}
		}
	})
}

// logged sorts the script's log by case. Our log comes through a pipe: it is read when the case end is
// there.
func (k *Talk) logged(n, end int) [][]string {
	last := fmt.Sprintf("== %d\n", end)
	for limit := time.Now().Add(2 * time.Second); time.Now().Before(limit) && !strings.Contains(k.server.Log(), last); {
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
