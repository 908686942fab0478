package robust

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"goser/scripts/interop/internal/peer"
)

func TestMain(m *testing.M) { os.Exit(peer.Main(m)) }

// head is what every configuration here begins with. One receiver, so that an answer to a probe means
// that everything sent before it has been dealt with.
const head = "children=1\nlisten=udp:127.0.0.1:@PORT@\nlog_stderror=yes\nloadmodule \"sl\"\n"

const timers = 2

// answerAll is a server that answers whatever reaches its script.
const answerAll = head + `force_rport=yes
request_route { sl_send_reply("200", "OK"); }
`

// serve starts our server and waits until it answers and all its processes are there.
func serve(t *testing.T, config string, opt peer.Options) (*peer.Server, *peer.Client, []int) {
	t.Helper()
	s := peer.Start(t, peer.Ours, config, opt)
	c := peer.Dial(t, s.Port)
	mustAnswer(t, s, c)
	children := 1
	if i := strings.LastIndex(config, "children="); i >= 0 {
		text, _, _ := strings.Cut(config[i+len("children="):], "\n")
		children, _ = strconv.Atoi(text)
	}
	return s, c, s.Workers(t, children+timers)
}

func mustAnswer(t *testing.T, s *peer.Server, c *peer.Client) {
	t.Helper()
	if !c.Ask(10 * time.Second) { // a dozen tests flood their servers beside this one
		t.Fatalf("the server does not answer; its log:\n%s", tail(s.Log()))
	}
}

// sameProcesses fails if a worker has died since.
func sameProcesses(t *testing.T, s *peer.Server, before []int) {
	t.Helper()
	if after := peer.Children(s.Pid); !slices.Equal(before, after) {
		t.Errorf("processes were %v and are %v: a worker died; log:\n%s", before, after, tail(s.Log()))
	}
}

func tail(log string) string {
	if len(log) > 4000 {
		return "…" + log[len(log)-4000:]
	}
	return log
}

// amount is how many datagrams a flood has.
func amount() int {
	switch {
	case os.Getenv("ROBUST") == "full":
		return 1_000_000
	case testing.Short():
		return 10_000
	}
	return 50_000
}

// flood sends n datagrams, no faster than the server takes them: every few dozen it waits for the
// answer to a probe.
func flood(t *testing.T, s *peer.Server, c *peer.Client, n int, next func(i int) []byte) {
	t.Helper()
	for i := range n {
		if i%48 == 0 {
			mustAnswer(t, s, c)
		}
		c.Send(next(i))
	}
	mustAnswer(t, s, c)
}

// random is a source that can be repeated: the seed is in the test's output.
func random(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("SEED"); text != "" {
		seed, _ = strconv.ParseUint(text, 10, 64)
	}
	t.Logf("SEED=%d repeats this run", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// torture is one row of the verdicts on RFC 4475's messages.
type torture struct {
	file, verdict string
	code          int
	raw           []byte
}

func tortures(t *testing.T) []torture {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "sip", "testdata", "rfc4475")
	text, err := os.ReadFile(filepath.Join(dir, "verdicts.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []torture
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) < 3 || f[0] == "#" {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(dir, f[0]))
		if err != nil {
			t.Fatal(err)
		}
		code, _ := strconv.Atoi(f[2])
		rows = append(rows, torture{f[0], f[1], code, raw})
	}
	if len(rows) < 49 { // RFC 4475 has 49 messages
		t.Fatalf("%d torture messages, want all", len(rows))
	}
	return rows
}
