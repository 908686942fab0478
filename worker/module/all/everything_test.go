package all

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"

	"goser/cfg"
	"goser/cfg/check"
	"goser/sip"
	"goser/worker/module"
	"goser/worker/module/moduletest"
	"goser/worker/script"
)

// Everything that a script can call, read, transform and select is run on messages that a stranger has damaged or
// filled. What is tried comes from the tables of the modules, so that a new function is tried without a line here.

// everything is a configuration with a route for each thing to try.
type everything struct {
	tried  []string // statements
	index  []int    // of their routes
	engine *script.Engine
	env    *moduletest.Env
	ctx    module.Ctx
	out    []byte
}

// head is what some functions want to be there.
func head(t testing.TB) string {
	groups := t.TempDir() + "/groups"
	if err := os.WriteFile(groups, []byte("[0]\n^[a-z]+.*x\n[1]\n(a|b)*c\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Dir(groups)+"/avps", []byte(avpTable), 0o600); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("avpflags f\nmine.x = 1\n")
	for _, m := range module.All() {
		if m.Name != module.Core {
			fmt.Fprintf(&b, "loadmodule \"%s\"\n", m.Name)
		}
	}
	fmt.Fprintf(&b, `
modparam("cfgutils", "lock_set_size", 4)
modparam("statistics", "variable", "mine")
modparam("regex", "file", "%s")
modparam("avpops", "db_url", "text://%s")
modparam("avpops", "avp_table", "avps")
request_route { exit; }
route[R] { return 1; }
`, groups, filepath.Dir(groups))
	return b.String()
}

// avpTable is the database of avpops.
const avpTable = "id(int,auto) uuid(string,null) username(string,null) domain(string,null) attribute(string) type(int) value(string,null)\n" +
	"1::bob:b:x:0:one\n2::bob:b:7:3:5\n3::bob:b:y:1:no number\n"

func newEverything(t *testing.T) *everything {
	e := &everything{}
	head := head(t)
	t.Cleanup(func() { // parameters outlive a configuration in a test
		acceptable("loadmodule \"avpops\"\nmodparam(\"avpops\", \"db_url\", \"\")\nrequest_route { exit; }\n")
	})
	var src strings.Builder
	src.WriteString(head)
	for i, s := range statements() {
		if raceOn && i%20 != 0 { // a hundred times slower
			continue
		}
		before := len(e.tried)
		for _, text := range s.forms {
			for _, kind := range []string{"route", "onreply_route"} {
				if acceptable(head + fmt.Sprintf("%s[X] { %s }\n", kind, text)) {
					fmt.Fprintf(&src, "%s[X%d] { %s }\n", kind, len(e.tried), text)
					e.tried = append(e.tried, text)
					break
				}
			}
		}
		if len(e.tried) == before {
			t.Errorf("%s: no form is accepted: add one to special", s.name)
		}
	}
	e.env, e.engine = start(t, src.String())
	e.env.Quiet = true
	e.ctx.Env, e.ctx.Vars = e.env, &module.Vars{}
	for i := range e.tried {
		name := fmt.Sprintf("X%d", i)
		e.index = append(e.index, max(e.engine.Find(check.RequestRoute, name), e.engine.Find(check.ReplyRoute, name)))
	}
	return e
}

func acceptable(src string) bool {
	prog, diag := cfg.Load("test.cfg", []byte(src), cfg.Options{}, module.NewCatalog())
	if diag.Failed() || module.Configure(prog) != nil {
		return false
	}
	_, err := script.New(prog, script.Options{})
	return err == nil
}

// lifted are limits that let a datagram be as bad as it can.
var lifted = sip.Limits{MaxHeaderBytes: 65535, MaxHeaders: 4096, MaxURI: 65535, MaxVias: 1024, MaxRoutes: 1024, MaxContacts: 8192}

// run runs one of them on a message, and sends the message on; a panic is an error that names it.
func (e *everything) run(n int, raw string) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s\n%v\n%s\nof %d bytes: %.1500q", e.tried[n], r, debug.Stack(), len(raw), raw)
		}
	}()
	c := &e.ctx
	c.Reset()
	c.SIP.Limits = lifted
	if c.SIP.Parse(raw) != nil {
		return nil
	}
	e.env.Arrive(c)
	e.engine.Run(c, e.index[n])
	if c.SIP.IsRequest {
		e.out = sip.AppendForward(e.out[:0], &c.SIP, &c.Edits, &sip.Forward{RURI: c.Dest.URI})
	} else {
		e.out = sip.AppendReplyForward(e.out[:0], &c.SIP, &c.Edits)
	}
	return nil
}

