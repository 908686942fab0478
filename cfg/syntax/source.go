// Package syntax reads the configuration language of SER: it preprocesses
// (includes, defines, conditionals, substitutions), cuts the text into tokens
// and parses these into a tree whose every node knows file, line and column.
//
// It knows names of the language only; what a parameter, function or variable
// means is the business of package check. grammar.txt is the whole grammar.
//
// Nothing here panics on any input: files, includes, defines, nesting and the
// number of reported errors are all bounded (see Limits).
package syntax

import (
	"fmt"
	"slices"
	"strings"
)

// Span is a stretch of source text. Lines and columns count from 1, columns in
// bytes; EndLine/EndCol name the last byte, included. The zero Span means
// "nowhere in a file".
type Span struct {
	File            int32 // index into FileSet.Files
	Line, Col       int32
	EndLine, EndCol int32
	Define          int32 // 1 + index into FileSet.Defines when the text came from a define body
}

// IsZero tells whether the span points nowhere.
func (s Span) IsZero() bool { return s.Line == 0 }

// To returns the span from the start of s to the end of e. Spans of different
// files cannot be joined: then s is returned.
func (s Span) To(e Span) Span {
	if s.IsZero() {
		return e
	}
	if e.IsZero() || e.File != s.File || e.EndLine < s.Line {
		return s
	}
	if e.EndLine > s.EndLine || e.EndLine == s.EndLine && e.EndCol > s.EndCol {
		s.EndLine, s.EndCol = e.EndLine, e.EndCol
	}
	return s
}

// File is one file that was read; a file included twice is there twice.
type File struct {
	Name       string
	Src        []byte
	IncludedAt Span // zero for the main file and the command line
}

// Define is one #!define, kept so that errors can name it.
type Define struct {
	Name, Body string
	At         Span // zero if it came from the command line
}

// FileSet holds all text a program was made from.
type FileSet struct {
	Files   []File
	Defines []Define

	conditionals []Span // the directives
	skipped      []Span // lines that a condition leaves out, joined
}

// Conditional tells whether a conditional stands between two lines of a file, or in
// one of them: what is there depends on defines.
func (fs *FileSet) Conditional(file, from, to int32) bool {
	return slices.ContainsFunc(fs.conditionals, func(s Span) bool { return s.File == file && s.Line >= from && s.Line <= to })
}

// LeftOut returns the lines of all files that conditions leave out.
func (fs *FileSet) LeftOut() []string {
	var lines []string
	for _, s := range fs.skipped {
		n := int32(0)
		for line := range strings.Lines(string(fs.Files[s.File].Src)) {
			if n++; n > s.EndLine {
				break
			}
			if text := strings.TrimSpace(line); n >= s.Line && text != "" && text[0] != '#' {
				lines = append(lines, text)
			}
		}
	}
	return lines
}

// skip notes a line that a condition leaves out.
func (fs *FileSet) skip(at Span) {
	if n := len(fs.skipped); n > 0 && fs.skipped[n-1].File == at.File && at.Line <= fs.skipped[n-1].EndLine+1 {
		fs.skipped[n-1].EndLine = max(fs.skipped[n-1].EndLine, at.Line)
		return
	}
	at.EndLine = at.Line
	fs.skipped = append(fs.skipped, at)
}

// Name returns the file name a span is in.
func (fs *FileSet) Name(s Span) string {
	if fs == nil || s.File < 0 || int(s.File) >= len(fs.Files) {
		return "?"
	}
	return fs.Files[s.File].Name
}

// Where formats the start of a span as file:line:col.
func (fs *FileSet) Where(s Span) string {
	if s.IsZero() {
		return "command line"
	}
	return fmt.Sprintf("%s:%d:%d", fs.Name(s), s.Line, s.Col)
}

// Text returns the source line with the given number, without its line end.
func (fs *FileSet) Text(file, line int32) string {
	if fs == nil || file < 0 || int(file) >= len(fs.Files) {
		return ""
	}
	src := fs.Files[file].Src
	for n := int32(1); ; n++ {
		i := indexByte(src, '\n')
		if n == line || i < 0 {
			if n != line {
				return ""
			}
			if i >= 0 {
				src = src[:i]
			}
			return strings.TrimSuffix(string(src), "\r")
		}
		src = src[i+1:]
	}
}

func indexByte(b []byte, c byte) int {
	for i, x := range b {
		if x == c {
			return i
		}
	}
	return -1
}
