// Package talk has the same conversation with two servers and writes down what each of them said,
// so that the two can be compared.
//
// A case is a txtar file. Its comment says what it is about; the sections are:
//
//	-- cfg --             the configuration, behind a common head (Prelude)
//	-- cfg bare --        the same, but behind what a server cannot do without only
//	-- cfg bench NAME --  the file NAME of scripts/bench; the text is comment
//	-- cfg calls --       the same, behind the modules that calls need, too (Calls)
//	-- send a --          endpoint a sends this text to the server; its lines get CRLF
//	-- send a raw --      the same, byte for byte, with the escapes \r \n \t \0 \\ \xHH
//	-- ask a INVITE sip:x@h id=c1 cseq=1 --
//	                      a sends a request made of these words (see ask.go); the text is further
//	                      headers and, behind an empty line, a body
//	-- answer b 180 Ringing --
//	                      b answers the last request it got; the text is further headers
//	-- answer b INVITE 180 Ringing --
//	                      b answers the last INVITE it got
//	-- file NAME --       a file in the folder @DIR@; what is in the folder at the end is compared, too.
//	                      What uses a database may wait, so every request of such a case must be answered
//	-- wait 150ms --      for what takes several rounds
//	-- differs NAME --    ours differs, on purpose: docs/compatibility.md has a heading NAME.
//	                      Lines "ours: RE", "theirs: RE", "ours-not: RE", "theirs-not: RE" say how
//
// Endpoints are UDP sockets on 127.0.0.1, or on ::1 if the name ends in 6. @PORT@ is the server's
// port, @a@ the port of endpoint a; @CL@ is the length of the body that follows,
// @totag@ the To tag of the last reply that came.
package talk

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
)

// Case is one conversation.
type Case struct {
	Name, Doc, Config string
	Steps             []Step
	Differs           []Difference
	Files             map[string]string // in @DIR@
}

// Step is one datagram that goes to the server.
type Step struct {
	From   string
	Raw    bool
	Code   int    // not 0: an answer
	Method string // of the request that is answered; "": whatever came last
	Reason string
	Text   string
	Title  string
	Wait   time.Duration // not 0: nothing is sent
}

// Difference is a departure that is meant.
type Difference struct {
	Name   string
	Checks []Check
}

// Check is what must, or must not, be found in what one of the servers said.
type Check struct {
	Ours, Not bool
	RE        *regexp.Regexp
}

// Load reads all cases of a folder.
func Load(dir string) ([]Case, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil {
		return nil, err
	}
	cases := make([]Case, 0, len(files))
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		c, err := Parse(strings.TrimSuffix(filepath.Base(file), ".txtar"), data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		cases = append(cases, c)
	}
	return cases, nil
}

// Parse reads one case.
func Parse(name string, data []byte) (Case, error) {
	ar := txtar.Parse(data)
	c := Case{Name: name, Doc: strings.TrimSpace(string(ar.Comment))}
	if c.Doc == "" {
		return c, fmt.Errorf("the comment that says what the case shows is missing")
	}
	for _, f := range ar.Files {
		if err := c.section(f.Name, string(f.Data)); err != nil {
			return c, fmt.Errorf("section %q: %w", f.Name, err)
		}
	}
	if c.Config == "" || len(c.Steps) == 0 {
		return c, fmt.Errorf("a case needs a cfg and at least one send")
	}
	return c, nil
}

func (c *Case) section(title, text string) error {
	words := strings.Fields(title)
	switch {
	case title == "cfg":
		c.Config = Bare + Prelude + text
	case title == "cfg calls":
		c.Config = Bare + Prelude + Calls + text
	case title == "cfg bare":
		c.Config = Bare + text
	case strings.HasPrefix(title, "cfg bench ") && len(words) == 3:
		text, err := os.ReadFile(filepath.Join("../bench", words[2]))
		c.Config = "#!define LISTEN udp:127.0.0.1:@PORT@\n#!define CHILDREN 1\n" + string(text)
		return err
	case words[0] == "send" && (len(words) == 2 || len(words) == 3 && words[2] == "raw"):
		c.Steps = append(c.Steps, Step{From: words[1], Raw: len(words) == 3, Text: text, Title: title})
	case words[0] == "ask" && len(words) >= 4:
		text, err := ask(words[1:], text)
		if err != nil {
			return err
		}
		c.Steps = append(c.Steps, Step{From: words[1], Text: text, Title: title})
	case words[0] == "file" && len(words) == 2:
		if c.Files == nil {
			c.Files = map[string]string{}
		}
		c.Files[words[1]] = text
	case words[0] == "wait" && len(words) == 2:
		d, err := time.ParseDuration(words[1])
		if err != nil || d <= 0 {
			return fmt.Errorf("want a time such as 150ms")
		}
		c.Steps = append(c.Steps, Step{Title: title, Wait: d})
	case words[0] == "answer" && len(words) >= 3:
		s := Step{From: words[1], Text: text, Title: title}
		if words = words[2:]; len(words) > 1 && words[0] == strings.ToUpper(words[0]) && words[0][0] > '9' {
			s.Method, words = words[0], words[1:]
		}
		code, err := strconv.Atoi(words[0])
		if err != nil {
			return err
		}
		s.Code, s.Reason = code, strings.Join(words[1:], " ")
		c.Steps = append(c.Steps, s)
	case words[0] == "differs" && len(words) == 2:
		d, err := difference(words[1], text)
		c.Differs = append(c.Differs, d)
		return err
	default:
		return fmt.Errorf("unknown; want cfg, file, send, ask, answer, wait or differs")
	}
	return nil
}

func difference(name, text string) (Difference, error) {
	d := Difference{Name: name}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		who, pattern, ok := strings.Cut(line, ": ")
		side, not := strings.CutSuffix(who, "-not")
		if !ok || side != "ours" && side != "theirs" {
			return d, fmt.Errorf("%q: want ours: RE, theirs: RE, ours-not: RE or theirs-not: RE", line)
		}
		re, err := regexp.Compile("(?m)" + pattern)
		if err != nil {
			return d, err
		}
		d.Checks = append(d.Checks, Check{Ours: side == "ours", Not: not, RE: re})
	}
	if len(d.Checks) == 0 {
		return d, fmt.Errorf("it has to say how ours differs")
	}
	return d, nil
}
