package syntax

import (
	"path"
	"slices"
	"strings"

	"goser/cfg/param"
)

// ifLevel is one open #!ifdef.
type ifLevel struct {
	at     Span
	text   string
	active bool // this level's own condition
	elses  int
}

// directives maps every spelling to what it does. It is filled by init because
// the functions refer back to it.
var (
	directives     map[string]func(l *lexer, word string, at Span)
	directiveNames []string
)

func init() {
	directives = map[string]func(l *lexer, word string, at Span){
		"define": (*lexer).define, "def": (*lexer).define,
		"trydefine": (*lexer).define, "trydef": (*lexer).define,
		"redefine": (*lexer).define, "redef": (*lexer).define,
		"defenv": (*lexer).defineEnv, "defenvs": (*lexer).defineEnv,
		"trydefenv": (*lexer).defineEnv, "trydefenvs": (*lexer).defineEnv,
		"ifdef": (*lexer).openIf, "ifndef": (*lexer).openIf,
		"else": (*lexer).flipIf, "endif": (*lexer).closeIf,
		"subst": (*lexer).substDirective, "substdef": (*lexer).substDirective, "substdefs": (*lexer).substDirective,
		"include_file": (*lexer).includeDirective, "import_file": (*lexer).includeDirective,
		"KAMAILIO": (*lexer).setMode, "OPENSER": (*lexer).setMode, "SER": (*lexer).setMode,
		"MAXCOMPAT": (*lexer).setMode, "ALL": (*lexer).setMode,
	}
	for name := range directives {
		directiveNames = append(directiveNames, name)
	}
	slices.Sort(directiveNames)
}

// directive carries out what stands at the current position: a directive, a
// comment that looks like one, or a stretch of inactive text. It returns false
// if nothing of that is there.
func (l *lexer) directive() bool {
	if l.skipping() {
		l.skipInactive()
		return true
	}
	if !l.startsWith("#!") && !l.startsWith("!!") {
		return false
	}
	word := l.wordAt(2)
	do := directiveFor(word)
	if do == nil {
		if l.peek(0) == '!' {
			return false // !!x is a double negation
		}
		l.suspectDirective(word)
		l.skipLine()
		return true
	}
	start := l.here()
	l.take(2 + len(word))
	do(l, word, l.since(start))
	return true
}

func directiveFor(word string) func(*lexer, string, Span) {
	return directives[word]
}

// suspectDirective warns of a comment that is nearly a directive.
func (l *lexer) suspectDirective(word string) {
	if len(word) < 4 {
		return
	}
	if s := Suggest(word, directiveNames); s != "" {
		at := l.here()
		at.EndCol = at.Col + 1 + int32(len(word))
		l.warnf(at, "did you mean #!"+s+"?", "#!%s is no directive, the line is taken as a comment", clip(word, 30))
	}
}

// wordAt returns the identifier that starts n bytes further.
func (l *lexer) wordAt(n int) string {
	i := min(l.f.pos+n, len(l.f.src))
	j := i
	for j < len(l.f.src) && isWord(l.f.src[j]) {
		j++
	}
	return string(l.f.src[i:j])
}

// skipping tells whether some enclosing condition is false.
func (l *lexer) skipping() bool {
	for i := len(l.ifs) - 1; i >= 0; i-- {
		if !l.ifs[i].active {
			return true
		}
	}
	return false
}

// skipInactive passes over the rest of a line of inactive text. Only the
// conditionals in it are carried out; nothing else is looked at.
func (l *lexer) skipInactive() {
	l.files.skip(l.here())
	if l.startsWith("!!") {
		if l.conditional() {
			return
		}
	}
	for l.f.pos < len(l.f.src) {
		switch l.peek(0) {
		case '\n':
			l.take(1)
			for isBlank(l.peek(0)) {
				l.take(1)
			}
			return
		case '#':
			if !l.conditional() {
				l.skipLine()
			} else {
				return
			}
		default:
			l.take(1)
		}
	}
}

// conditional carries out #!ifdef, #!ifndef, #!else or #!endif if one is here.
func (l *lexer) conditional() bool {
	if l.peek(1) != '!' {
		return false
	}
	word := l.wordAt(2)
	switch word {
	case "ifdef", "ifndef", "else", "endif":
		start := l.here()
		l.take(2 + len(word))
		directiveFor(word)(l, word, l.since(start))
		return true
	}
	return false
}

