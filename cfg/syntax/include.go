package syntax

import (
	"errors"
	"io/fs"
	"path"
	"strings"
	"syscall"
)

// pushFile starts reading a file.
func (l *lexer) pushFile(name string, src []byte, at Span) {
	l.read += len(src)
	if l.read > MaxSource {
		l.stop = true
		src = nil
	}
	l.files.Files = append(l.files.Files, File{Name: name, Src: src, IncludedAt: at})
	l.frames = append(l.frames, &frame{src: src, line: 1, col: 1, file: int32(len(l.files.Files) - 1)})
	l.f = l.frames[len(l.frames)-1]
	if l.read > MaxSource {
		l.errorf(at, KindLimit, "", "configuration is larger than %d bytes", MaxSource)
	}
}

func (l *lexer) includeDirective(word string, at Span) {
	l.include(token{At: at, Str: word}, word == "import_file")
}

// include reads the quoted path after include_file or import_file and goes on
// with that file.
func (l *lexer) include(t token, optional bool) {
	for l.f.pos < len(l.f.src) && (isBlank(l.peek(0)) || l.peek(0) == '\n') {
		l.take(1)
	}
	if c := l.peek(0); c != '"' && c != '\'' {
		l.errorf(t.At, KindSyntax, "write "+t.Str+" \"path\"", "%s needs a path in quotes", t.Str)
		l.skipLine()
		return
	}
	str := l.scan()
	at := t.At.To(str.At)
	switch {
	case str.Kind == tBad:
	case str.Str == "" || len(str.Str) > 4095 || strings.ContainsRune(str.Str, 0):
		l.errorf(str.At, KindPrep, "", "bad path in %s", t.Str)
	case l.includes >= MaxIncludes:
		l.fatal(at, KindLimit, "does a file include itself?", "too many includes: at most %d deep", MaxIncludes)
	case len(l.files.Files) >= MaxFiles:
		l.fatal(at, KindLimit, "", "too many files: at most %d", MaxFiles)
	default:
		l.openInclude(str.Str, at, optional)
	}
}

func (l *lexer) openInclude(name string, at Span, optional bool) {
	data, err := l.opt.open(name)
	l.note(name, data, err)
	if err != nil && !path.IsAbs(name) {
		second := path.Join(path.Dir(l.files.Files[l.f.file].Name), name)
		var err2 error
		if data, err2 = l.opt.open(second); err2 == nil || isMissing(err) {
			err = err2
		}
		l.note(second, data, err2)
		if err == nil {
			name = second
		}
	}
	if err != nil {
		if !optional || !isMissing(err) {
			l.fatal(at, KindFile, includeHint(name), "cannot read %s: %s", clip(name, 200), plainError(err))
		}
		return
	}
	l.includes++
	l.pushFile(name, data, at)
}

func (l *lexer) note(name string, data []byte, err error) {
	if l.opened != nil {
		l.opened(name, data, err)
	}
}

func includeHint(name string) string {
	if path.IsAbs(name) {
		return "import_file would go on without it"
	}
	return "looked for in the working directory and beside the including file; import_file would go on without it"
}

func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// plainError drops the operation and path that os errors repeat.
func plainError(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}
