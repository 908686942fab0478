//go:build interop

package interop

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"goser/scripts/interop/internal/peer"
	"goser/scripts/interop/internal/talk"
)

// A scenario of testdata/sipp is a txtar file: a comment, "-- cfg --" behind what talk.Calls loads, and one
// section for each sipp: "-- client [arguments] --" for who calls, "-- b [arguments] --" and so on for who is
// called. Its text is sipp's XML, or empty if the arguments name one of sipp's own scenarios. @PORT@ is the
// proxy, @a@ to @e@ are the sipps, @silent@ is a socket that never says anything,
// @tcp@ a port for sipps that talk to each other.
type scenario struct {
	name, doc, config string
	sipps             []sippRole
}

type sippRole struct {
	name string // "client" or a letter
	args []string
	xml  string
}

// calls is how often each scenario is played: a few at once, so that they mix.
const calls = 4

func loadScenarios(t *testing.T) (all []scenario) {
	t.Helper()
	files, _ := filepath.Glob("testdata/sipp/*.txtar")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		ar := txtar.Parse(data)
		s := scenario{name: strings.TrimSuffix(filepath.Base(file), ".txtar"), doc: strings.TrimSpace(string(ar.Comment))}
		for _, f := range ar.Files {
			words := strings.Fields(f.Name)
			if words[0] == "cfg" {
				s.config = string(f.Data)
				continue
			}
			s.sipps = append(s.sipps, sippRole{name: words[0], args: words[1:], xml: string(f.Data)})
		}
		if s.doc == "" || s.config == "" || len(s.sipps) == 0 {
			t.Fatalf("%s: want a comment, a cfg and at least one sipp", file)
		}
		all = append(all, s)
	}
	return all
}

// TestSippScenarios has sipp play every scenario through Kamailio and through ours: each sipp must see all
// its calls end as its XML says. What fails with Kamailio is the scenario's fault.
func TestSippScenarios(t *testing.T) {
	peer.Need(t, "sipp", "sip-tester")
	all := loadScenarios(t)
	if len(all) < 30 {
		t.Errorf("%d scenarios, want at least 30", len(all))
	}
	for _, s := range all {
		for _, kind := range []peer.Kind{peer.Kamailio, peer.Ours} {
			t.Run(s.name+"/"+string(kind), func(t *testing.T) {
				t.Parallel()
				s.play(t, kind)
			})
		}
	}
}

func (s *scenario) play(t *testing.T, kind peer.Kind) {
	ports := map[string]string{}
	for _, r := range s.sipps {
		ports[r.name] = strconv.Itoa(peer.FreePort(t))
		ports["media "+r.name] = strconv.Itoa(mediaPorts())
	}
	ports["tcp"] = strconv.Itoa(peer.FreePort(t))
	silent, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	ports["silent"] = strconv.Itoa(silent.LocalAddr().(*net.UDPAddr).Port)
	head := talk.Bare + talk.Prelude + talk.CallsOf(kind)
	server := peer.Start(t, kind, peer.Expand(head+s.config, ports), peer.Options{})
	ports["PORT"] = strconv.Itoa(server.Port)
	ready(t, server)

	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	results := make(chan string, len(s.sipps))
	for _, r := range s.sipps {
		if r.name == "client" {
			continue
		}
		go func() { results <- sippRun(ctx, t.TempDir(), r, ports, nil) }()
		if !bound(ports[r.name]) {
			t.Errorf("sipp %s has not opened its port", r.name)
		}
	}
	for _, r := range s.sipps {
		if r.name == "client" {
			results <- sippRun(ctx, t.TempDir(), r, ports, []string{"127.0.0.1:" + ports["PORT"]})
		}
	}
	for range s.sipps {
		if why := <-results; why != "" {
			t.Errorf("%s\n%s", s.doc, why)
		}
	}
	if t.Failed() {
		t.Logf("the server's log:\n%s", server.Log())
	}
}

var lastMedia atomic.Uint32

// mediaPorts is the first of four ports that no other sipp of ours gets: sipp opens two of them, whether it
// plays media or not, and gives up if it cannot. They lie below what peer.FreePort gives and above 8888 to 8947, of
// which each sipp takes one to be controlled by.
func mediaPorts() int {
	for {
		port := 9000 + int(uint32(os.Getpid())*4+lastMedia.Add(4))%2900&^3
		if !peer.Bound(port) && !peer.Bound(port+1) && !peer.Bound(port+2) && !peer.Bound(port+3) {
			return port
		}
	}
}

// ready waits until the server answers: a port is bound before a worker listens.
func ready(t *testing.T, s *peer.Server) {
	t.Helper()
	c := peer.Dial(t, s.Port)
	for range 50 {
		c.Send(fmt.Appendf(nil, "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bKs\r\n"+
			"Via: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bKm\r\nFrom: <sip:m@m>;tag=m\r\nTo: <sip:m@m>;tag=n\r\n"+
			"Call-ID: ready\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n", s.Port, c.Port))
		if c.Await("ready", 200*time.Millisecond) {
			return
		}
	}
	t.Fatalf("%s does not pass replies on\n%s", s.Kind, s.Log())
}

func bound(port string) bool {
	n, _ := strconv.Atoi(port)
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if peer.Bound(n) {
			return true
		}
	}
	return false
}

var ownCount = regexp.MustCompile(`(^| )-m `)

// sippRun plays one part to its end; "" if all calls went as they should.
func sippRun(ctx context.Context, dir string, r sippRole, ports map[string]string, target []string) string {
	args := append(target, "-i", "127.0.0.1", "-p", ports[r.name], "-mp", ports["media "+r.name], "-nostdin", "-trace_err", "-timeout", "40s", "-timeout_error",
		"-recv_timeout", "20000")
	for _, a := range r.args {
		args = append(args, peer.Expand(a, ports))
	}
	if !ownCount.MatchString(strings.Join(r.args, " ")) {
		args = append(args, "-m", strconv.Itoa(calls))
	}
	if r.name == "client" {
		args = append(args, "-r", "20")
	}
	if r.xml = strings.TrimSpace(r.xml); r.xml != "" {
		file := filepath.Join(dir, r.name+".xml")
		if err := os.WriteFile(file, []byte(peer.Expand(r.xml, ports)+"\n"), 0o644); err != nil {
			return err.Error()
		}
		args = append(args, "-sf", file)
	}
	c := exec.CommandContext(ctx, "sipp", args...)
	c.Dir, c.Env = dir, append(os.Environ(), "TERM=dumb")
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	if err := c.Run(); err != nil {
		errors, _ := filepath.Glob(filepath.Join(dir, "*_errors.log"))
		text := ""
		for _, file := range errors {
			data, _ := os.ReadFile(file)
			text += string(data)
		}
		return fmt.Sprintf("sipp %s %v: %v\n%.3000s\n%s", r.name, args, err, text, lastLines(out.String(), 30))
	}
	return ""
}

func lastLines(s string, n int) string {
	lines := strings.Split(s, "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