func (l *lexer) openIf(word string, at Span) {
	l.files.conditionals = append(l.files.conditionals, at)
	name, nameAt := l.directiveName(word, at)
	defined := l.isDefined(name)
	l.restOfLine(word)
	if len(l.ifs) >= MaxIfdefs {
		l.fatal(at, KindLimit, "", "too many nested #!ifdef: at most %d", MaxIfdefs)
		return
	}
	l.ifs = append(l.ifs, ifLevel{at: at.To(nameAt), text: "#!" + word + " " + name, active: defined == (word == "ifdef")})
}

func (l *lexer) flipIf(word string, at Span) {
	l.files.conditionals = append(l.files.conditionals, at)
	l.restOfLine(word)
	if len(l.ifs) == 0 {
		l.errorf(at, KindPrep, "it belongs between #!ifdef NAME and #!endif", "#!else without #!ifdef")
		return
	}
	top := &l.ifs[len(l.ifs)-1]
	top.active = !top.active
	if top.elses++; top.elses == 2 {
		l.warnf(at, "it flips the condition once more", "second #!else for %s at line %d", clip(top.text, 60), top.at.Line)
	}
}

func (l *lexer) closeIf(word string, at Span) {
	l.files.conditionals = append(l.files.conditionals, at)
	l.restOfLine(word)
	if len(l.ifs) == 0 {
		l.errorf(at, KindPrep, "remove it, or open the region with #!ifdef NAME", "#!endif without #!ifdef")
		return
	}
	l.ifs = l.ifs[:len(l.ifs)-1]
}

// unclosedIfs reports conditionals still open at the very end.
func (l *lexer) unclosedIfs() {
	if l.stop { // the rest of the text was not read
		return
	}
	for _, lev := range l.ifs {
		l.errorf(lev.at, KindPrep, "close it with #!endif", "%s is never closed", clip(lev.text, 60))
	}
}

// isDefined tells what #!ifdef asks. Besides the defines there are the release
// of Kamailio whose language this is, and MOD_NAME for each module loaded above.
func (l *lexer) isDefined(name string) bool {
	if _, ok := l.defines[name]; ok {
		return true
	}
	switch name {
	case "GOSER", "KAMAILIO_5", "KAMAILIO_5_6", "KAMAILIO_5_6_3":
		return true
	}
	module, ok := strings.CutPrefix(name, "MOD_")
	return ok && l.loaded[module]
}

// noteLoad sees loadmodule "path" go by, for #!ifdef MOD_NAME.
func (l *lexer) noteLoad(t *token) {
	if l.loading && (t.Kind == tStr || t.Kind == tRaw) {
		l.loaded[strings.TrimSuffix(path.Base(t.Str), ".so")] = true
	}
	l.loading = t.Kind == tID && (t.Str == "loadmodule" || t.Str == "loadmodulex")
}

// directiveName reads the name after a directive.
func (l *lexer) directiveName(word string, at Span) (string, Span) {
	for isBlank(l.peek(0)) {
		l.take(1)
	}
	start := l.here()
	name := l.wordAt(0)
	l.take(len(name))
	if name == "" || isDigit(name[0]) {
		l.errorf(at, KindPrep, "write #!"+word+" NAME; names are made of letters, digits and _", "#!%s needs a name", word)
		return "", at
	}
	return name, l.since(start)
}

// restOfLine passes over what follows a conditional. Only a comment should.
func (l *lexer) restOfLine(word string) {
	for isBlank(l.peek(0)) {
		l.take(1)
	}
	c := l.peek(0)
	if l.f.pos < len(l.f.src) && c != '\n' && c != '#' && !l.startsWith("//") {
		start := l.here()
		l.skipLine()
		l.warnf(l.since(start), "keep the line of a directive clean", "text after #!%s is ignored", word)
		return
	}
	l.skipLine()
}

// define carries out #!define, #!trydefine and #!redefine.
func (l *lexer) define(word string, at Span) {
	name, nameAt := l.directiveName(word, at)
	body := l.defineBody(nameAt)
	if name == "" {
		return
	}
	_, exists := l.defines[name]
	switch {
	case exists && strings.HasPrefix(word, "try"):
		return
	case exists && !strings.HasPrefix(word, "re"):
		l.alreadyDefined(name, nameAt)
		return
	}
	l.addDefine(name, body, nameAt)
}

