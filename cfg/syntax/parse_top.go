package syntax

import (
	"maps"
	"slices"
	"strings"
)

var (
	blockWords = wordSet("route request_route failure_route branch_route onreply_route reply_route onsend_route event_route")
	topWords   = wordSet("loadmodule loadmodulex loadpath mpath modparam modparamx flags bool avpflags listen alias")
)

// atBlock tells whether the current token starts a routing block.
func (p *parser) atBlock() bool {
	return blockWords[p.tok.Str] && p.blockShape()
}

// blockShape tells whether a word is followed by what follows the word of a block.
func (p *parser) blockShape() bool {
	return p.tok.Kind == tID && (p.peek(1).op("{") || p.peek(1).op("[") && p.blockName())
}

// blockName tells route[X] { from anything else that starts with route[.
func (p *parser) blockName() bool {
	for n := 2; n < 16; n++ {
		if p.peek(n).op("]") {
			return p.peek(n + 1).op("{")
		}
	}
	return false
}

// item parses one top-level statement; nil if there was none or it was wrong.
func (p *parser) item() (it Item) {
	p.closed = false
	if p.accept(";") {
		return nil
	}
	if !p.guard(func() { it = p.itemBody() }) {
		p.syncTop()
		return nil
	}
	return it
}

func (p *parser) itemBody() Item {
	t := p.tok
	if t.op("}") && p.owed {
		p.advance()
		return nil
	}
	if t.Kind != tID {
		p.strayTop()
	}
	switch t.Str {
	case "loadmodule", "loadmodulex":
		p.advance()
		path := p.str("a module name", "write "+t.Str+` "name.so"`)
		if strings.Contains(path.Str, "\n") {
			p.runsOn(path.At)
		}
		if t.Str == "loadmodulex" && !p.startValue(&path) {
			return nil
		}
		return &LoadModule{Path: path, At: t.At.To(path.At)}
	case "loadpath", "mpath":
		p.advance()
		p.accept("=")
		path := p.str("a list of directories", `write loadpath "dir1:dir2"`)
		return &LoadPath{Path: path, At: t.At.To(path.At)}
	case "modparam", "modparamx":
		return p.modParam(t.Str)
	case "cfgengine":
		if p.peek(1).Kind == tStr || p.peek(1).Kind == tRaw {
			return p.engine()
		}
	case "flags", "bool", "avpflags":
		return p.flags()
	case "listen", "alias":
		if p.peek(1).op("=") {
			return p.addrItem()
		}
	}
	if blockWords[t.Str] {
		return p.route()
	}
	if s := p.misspelledBlock(); s != "" { // its statements are looked at all the same
		p.report(t.At, "did you mean "+s+"?", "%s is no kind of block", t.describe())
		p.route()
		return nil
	}
	if s := p.misspelledTop(); s != "" {
		p.report(t.At, "did you mean "+s+"?", "unexpected %s", t.describe())
		p.advance()
		p.advance()
		return nil
	}
	return p.assignment()
}

// assignment parses name = value, group.name = value or group[n].name = value.
func (p *parser) assignment() Item {
	name := p.tok
	next := p.peek(1)
	switch {
	case next.op("="):
		p.advance()
		p.advance()
		return p.param(name)
	case next.op(".") && p.peek(2).Kind == tID, next.op("[") && p.peek(2).Kind == tNum && p.peek(3).op("]") && !p.peek(4).op("{"):
		return p.customVar()
	}
	p.strayTop()
	return nil
}

// strayTop reports what cannot stand outside a block, and unwinds.
func (p *parser) strayTop() {
	t := p.tok
	switch {
	case t.op("}"):
		p.fail(t.At, "every { has its } already: is one too many above?", "} without {")
	case t.Kind == tVar, t.Kind == tID && (p.peek(1).op("(") || reserved[t.Str]):
		p.fail(t.At, "statements belong inside route { ... }: is there one } too many above?", "%s outside of a route block", t.describe())
	case t.Kind == tID && p.peek(1).op("{"):
		p.fail(t.At, "write route[NAME] { ... }", "%s is no kind of block", t.describe())
	case t.Kind == tID && p.peek(1).Kind != tBad:
		p.fail(t.At, "write "+t.Str+" = value", "%s: = expected after it", t.describe())
	default:
		p.fail(t.At, "parameters (name = value), loadmodule, modparam or route blocks stand here", "unexpected %s", t.describe())
	}
}

