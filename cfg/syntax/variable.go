package syntax

import (
	"strings"
)

// VarError says what is wrong in the text of a variable or a format string.
type VarError struct {
	Offset, Len int // the culprit in the text
	Msg, Hint   string
}

func (e *VarError) Error() string { return e.Msg }

// maxTransArgs bounds where commas separate: the last argument of these may
// hold commas itself, as in {s.select,1,,}.
var maxTransArgs = map[string]int{
	"s.select": 2, "s.replace": 2, "s.rm": 1, "s.stripto": 1, "s.before": 1, "s.after": 1,
	"s.rbefore": 1, "s.rafter": 1, "s.count": 1, "s.ftime": 1, "param.value": 2, "param.valueat": 2,
	"param.name": 2, "param.count": 1, "param.in": 2, "re.subst": 1, "line.sw": 1,
}

// ParseVar takes the text of one variable apart: $name, $name(inner),
// $(name[index]{transformation}).
func ParseVar(text string) (*VarRef, *VarError) {
	p := varParser{text: text}
	v := p.variable()
	if p.err == nil && p.pos != len(text) {
		p.fail(p.pos, len(text)-p.pos, "text after the variable", "")
	}
	return v, p.err
}

// ParseLeadingVar parses the variable that a text begins with, and returns what stands behind it.
func ParseLeadingVar(text string) (v *VarRef, rest string, err *VarError) {
	p := varParser{text: text}
	if v = p.variable(); p.err == nil {
		rest = text[p.pos:]
	}
	return v, rest, p.err
}

// ParseFormat cuts a string into text and variables. $$ stands for $.
func ParseFormat(s string) ([]FormatPart, *VarError) {
	p := varParser{text: s}
	parts := p.format()
	return parts, p.err
}

type varParser struct {
	text  string
	pos   int
	depth int
	err   *VarError
}

func (p *varParser) fail(at, n int, msg, hint string) {
	if p.err == nil {
		p.err = &VarError{at, max(n, 1), msg, hint}
	}
}

func (p *varParser) peek() byte {
	if p.pos < len(p.text) {
		return p.text[p.pos]
	}
	return 0
}

func (p *varParser) format() []FormatPart {
	var parts []FormatPart
	var text strings.Builder
	for p.pos < len(p.text) && p.err == nil {
		if p.text[p.pos] != '$' {
			text.WriteByte(p.text[p.pos])
			p.pos++
			continue
		}
		if strings.HasPrefix(p.text[p.pos:], "$$") {
			text.WriteByte('$')
			p.pos += 2
			continue
		}
		if text.Len() > 0 {
			parts = append(parts, FormatPart{Text: text.String()})
			text.Reset()
		}
		parts = append(parts, FormatPart{Var: p.variable()})
	}
	if text.Len() > 0 {
		parts = append(parts, FormatPart{Text: text.String()})
	}
	return parts
}

// variable parses what starts with $ at pos.
func (p *varParser) variable() *VarRef {
	start := p.pos
	rest := p.text[start:]
	n := varLength([]byte(rest[:min(len(rest), MaxVarLength)]))
	v := &VarRef{}
	if p.depth++; p.depth > MaxVarNesting {
		p.fail(start, 1, "variables nested too deep", "at most 10 levels")
		return v
	}
	defer func() { p.depth-- }()
	switch {
	case rest == "" || rest[0] != '$' || n == 1:
		p.fail(start, 1, "$ without the name of a variable", "write $$ for the character itself")
	case n < 0:
		p.fail(start, 2, "parentheses of this variable do not close", "write $(name{...}) or $name(...), with as many ) as (")
	case rest[1] == '(':
		v.Paren = true
		p.pos = start + 2
		p.long(v, start+n-1)
		p.pos = start + n
	default:
		p.pos++
		p.name(v, start+n)
		p.pos = start + n
	}
	return v
}

// name parses name or name(inner), which end at or before end.
func (p *varParser) name(v *VarRef, end int) {
	begin := p.pos
	for p.pos < end && (isWord(p.text[p.pos]) || p.text[p.pos] == '.' || p.text[p.pos] == '?') {
		p.pos++
	}
	v.Name = p.text[begin:p.pos]
	if v.Name == "" {
		p.fail(begin, 1, "variable without a name", "write $name or $(name)")
		return
	}
	if p.pos < end && p.text[p.pos] == '(' {
		n := balanced([]byte(p.text[p.pos:end]), 0)
		if n < 0 {
			p.fail(p.pos, end-p.pos, "parentheses of $"+v.Name+" do not close", "")
			return
		}
		v.HasInner, v.Inner = true, p.text[p.pos+1:p.pos+n-1]
		p.pos += n
	}
}