func (l *lexer) alreadyDefined(name string, at Span) {
	old := l.files.Defines[l.defines[name]-1]
	l.errorf(at, KindPrep, "use #!trydefine to keep the first, #!redefine to replace it",
		"%s is already defined at %s", clip(name, 60), l.files.Where(old.At))
}

func (l *lexer) addDefine(name, body string, at Span) {
	if _, exists := l.defines[name]; !exists && len(l.defines) >= MaxDefines {
		l.fatal(at, KindLimit, "", "too many defines: at most %d", MaxDefines)
		return
	}
	if len(l.files.Defines) >= MaxTokens {
		return
	}
	if reserved[name] || param.Lookup(name) != nil {
		l.warnf(at, "choose another name, say "+strings.ToUpper(name), "%s is a word of the language: the define is never used in its place", clip(name, 60))
	}
	l.files.Defines = append(l.files.Defines, Define{Name: name, Body: body, At: at})
	l.defines[name] = int32(len(l.files.Defines))
}

// defineBody reads to the end of the line; a backslash before it joins lines.
func (l *lexer) defineBody(at Span) string {
	for isBlank(l.peek(0)) {
		l.take(1)
	}
	var b strings.Builder
	for l.f.pos < len(l.f.src) {
		c := l.peek(0)
		if c == '\n' {
			break
		}
		if c == '\\' && l.peek(1) == '\n' {
			l.take(2)
			continue
		}
		if c == '\\' && l.peek(1) == '\r' && l.peek(2) == '\n' {
			l.take(3)
			continue
		}
		b.WriteByte(c)
		l.take(1)
	}
	if b.Len() > MaxDefineLength {
		l.errorf(at, KindLimit, "move the text to a route block or a file of its own", "define is longer than %d bytes", MaxDefineLength)
		return ""
	}
	return strings.TrimRight(b.String(), " \t\r")
}

// commandLine carries out -A NAME and -A NAME=VALUE.
func (l *lexer) commandLine() {
	for _, d := range l.opt.Defines {
		name, body, _ := strings.Cut(d, "=")
		if name == "" || isDigit(name[0]) || strings.Trim(name, "_") != "" && strings.IndexFunc(name, func(r rune) bool { return r > 0x7f || !isWord(byte(r)) }) >= 0 {
			l.errorf(Span{}, KindPrep, "write -A NAME or -A NAME=VALUE", "bad name in define -A %s", clip(d, 60))
			continue
		}
		if _, exists := l.defines[name]; exists {
			l.alreadyDefined(name, Span{})
			continue
		}
		l.addDefine(name, body, Span{})
	}
}

// expand replaces a defined identifier by its body; false if t stays as it is.
func (l *lexer) expand(t *token, space bool) bool {
	idx, ok := l.defines[t.Str]
	if !ok || reserved[t.Str] || param.Lookup(t.Str) != nil {
		return false
	}
	depth := 0
	for _, f := range l.frames {
		if f.define > 0 && l.files.Defines[f.define-1].Name == t.Str {
			return false // a name is not replaced inside its own body
		}
		if f.define > 0 {
			depth++
		}
	}
	if depth >= MaxDefineDepth {
		l.fatal(t.At, KindLimit, "", "defines use each other more than %d deep", MaxDefineDepth)
		return true
	}
	at := t.At
	at.Define = idx
	l.frames = append(l.frames, &frame{
		src: []byte(l.files.Defines[idx-1].Body), line: 1, col: 1, file: at.File,
		define: idx, at: at, space: space, first: true,
	})
	l.f = l.frames[len(l.frames)-1]
	l.count(at)
	return true
}

// setMode carries out #!SER and its like; the line must hold nothing else.
func (l *lexer) setMode(word string, at Span) {
	if c := l.peek(0); c != '\n' && c != '\r' && l.f.pos < len(l.f.src) {
		l.skipLine() // then it is an ordinary comment
		return
	}
	switch word {
	case "SER":
		l.mode = ModeSER
	case "KAMAILIO", "OPENSER":
		l.mode = ModeKamailio
	default:
		l.mode = ModeMaxCompat
	}
}
