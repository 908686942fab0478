package script

import (
	"fmt"
	"strings"
	"testing"

	"goser/worker/module/moduletest"
)

// gen writes a random program: every byte of its seed is one choice.
type gen struct {
	seed  []byte
	depth int
}

func (g *gen) pick(n int) int {
	if len(g.seed) == 0 {
		return 0
	}
	b := int(g.seed[0])
	g.seed = g.seed[1:]
	return b % n
}

func (g *gen) one(list []string) string { return list[g.pick(len(list))] }

var (
	genBinary = []string{"+", "-", "*", "/", "mod", "&", "|", "^", "<<", ">>", "==", "!=", "eq", "ne", "ieq", "ine", "<", ">", "<=", ">=", "&&", "||"}
	genUnary  = []string{"!", "-", "~", "(int)", "(str)", "defined "}
	genLeaf   = []string{
		"$var(a)", "$var(b)", "$avp(x)", "$(avp(x)[1])", "$ru", "$rc", "@ruri.user", "@from.uri.host", "@via[-1].branch",
		"@msg.header[\"Subject\"]", "\"text\"", "\"\"", "\"12\"", "0", "1", "-3", "2147483647", "$(var(a){s.len})", "$avp($var(b))", "$null", "@to.tag",
		"method == \"INVITE\"", "uri == myself", "uri =~ \"bob\"", "src_ip == 192.0.2.0/24", "msg:len > 100", "status == \"200\"", "from_uri == $var(a)",
	}
	genCall = []string{
		"ret(0)", "ret(-2)", "ret(3)", "setflag(3)", "isflagset(3)", "route(A)", "route(B)", "route($var(a))", "strip(1)", "prefix(\"9\")",
		"rewritehost(\"h\")", "rewriteport(\"\")", "userphone()", "append_branch()", "remove_branch(0)", "revert_uri()", "say(\"$var(a) $avp(x)\")", "setdsturi(\"sip:x\")", "forward()",
	}
	genFlow = []string{"break", "return", "return(0)", "exit", "drop", "return -1"}
	genVar  = []string{"$var(a)", "$var(b)", "$avp(x)", "$ru", "$(avp(x)[*])"}
)

func (g *gen) expr() string {
	if g.depth++; g.depth > 6 {
		g.depth--
		return g.one(genLeaf)
	}
	defer func() { g.depth-- }()
	switch g.pick(6) {
	case 0:
		return "(" + g.expr() + " " + g.one(genBinary) + " " + g.expr() + ")"
	case 1:
		if op := g.one(genUnary); op != "defined " {
			return op + "(" + g.expr() + ")"
		}
		return "defined $avp(x)"
	case 2:
		return g.one(genCall)
	case 3:
		return "(" + g.expr() + " =~ " + g.one([]string{`"^[0-9]+$"`, `"B"`, "$var(a)"}) + ")"
	case 4:
		return "{ " + g.stmt() + " }"
	}
	return g.one(genLeaf)
}

func (g *gen) stmt() string {
	if g.depth++; g.depth > 6 {
		g.depth--
		return "$var(a) = 1;"
	}
	defer func() { g.depth-- }()
	switch g.pick(8) {
	case 0:
		return fmt.Sprintf("if (%s) { %s } else { %s }", g.expr(), g.stmt(), g.stmt())
	case 1:
		return fmt.Sprintf("while (%s) { %s %s }", g.expr(), g.stmt(), g.stmt())
	case 2:
		return fmt.Sprintf("switch (%s) { case 1: %s case -3: %s break; default: %s }", g.expr(), g.stmt(), g.stmt(), g.stmt())
	case 3:
		return fmt.Sprintf("switch (%s) { case \"text\": %s case /\"^b\": %s default: %s }", g.expr(), g.stmt(), g.stmt(), g.stmt())
	case 4:
		return g.one(genFlow) + ";"
	case 5, 6:
		return g.one(genVar) + " = " + g.expr() + ";"
	}
	return g.one(genCall) + ";"
}

func (g *gen) program() string {
	var b strings.Builder
	for _, head := range []string{"request_route", "route[A]", "route[B]", "onreply_route", "onsend_route"} {
		body := ""
		for range 1 + g.pick(4) {
			body += "\t" + g.stmt() + "\n"
		}
		if head == "onsend_route" {
			body = "\tdrop;\n"
		}
		b.WriteString(head + " {\n" + body + "}\n")
	}
	return b.String()
}

// FuzzRun runs random programs on a request and on a reply: no panic, no hang,
// and what was nested is undone.
func FuzzRun(f *testing.F) {
	for _, s := range []string{"", "\x00\x01\x02\x03\x04\x05\x06\x07", "route", strings.Repeat("\x02\x01\x05", 60), strings.Repeat("\x01\x00\x03\x07\x04", 40)} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, seed []byte) {
		if len(seed) > 400 {
			return
		}
		g := &gen{seed: seed}
		src := g.program()
		eng, err := load(t, src)
		if err != nil {
			return // the checker has refused it: type errors are generated too
		}
		eng.opts.MaxSteps = 5000
		env := moduletest.New(t)
		env.Quiet = true
		for _, msg := range []string{moduletest.Invite, moduletest.OK, moduletest.Options} {
			c := env.Request(msg)
			if c.SIP.IsRequest {
				eng.Request(c)
			} else {
				eng.Reply(c)
			}
			if c.Route != 0 || c.ScriptFlags != 0 {
				t.Errorf("route %d, script flags %d after\n%s", c.Route, c.ScriptFlags, src)
			}
			if n := len(eng.free); n != 1 {
				t.Errorf("%d free frames after\n%s", n, src)
			}
		}
	})
}