// long parses the inside of $(...), which ends before end.
func (p *varParser) long(v *VarRef, end int) {
	p.blanks(end)
	p.name(v, end)
	p.blanks(end)
	if p.pos < end && p.peek() == '[' && p.err == nil {
		p.index(v, end)
	}
	for p.err == nil {
		p.blanks(end)
		if p.pos >= end || p.peek() != '{' {
			break
		}
		p.transformation(v, end)
	}
	if p.pos < end {
		p.fail(p.pos, end-p.pos, "unexpected text in variable $("+v.Name+"...)", "after the name only (inner), [index] and {transformations} may follow")
	}
}

func (p *varParser) blanks(end int) {
	for p.pos < end && strings.IndexByte(" \t\r\n", p.text[p.pos]) >= 0 {
		p.pos++
	}
}

// index parses [n], [*] or [$var].
func (p *varParser) index(v *VarRef, end int) {
	begin := p.pos + 1
	p.pos = begin
	if p.peek() == '$' {
		v.IndexVar = p.variable()
	}
	n := strings.IndexByte(p.text[p.pos:end], ']')
	if n < 0 {
		p.fail(begin-1, end-begin+1, "index is never closed", "write $("+v.Name+"[n])")
		return
	}
	if v.IndexVar != nil && strings.TrimSpace(p.text[p.pos:p.pos+n]) != "" {
		p.fail(p.pos, n, "unexpected text in the index", "write [n], [*] or [$var(i)]")
	}
	v.HasIndex, v.Index = true, strings.TrimSpace(p.text[begin:p.pos+n])
	p.pos += n + 1
}

// transformation parses {class.name,arg,...}.
func (p *varParser) transformation(v *VarRef, end int) {
	begin := p.pos
	n := closeBrace(p.text[begin:end])
	if n < 0 {
		p.fail(begin, end-begin, "transformation is never closed", "write {class.name,arguments}")
		return
	}
	body := p.text[begin+1 : begin+n]
	head, args, hasArgs := strings.Cut(body, ",")
	class, name, ok := strings.Cut(strings.TrimSpace(head), ".")
	if !ok || class == "" || name == "" {
		p.fail(begin, n+1, "bad transformation {"+clip(head, 30)+"}", "write {class.name,arguments}, for example {s.len}")
		return
	}
	tr := TransRef{Class: class, Name: name}
	if hasArgs {
		limit, known := maxTransArgs[class+"."+name]
		if !known {
			limit = -1
		}
		offset := begin + 1 + len(head) + 1
		for _, a := range splitArgs(args, limit) {
			tr.Args = append(tr.Args, p.transArg(a, offset))
			offset += len(a) + 1
		}
	}
	v.Trans = append(v.Trans, tr)
	p.pos = begin + n + 1
}

func (p *varParser) transArg(a string, offset int) FormatPart {
	name := strings.TrimLeft(a, " \t\r\n")
	offset += len(a) - len(name)
	name = strings.TrimRight(name, " \t\r\n")
	if !strings.HasPrefix(name, "$") || len(name) == 1 || p.err != nil {
		return FormatPart{Text: a}
	}
	inner := varParser{text: name, depth: p.depth}
	ref := inner.variable()
	if inner.err == nil && inner.pos != len(name) {
		return FormatPart{Text: a}
	}
	if inner.err != nil {
		p.fail(offset+inner.err.Offset, inner.err.Len, inner.err.Msg, inner.err.Hint)
	}
	return FormatPart{Text: a, Var: ref}
}

// closeBrace returns the index of the } that closes s[0].
func closeBrace(s string) int {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// splitArgs cuts at commas outside parentheses, into at most n pieces (n < 0:
// no limit).
func splitArgs(s string, n int) []string {
	var out []string
	depth, last := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth = max(depth-1, 0)
		case ',':
			if depth == 0 && (n < 0 || len(out)+1 < n) {
				out = append(out, s[last:i])
				last = i + 1
			}
		}
	}
	return append(out, s[last:])
}