const parts = "MESSAGE tel:+1-201-555-0123;phone-context=+1 SIP/2.0\r\nv: SIP/2.0/UDP [::1]:5070;branch=z9hG4bK7\r\nf: \"A \\\" B\" <sips:a%40b:p@[::1]:5061;x=\"y;z\"?h=v>;tag=1\r\n" +
	"t: sip:b@b\r\ni: parts\r\nCSeq: 1 MESSAGE\r\nm: *\r\nRoute: <sip:127.0.0.1;lr;r2=on>,<sip:x>\r\nP-Asserted-Identity: <sip:a@b>, <tel:1>\r\nDiversion: <sip:c@d>;reason=x\r\n" +
	"Privacy: id;user\r\nAuthorization: Digest username=\"a@b\", realm=\"r\", nonce=\"n\", uri=\"sip:u\", response=\"0\", qop=auth, nc=1, cnonce=\"c\"\r\n" +
	"Mime-Version: 1.0\r\nc: multipart/mixed;boundary=\"x y\"\r\nl: 142\r\n\r\npreamble\r\n--x y\r\nContent-Type: application/sdp\r\n\r\nv=0\r\nc=IN IP4 1.2.3.4\r\nm=audio 1 RTP/AVP 0\r\na=b:c\r\n\r\n--x y\r\nContent-Type: text/plain\r\n\r\nhi\r\n--x y--\r\n"

// TestEverythingOnDamagedMessages tries each statement on some messages; GOSER_HOSTILE multiplies their number.
func TestEverythingOnDamagedMessages(t *testing.T) {
	times, _ := strconv.Atoi(os.Getenv("GOSER_HOSTILE"))
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	e := newEverything(t)
	var good [][]byte
	for _, m := range []string{moduletest.Options, moduletest.Invite, moduletest.OK, parts} {
		good = append(good, []byte(wire(m)))
	}
	ways := [...]module.Wire{module.WireIn, module.WireOut}
	fillings := slices.Sorted(maps.Keys(moduletest.Fillings))
	for n := range e.tried {
		for range max(1, times) * 3 {
			f := moduletest.Fillings[fillings[rnd.IntN(len(fillings))]]
			start := good[rnd.IntN(len(good))]
			start = start[:strings.Index(string(start), "\r\n\r\n")+2]
			for _, m := range []string{
				string(moduletest.Damage(rnd, good)),
				moduletest.Fill(string(start)+f[0], f[1], "\r\n\r\n", 4000),
			} {
				if err := e.run(n, m); err != nil {
					t.Error(err)
				}
				if err := e.shown(n, m, ways[rnd.IntN(2)]); err != nil {
					t.Error(err)
				}
			}
		}
	}
	ran := uint64(0)
	for _, n := range e.engine.Counts() {
		ran += n
	}
	if ran < uint64(2*len(e.tried)) { // of six messages some are none any more
		t.Errorf("%d statements ran, of %d", ran, len(e.tried))
	}
}

// wire makes a text of line feeds a message.
func wire(m string) string {
	if strings.Contains(m, "\r\n") {
		return m
	}
	return strings.ReplaceAll(m, "\n", "\r\n")
}
