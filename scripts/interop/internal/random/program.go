package random

import (
	"math/rand/v2"
	"slices"
	"strings"
)

// Config is what the programs need before the routes.
const Config = `#!ifdef GOSER
reject_invalid=no
log_rate_limit=0
#!endif
loadmodule "sl"
loadmodule "pv"
loadmodule "xlog"
loadmodule "textops"
loadmodule "textopsx"
loadmodule "siputils"
loadmodule "maxfwd"
loadmodule "corex"
loadmodule "kex"
max_while_loops=30
flags first:3, second
avpflags af1, af2
alias="alias.example.com"
modparam("pv", "shvset", "si=i:5")
modparam("pv", "shvset", "ss=s:text")
route[SETUP] {
	$avp(l) = 1; $avp(l) = "two"; $avp(l) = 3;
	$avp(s) = "17";
	$xavp(x=>a) = 5; $xavp(x[0]=>b) = "b1"; $xavp(x[0]=>b) = "b2"; $xavp(x=>a) = "top";
	$shv(k) = 9; $shv(s) = "shared";
}
route[three] { return(3); }
route[minus] { return(-2); }
route[plain] { $var(q) = 1; }
route[nope] { if (1 == 2) $var(q) = 1; }
route[gone] { exit; }
route[shown] {
	if (is_int("$avp(h)")) xlog("L_ERR", "int\n");
	if (defined $avp(h)) { $var(h) = $avp(h); route(hex); } else xlog("L_ERR", "undefined\n");
}
route[text] {
	if ($var(h) =~ "[^ -~]") route(hex); else xlog("L_ERR", "text $var(h)\n");
}
route[seen] {
	if (is_int("$avp(h)")) xlog("L_ERR", "int\n");
	if (defined $avp(h)) { $var(h) = $avp(h); route(text); } else xlog("L_ERR", "undefined\n");
}
route[hex] { xlog("L_ERR", "hex $(var(h){s.encode.hexa})\n"); }
route[SEND] { mf_process_maxfwd_header("10"); $du = "sip:127.0.0.1:@b@"; forward(); }
`

// Class is a sort of programs.
type Class string

// The classes.
const (
	Expressions     Class = "expressions"
	Statements      Class = "statements"
	Transformations Class = "transformations"
	Selects         Class = "selects"
	Variables       Class = "variables"
	Calls           Class = "calls" // the routes of a transaction, with a conversation
)

// Classes are all of them.
var Classes = []Class{Expressions, Statements, Transformations, Selects, Variables, Calls}

// Program is one program, and the message that it runs for.
type Program struct {
	Class         Class
	body, message *node
}

// Body is the text of a route.
func (p *Program) Body() string {
	body := strings.TrimSpace(p.body.String())
	if p.Class == Calls {
		return idle(body)
	}
	return body
}

// Message is the message, with @case@ and @CL@ in it.
func (p *Program) Message() string { return p.message.String() }

// Size is how large it is.
func (p *Program) Size() int { return len(p.Body()) + len(p.Message()) }

// Smaller are the programs of which a part is missing, at most limit of them. Small ones are preferred, but some of the
// others come along.
func (p *Program) Smaller(limit int, r *rand.Rand) []*Program {
	var out []*Program
	for _, b := range smaller(p.body) {
		out = append(out, &Program{p.Class, b, p.message})
	}
	for _, m := range smaller(p.message) {
		out = append(out, &Program{p.Class, p.body, m})
	}
	if len(out) > limit {
		first, rest := out[:limit/2], out[limit/2:]
		r.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
		out = append(slices.Clone(first), rest[:limit-len(first)]...)
	}
	return out
}

// Make makes a program.
func Make(class Class, r *rand.Rand) *Program {
	g := &gen{r: r}
	p := &Program{Class: class}
	switch class {
	case Expressions:
		p.message = g.message(false)
		p.body = g.expressionProgram()
	case Statements:
		p.message = g.message(false)
		p.body = g.statementProgram()
	case Transformations:
		p.message = g.message(false)
		p.body = g.transformationProgram()
	case Selects:
		p.message = g.message(true)
		p.body = g.selectProgram()
	case Calls:
		p.message = g.callSteps()
		p.body = g.callProgram()
	case Variables:
		p.message = g.message(true)
		p.body = g.variableProgram()
	}
	return p
}

// gen makes choices.
type gen struct {
	r        *rand.Rand
	constant bool // arguments of transformations are no variables
}

// in tells whether something of a probability of 1 in n happens.
func (g *gen) in(n int) bool { return g.r.IntN(n) == 0 }

func pick[T any](g *gen, of ...T) T { return of[g.r.IntN(len(of))] }

// words splits at blanks and picks.
func (g *gen) word(list string) string { return pick(g, strings.Fields(list)...) }
