package syntax

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const expandIn = `#!KAMAILIO
#!define WITH_X
#!define PORT 5099 # not any more
#!ifdef WITH_X
debug=2
#!else
debug=3
/* it's
#!endif
# comment
#!subst "/HOST/127.0.0.1/g"
listen=udp:127.0.0.1:PORT
#!define LOGIT xlog("L_INFO", "x HOST\n"); \
    exit;
include_file "inc.cfg"
import_file "none.cfg"
request_route {
   LOGIT
   #!ifndef FOO
   xlog("a" "b\tc"); /* c */
   #!endif
   xlog( 'HOST raw', "HO\"ST"); # x
   $x = 5 + PORT; $y = @hf_value["HOST"];
}
`

const expandOut = `#!KAMAILIO
debug=2
# comment
listen=udp:127.0.0.1:5099 
# in inc
children=4
request_route {
   xlog("L_INFO", "x 127.0.0.1\n");     exit;
   xlog("a" "b\tc"); /* c */
   xlog( '127.0.0.1 raw', "HO\"ST"); # x
   $x = 5 + 5099 ; $y = @hf_value["127.0.0.1"];
}
`

func expandOptions() Options {
	return Options{Open: func(name string) ([]byte, error) {
		if name == "inc.cfg" {
			return []byte("# in inc\nchildren=4"), nil
		}
		return nil, fs.ErrNotExist
	}}
}

func TestExpand(t *testing.T) {
	out, diag := Expand("a.cfg", []byte(expandIn), expandOptions())
	if diag.Failed() {
		t.Fatal(diag.Err())
	}
	if d := cmp.Diff(expandOut, string(out)); d != "" {
		t.Error(d)
	}
	expandsAlike(t, "a.cfg", []byte(expandIn), expandOptions())
}

// expandsAlike holds that the preprocessed text means what the original does.
func expandsAlike(t *testing.T, name string, src []byte, opt Options) {
	t.Helper()
	want, diag := Parse(name, src, opt)
	if diag.Failed() {
		return
	}
	text, _ := Expand(name, src, opt)
	got, diag := Parse(name, text, Options{})
	if diag.Failed() {
		t.Fatalf("%s: the expanded text does not parse: %v\n%s", name, diag.Err(), text)
	}
	if !Equal(want, got) {
		t.Fatalf("%s: the expanded text means something else:\n%s", name, text)
	}
}

// TestExpandCorpus takes every configuration that the tests of this project have.
func TestExpandCorpus(t *testing.T) {
	n := 0
	for _, pattern := range []string{"../testdata/*/*.cfg", "../testdata/*/*.txt", "../../worker/script/testdata/*.cfg", "../../scripts/*.cfg", "../../scripts/*/*.cfg"} {
		files, _ := filepath.Glob(pattern)
		for _, name := range files {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, part := range strings.Split(string(data), "----------------------------------------\n") {
				part, _, _ = strings.Cut(part, "====\n")
				part, _, _ = strings.Cut(part, "\n-- ")
				expandsAlike(t, name, []byte(part), expandOptions())
				n++
			}
		}
	}
	if n < 100 {
		t.Errorf("only %d configurations", n)
	}
}

// FuzzExpand: preprocessing ends, and without defines, whose bodies may run
// together with what stands beside them, it keeps the meaning.
func FuzzExpand(f *testing.F) {
	seeds(f)
	f.Add([]byte(expandIn))
	f.Fuzz(func(t *testing.T, src []byte) {
		opt := Options{Open: func(string) ([]byte, error) { return nil, fs.ErrNotExist }}
		if Expand("f", src, opt); !bytes.Contains(src, []byte("def")) {
			expandsAlike(t, "f", src, opt)
		}
	})
}
