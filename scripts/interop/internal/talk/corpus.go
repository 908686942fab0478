package talk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
)

// Corpus is many small cases that share one configuration, so that a server starts once for all of
// them. A file of it is a txtar file:
//
//	-- cfg --            what stands before the routes: loadmodule, modparam, further routes
//	-- message NAME --   a message that cases can be asked about; its lines get CRLF
//	-- cases --          one case a line
//	-- cases NAME... --  the same, asked about each of these messages, not the first one
//
// A message that begins with SIP/2.0 is a reply: its cases run in onreply_route.
//
// A line is a mark and a text; lines that begin with a tab go on with the one before. The marks:
//
//	= EXPR         the value of an expression, with its type
//	? EXPR         whether an if takes it
//	" TEXT         what xlog makes of a text, which stands in quotes
//	; STATEMENTS   run as a route; shown are $vn(r) if they set it, and the route's code; @n@ is the case's number
//	# comment
//
// «a¦b¦c» stands for each of its alternatives: a line with two of them is a case for each combination.
//
// Below a case that differs on purpose, behind a tab: "differs NAME", "theirs: LINE" and "ours: LINE",
// the lines that each side must say, all of them.
//
// Every case gets a message of its own. What the server sends because of it, to endpoint a or b, and
// what the script logs is what the case has said.
type Corpus struct {
	Name, Doc, Config string
	Messages          map[string]string
	Cases             []Small
}

// Small is one case of a corpus.
type Small struct {
	Line         int
	Mark         byte
	Text         string
	Message      string
	Differs      string
	Theirs, Ours []string // with Differs: what each side says
}

// LoadCorpus reads all files of a folder.
func LoadCorpus(dir string) ([]Corpus, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil {
		return nil, err
	}
	all := make([]Corpus, 0, len(files))
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		c, err := ParseCorpus(strings.TrimSuffix(filepath.Base(file), ".txtar"), data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, c)
	}
	return all, nil
}

// ParseCorpus reads one file.
func ParseCorpus(name string, data []byte) (Corpus, error) {
	ar := txtar.Parse(data)
	c := Corpus{Name: name, Doc: strings.TrimSpace(string(ar.Comment)), Messages: map[string]string{}}
	if c.Doc == "" {
		return c, errors.New("the comment that says what the cases show is missing")
	}
	first, at := "", strings.Count(string(ar.Comment), "\n")
	for _, f := range ar.Files {
		at++
		kind, arg, _ := strings.Cut(f.Name, " ")
		switch {
		case kind == "cfg" && arg == "":
			c.Config = string(f.Data)
		case kind == "message" && arg != "":
			if c.Messages[arg] = string(f.Data); first == "" {
				first = arg
			}
		case kind == "cases":
			if arg == "" {
				arg = first
			}
			for name := range strings.FieldsSeq(arg) {
				if c.Messages[name] == "" {
					return c, fmt.Errorf("section %q: there is no message %q above", f.Name, name)
				}
				if err := c.lines(string(f.Data), name, at); err != nil {
					return c, err
				}
			}
		default:
			return c, fmt.Errorf("section %q is unknown; want cfg, message NAME or cases", f.Name)
		}
		at += strings.Count(string(f.Data), "\n")
	}
	if len(c.Cases) == 0 {
		return c, errors.New("it has no cases")
	}
	return c, nil
}

func (c *Corpus) lines(text, message string, at int) error {
	for line := range strings.Lines(text) {
		at++
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '\t' && len(c.Cases) > 0:
			c.Cases[len(c.Cases)-1].more(line[1:])
		case len(line) > 2 && strings.IndexByte(`=?";`, line[0]) >= 0 && line[1] == ' ':
			for _, text := range alternatives(line[2:]) {
				c.Cases = append(c.Cases, Small{Line: at, Mark: line[0], Text: text, Message: message})
			}
		default:
			return fmt.Errorf("line %d: %q: want a mark = ? \" ; and a blank", at, line)
		}
	}
	return nil
}

// alternatives expands every «a¦b».
func alternatives(s string) []string {
	before, rest, found := strings.Cut(s, "«")
	inner, after, closed := strings.Cut(rest, "»")
	if !found || !closed {
		return []string{s}
	}
	var out []string
	for _, tail := range alternatives(after) {
		for choice := range strings.SplitSeq(inner, "¦") {
			out = append(out, before+choice+tail)
		}
	}
	return out
}

func (s *Small) more(line string) {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "differs":
		s.Differs = rest
	case "theirs:":
		s.Theirs = append(s.Theirs, rest)
	case "ours:":
		s.Ours = append(s.Ours, rest)
	default:
		s.Text += "\n" + line
	}
}

// head is what the main route does, and that of replies: it finds the case's route by a header of the message. Every
// variable that
// outlives a message starts anew: $vn(u) is undefined, the others are what the cases work with.
const head = `	xlog("L_ERR", "== $hdr(X-Case)\n");
	$vn(r) = "unset"; $vn(u) = $null; $var(x) = 0; $var(y) = 0; $var(z) = 0;
	$var(i) = 7; $var(n) = -3; $var(o) = 0; $var(d) = "5"; $var(t) = "abc"; $var(e) = "";
	$var(code) = route("c" + $hdr(X-Case));
	if ($var(code) != 7) xlog("L_ERR", "route: $var(code)\n");
	route(SHOW);
}
`

const show = `route[SHOW] {
	if ("unset" == $vn(r)) return;
	if (is_int("$vn(r)")) { xlog("L_ERR", "int $vn(r)\n"); } else { xlog("L_ERR", "str $vn(r)\n"); }
}
`

// route writes the route of a case.
func (s *Small) route(n int) string {
	body := s.Text
	switch s.Mark {
	case '=':
		body = "$vn(r) = " + body + ";"
	case '?':
		body = "if (" + body + `) { $vn(r) = "yes"; } else { $vn(r) = "no"; }`
	case '"':
		body = `xlog("L_ERR", "` + body + `\n");`
	}
	tail := " return(7);"
	if s.Mark == ';' {
		tail = ""
	}
	body = strings.ReplaceAll(body, "@n@", strconv.Itoa(n))
	return fmt.Sprintf("route[c%d] {\n%s%s\n}\n", n, body, tail)
}

// Script is the whole configuration.
func (c *Corpus) Script() string {
	var b strings.Builder
	b.WriteString(Bare + Prelude + c.Config + "request_route {\n" + head)
	for _, m := range c.Messages {
		if strings.HasPrefix(m, "SIP/2.0 ") {
			b.WriteString("onreply_route {\n\tif (!$hdr(X-Case)) return;\n" + head)
			break
		}
	}
	b.WriteString(show)
	for i := range c.Cases {
		b.WriteString(c.Cases[i].route(i))
	}
	return b.String()
}
