package syntax

import (
	"bytes"
	"encoding/gob"
	"errors"
	"io/fs"
	"strings"
)

// imageMagic starts every image; the number changes with its layout.
const imageMagic = "sercfg3\n"

// image is what Preprocess saves: the text of every file that was read, in
// order, and what steered the reading.
type image struct {
	Name    string
	Src     []byte
	Defines []string
	Mode    Mode
	Prelude bool
	Env     map[string]string // the environment variables that were asked for and exist
	Reads   []imageRead
}

// imageRead is one attempt to open a file.
type imageRead struct {
	Name    string
	Data    []byte
	Missing bool
	Err     string
}

// Preprocess reads a configuration and its includes, and returns all of it as
// one self-contained image. Its diagnostics are those of the preprocessor and
// lexer only. The image is made even if there are errors: it reproduces them.
func Preprocess(name string, src []byte, opt Options) ([]byte, *Diagnostics) {
	im := image{Name: name, Src: src, Defines: opt.Defines, Mode: opt.Mode, Prelude: opt.Prelude, Env: map[string]string{}}
	asked := opt
	opt.Getenv = func(name string) (string, bool) {
		v, ok := asked.getenv(name)
		if ok {
			im.Env[name] = v
		}
		return v, ok
	}
	l := newLexer(name, src, opt)
	l.opened = func(name string, data []byte, err error) {
		r := imageRead{Name: name, Data: data, Missing: isMissing(err)}
		if err != nil {
			r.Data, r.Err = nil, plainError(err)
		}
		im.Reads = append(im.Reads, r)
	}
	for t := l.next(); t.Kind != tEOF; t = l.next() {
		if t.Kind == tStr || t.Kind == tRaw {
			noteEnv(t.Str, opt.Getenv)
		}
	}
	l.unclosedIfs()
	var buf bytes.Buffer
	buf.WriteString(imageMagic)
	if err := gob.NewEncoder(&buf).Encode(&im); err != nil { // cannot happen: plain data
		l.errorf(Span{}, KindFile, "", "cannot build the image: %s", err)
	}
	return buf.Bytes(), l.diag
}

// noteEnv asks for the environment variables that a text names: it may be a value of
// modparamx, which is carried out only when the image is parsed.
func noteEnv(text string, getenv func(name string) (string, bool)) {
	for {
		_, rest, found := strings.Cut(strings.ReplaceAll(text, "envn(", "env("), "env(")
		if !found {
			return
		}
		name, _, _ := strings.Cut(rest, ")")
		getenv(name)
		text = rest
	}
}

// ParseImage parses an image as Parse would have parsed the files. It never
// touches the disk.
func ParseImage(data []byte) (*Tree, *Diagnostics) {
	var im image
	rest, ok := bytes.CutPrefix(data, []byte(imageMagic))
	if ok {
		ok = len(rest) <= 2*MaxSource && gob.NewDecoder(bytes.NewReader(rest)).Decode(&im) == nil
	}
	if !ok {
		d := &Diagnostics{Files: &FileSet{}}
		d.Add(&Error{Kind: KindFile, Msg: "not a configuration image of this version"})
		return &Tree{Files: d.Files}, d
	}
	next := 0
	env := func(name string) (string, bool) { v, ok := im.Env[name]; return v, ok }
	opt := Options{Defines: im.Defines, Mode: im.Mode, Prelude: im.Prelude, Getenv: env, Open: func(name string) ([]byte, error) {
		if next >= len(im.Reads) || im.Reads[next].Name != name {
			return nil, errors.New("file is not part of the image")
		}
		r := im.Reads[next]
		next++
		if r.Err == "" {
			return r.Data, nil
		}
		if r.Missing {
			return nil, &missingError{r.Err}
		}
		return nil, errors.New(r.Err)
	}}
	return Parse(im.Name, im.Src, opt)
}

// missingError is the recorded error of a file that was not there.
type missingError struct{ text string }

func (e *missingError) Error() string { return e.text }
func (e *missingError) Unwrap() error { return fs.ErrNotExist }