// runsOn reports a string whose closing quote is missing: nothing behind it is what
// it looks like.
func (p *parser) runsOn(at Span) {
	p.lex.fatal(Span{File: at.File, Line: at.Line, Col: at.Col, EndLine: at.Line, EndCol: at.Col}, KindSyntax,
		"is its closing quote missing?", "string runs on to line %d", at.EndLine)
	p.tok, p.ahead = p.lex.next(), nil
	panic(bailout{})
}

// misspelledBlock is the word that was meant by one that stands at the beginning of a
// line where a block begins, "" if none was.
func (p *parser) misspelledBlock() string {
	if p.tok.At.Col != 1 || !p.blockShape() || reserved[p.tok.Str] || blockWords[p.tok.Str] {
		return ""
	}
	return Suggest(p.tok.Str, slices.Sorted(maps.Keys(blockWords)))
}

// misspelledTop is the same for loadmodule and its kind, which a string follows.
func (p *parser) misspelledTop() string {
	if k := p.peek(1).Kind; k != tStr && k != tRaw {
		return ""
	}
	return Suggest(p.tok.Str, slices.Sorted(maps.Keys(topWords)))
}

// syncTop skips to what looks like the start of a top-level statement.
func (p *parser) syncTop() {
	for p.advance(); p.tok.Kind != tEOF; p.advance() {
		if p.tok.op(";") && p.peek(1).Line {
			p.advance()
			if p.topStart() {
				return
			}
		}
		if p.topStart() {
			return
		}
	}
}

func (p *parser) topStart() bool {
	t := &p.tok
	if t.Kind != tID || !t.Line {
		return false
	}
	if topWords[t.Str] || p.atBlock() || p.misspelledBlock() != "" {
		return true
	}
	return p.peek(1).op("=") && !reserved[t.Str] || p.peek(1).op(".") && p.adjacent(1)
}

// str parses one or more adjacent "..." strings or one '...'.
func (p *parser) str(what, hint string) Text {
	t := p.tok
	if t.Kind != tStr && t.Kind != tRaw {
		p.unexpected(what+" in quotes", hint)
	}
	return p.joinStrings()
}

func (p *parser) joinStrings() Text {
	t := p.tok
	p.advance()
	if t.Kind == tStr && p.tok.Kind == tStr {
		var b strings.Builder
		b.WriteString(t.Written)
		for p.tok.Kind == tStr {
			b.WriteString(p.tok.Written)
			t.At = t.At.To(p.tok.At)
			p.advance()
		}
		t.Str = p.lex.substituteBy(t.Substs, b.String(), t.At) // substitutions see across the seams
	}
	return Text{Kind: ValStr, Str: t.Str, At: t.At}
}

func (p *parser) param(name token) Item {
	it := &ParamItem{Name: Text{Kind: ValID, Str: name.Str, At: name.At}}
	if p.valueMissing() {
		p.report(p.afterPrev(), "write "+name.Str+" = value", "value missing after %s =", name.Str)
		return nil
	}
	start := p.tok.At
	switch t := p.tok; {
	case t.op("-"):
		p.advance()
		if p.tok.Kind != tNum {
			p.unexpected("a number after -", "")
		}
		it.Neg = true
		it.Value = Text{Kind: ValInt, Int: -p.tok.Int, Str: "-" + p.tok.Str, At: start.To(p.tok.At)}
		p.advance()
	case t.Kind == tNum && !p.hostGoesOn():
		it.Value = Text{Kind: ValInt, Int: t.Int, Str: t.Str, At: t.At}
		p.advance()
		if !p.checkPlus(&t) {
			return nil
		}
	case t.Kind == tStr, t.Kind == tRaw:
		it.Value = p.joinStrings()
	default:
		it.Value = p.host()
	}
	return it
}

// checkPlus refuses 2147483648, which is a number only after a minus.
func (p *parser) checkPlus(t *token) bool {
	if t.Str == "2147483648" {
		p.lex.errorf(t.At, KindType, "numbers have 32 bits: at most 2147483647, or 0xffffffff", "number %s is too large", t.Str)
		return false
	}
	return true
}

// valueMissing sees that the next statement begins where a value should stand.
func (p *parser) valueMissing() bool {
	t := &p.tok
	if t.Kind == tEOF || t.op(";") || t.op("}") {
		return true
	}
	if t.Kind != tID || !t.Line {
		return false
	}
	return p.peek(1).op("=") || topWords[t.Str] || blockWords[t.Str]
}

