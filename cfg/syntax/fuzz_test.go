package syntax

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func seeds(f *testing.F) {
	files, _ := filepath.Glob("../testdata/*/*.txt")
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, c := range precedence {
		f.Add([]byte("route { $x = " + c.in + "; }"))
	}
	f.Add([]byte("#!define A B B\n#!define B C C\n#!define C D D\nA"))
	f.Add([]byte("#!subst \"/a/aa/g\"\n#!subst \"/a/aa/g\"\nx=\"aaaa\"\ninclude_file \"self\""))
}

// FuzzLex: every input ends, and every token lies inside its file.
func FuzzLex(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		l := newLexer("f", src, Options{Open: func(string) ([]byte, error) { return nil, fs.ErrNotExist }})
		for n := 0; ; n++ {
			tok := l.next()
			if tok.Kind == tEOF {
				break
			}
			if n > 2*len(src)+MaxTokens || tok.At.Line < 1 || tok.At.Col < 1 || tok.At.EndLine < tok.At.Line {
				t.Fatalf("token %d %+v", n, tok)
			}
		}
	})
}

// FuzzParse: every input is either parsed or reported, and can be printed.
func FuzzParse(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		_, diag := Parse("f", src, Options{Defines: []string{"X", "Y=1"}, Open: func(name string) ([]byte, error) {
			if name == "self" {
				return src, nil
			}
			return nil, fs.ErrNotExist
		}})
		diag.Print(io.Discard)
		diag.PrintLog(io.Discard, 0, 1)
	})
}

// FuzzPreprocess: an image gives the same diagnostics as the files did, and no
// damaged image does harm.
func FuzzPreprocess(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		opt := Options{Open: func(name string) ([]byte, error) {
			if name == "self" {
				return []byte("debug=1 include_file \"none\""), nil
			}
			return nil, fs.ErrNotExist
		}}
		_, want := Parse("f", src, opt)
		im, _ := Preprocess("f", src, opt)
		_, got := ParseImage(im)
		if len(got.List) != len(want.List) || got.Errors() != want.Errors() {
			t.Fatalf("image: %d errors, files: %d", got.Errors(), want.Errors())
		}
		for i := range got.List {
			if got.List[i].Error() != want.List[i].Error() {
				t.Fatalf("image: %v, files: %v", got.List[i], want.List[i])
			}
		}
		ParseImage(src)
		ParseImage(append([]byte(imageMagic), src...))
	})
}