func (p *parser) customVar() Item {
	t := p.tok
	it := &CustomVar{Group: Text{Kind: ValID, Str: t.Str, At: t.At}, Instance: -1}
	p.advance()
	if p.accept("[") {
		it.Instance = p.tok.Int
		p.advance()
		p.expect("]", "after the number of the instance", "")
	}
	p.expect(".", "after the group", "write group[n].name = value")
	if p.tok.Kind != tID {
		p.unexpected("the name of a variable", "write group.name = value")
	}
	it.Name = Text{Kind: ValID, Str: p.tok.Str, At: p.tok.At}
	it.At = t.At.To(p.tok.At)
	p.advance()
	p.expect("=", "after "+it.Group.Str+"."+it.Name.Str, "write group.name = value")
	it.Value = p.constant(`a number or a string`)
	if p.tok.Kind == tID && (p.tok.Str == "desc" || p.tok.Str == "descr" || p.tok.Str == "description") && !p.peek(1).op("=") {
		p.advance()
		it.Desc = p.str("a description", "").Str
	}
	return it
}

// constant parses a string or a number that may have a minus.
func (p *parser) constant(what string) Text {
	start := p.tok.At
	neg := p.accept("-")
	switch t := p.tok; {
	case t.Kind == tNum:
		p.advance()
		if neg {
			return Text{Kind: ValInt, Int: -t.Int, Str: "-" + t.Str, At: start.To(t.At)}
		}
		p.checkPlus(&t)
		return Text{Kind: ValInt, Int: t.Int, Str: t.Str, At: t.At}
	case !neg && (t.Kind == tStr || t.Kind == tRaw):
		return p.joinStrings()
	case !neg && t.Kind == tID:
		if n, ok := boolWords[t.Str]; ok {
			p.advance()
			return Text{Kind: ValInt, Int: n, Str: t.Str, At: t.At}
		}
	}
	p.unexpected(what, "strings go in quotes")
	return Text{}
}

func (p *parser) modParam(word string) Item {
	hint := "write " + word + `("module", "parameter", value)`
	it := &ModParam{At: p.tok.At}
	p.advance()
	p.expect("(", "after "+word, hint)
	it.Module = p.str("a module name", hint)
	p.expect(",", "after the module", hint)
	it.Name = p.str("a parameter name", hint)
	p.expect(",", "after the parameter's name", hint)
	it.Value = p.constant("a number or a string")
	known := word != "modparamx" || p.startValue(&it.Value)
	p.expect(")", "after the value", hint)
	if it.At = it.At.To(p.prev.At); !known {
		return nil
	}
	return it
}

func (p *parser) flags() Item {
	it := &FlagsItem{AVP: p.tok.Str == "avpflags", At: p.tok.At}
	hint := "write " + p.tok.Str + " name, name:number"
	p.advance()
	for {
		t := p.tok
		if t.Kind != tID && t.Kind != tStr && t.Kind != tRaw {
			p.unexpected("the name of a flag", hint)
		}
		d := FlagDecl{Name: Text{Kind: ValID, Str: t.Str, At: t.At}, Pos: -1}
		p.advance()
		if !it.AVP && p.accept(":") {
			if p.tok.Kind != tNum {
				p.unexpected("the number of the flag", "numbers are 0 to 31")
			}
			d.Pos = p.tok.Int
			d.Name.At = d.Name.At.To(p.tok.At)
			p.advance()
		}
		it.Names = append(it.Names, d)
		if !p.accept(",") {
			return it
		}
	}
}

// route parses a routing block.
func (p *parser) route() Item {
	it := &RouteItem{Keyword: p.tok.Str, Name: "0", At: p.tok.At, NameAt: p.tok.At}
	p.advance()
	if p.accept("[") {
		it.Name, it.NameAt = p.routeName(it.Keyword)
		p.expect("]", "after the name of the block", "write "+it.Keyword+"[NAME] { ... }")
		it.At = it.At.To(p.prev.At)
	}
	if !p.tok.op("{") {
		p.unexpected(`"{" after `+it.Keyword, "write "+it.Keyword+" { ... } or "+it.Keyword+"[NAME] { ... }")
	}
	it.Body = p.block()
	return it
}

// routeName parses a name, number or string; event names hold : and -.
func (p *parser) routeName(keyword string) (string, Span) {
	t := p.tok
	if t.Kind == tStr || t.Kind == tRaw {
		p.advance()
		return t.Str, t.At
	}
	var b strings.Builder
	at := t.At
	for {
		t := &p.tok
		if t.Kind != tID && t.Kind != tNum && t.Kind != tMixed && !t.op("-") && !t.op(":") && !t.op(".") || b.Len() > 0 && t.Space {
			break
		}
		b.WriteString(t.Str)
		at = at.To(t.At)
		p.advance()
	}
	if b.Len() == 0 {
		p.unexpected("a name", "write "+keyword+"[NAME]; NAME is a word, a number or a string")
	}
	return b.String(), at
}
