package textops

import (
	"fmt"
	"strings"
	"testing"

	"goser/worker/module"
	"goser/worker/module/moduletest"
)

const twoParts = "--BB\r\nContent-Type: text/plain\r\n\r\nhello\r\n--BB\r\nContent-Type: x/y\r\n\r\nxx\r\n--BB--\r\n"

// TestPartsMade calls the functions on bodies that are hostile, broken or only unusual. What Kamailio says to the good ones
// is held against ours by the conversations textops_parts; on the marked ones it dies or sends a broken body.
func TestPartsMade(t *testing.T) {
	const part = "--BB\r\nContent-Type: a/b\r\n\r\none\r\n"
	one := []string{"append_body_part", "one", "a/b"}
	long := strings.Repeat("B", 100)
	for _, c := range []struct {
		name, kind, body string
		call             []string
		rc               int
		want             string // "": as it was
	}{
		{"in front of the end", "multipart/mixed;boundary=BB", twoParts, one, 1, strings.Replace(twoParts, "--BB--", part+"--BB--", 1)},
		{"only an end (Kamailio dies)", "multipart/mixed;boundary=BB", "--BB--\r\n", one, 1, part + "--BB--\r\n"},
		{"in front of the epilogue", "multipart/mixed;boundary=BB", "--BB--\r\nx\r\n--BB--\r\n", one, 1, part + "--BB--\r\nx\r\n--BB--\r\n"},
		{"not closed", "multipart/mixed;boundary=BB", "--BB\r\n\r\nxx\r\n", one, 1, "--BB\r\n\r\nxx\r\n" + part + "--BB--\r\n"},
		{"not closed, last line not ended", "multipart/mixed;boundary=BB", "--BB\r\n\r\nxx", one, 1, "--BB\r\n\r\nxx\r\n" + part + "--BB--\r\n"},
		{"closed like a beginning", "multipart/mixed;boundary=BB", "--BB\r\n\r\nxx\r\n--BB\r\n", one, 1, "--BB\r\n\r\nxx\r\n" + part + "--BB--\r\n"},
		{"without its boundary (Kamailio makes nonsense)", "multipart/mixed;boundary=BB", "nothing\r\n", one, -1, ""},
		{"a long boundary", "multipart/mixed;boundary=" + long, "--" + long + "--", one, 1, strings.ReplaceAll(part, "BB", long) + "--" + long + "--"},
		{"quoted, with a quote in it", `multipart/mixed;boundary="B\"B"`, "--B\"B--", one, -1, ""},
		{
			"nested", "multipart/mixed;boundary=BB", "--BB\r\nContent-Type: multipart/mixed;boundary=BBB\r\n\r\n--BBB\r\n\r\n--BBB--\r\n--BB--\r\n", one, 1,
			"--BB\r\nContent-Type: multipart/mixed;boundary=BBB\r\n\r\n--BBB\r\n\r\n--BBB--\r\n" + part + "--BB--\r\n",
		},
		{"a text with the boundary", "multipart/mixed;boundary=BB", twoParts, []string{"append_body_part", "x\r\n--BBB", "a/b"}, -1, ""},
		{"a header smuggled in", "multipart/mixed;boundary=BB", twoParts, []string{"append_body_part", "x", "a/b", "d\r\nX: y"}, -1, ""},
		{
			"bytes", "multipart/mixed;boundary=BB", "--BB--",
			[]string{"append_body_part_hex", "00fF\t0a", "a/b", "d"},
			1,
			"--BB\r\nContent-Type: a/b\r\nContent-Disposition: d\r\n\r\n\x00\xff\n\r\n--BB--",
		},
		{"half a byte", "multipart/mixed;boundary=BB", "--BB--", []string{"append_body_part_hex", "00f", "a/b"}, -1, ""},
		{
			"multipart of the body", "application/sdp", "v=0\r\n",
			[]string{"set_body_multipart"},
			1,
			"--unique-boundary-1\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n--unique-boundary-1--\r\n",
		},
		{"multipart of a multipart body", "Multipart/mixed;boundary=BB", twoParts, []string{"set_body_multipart"}, 1, ""},
		{
			"multipart of a text", "application/sdp", "v=0\r\n",
			[]string{"set_body_multipart", "test", "text/plain", "delim"},
			1,
			"--delim\r\nContent-Type: text/plain\r\n\r\ntest\r\n--delim--\r\n",
		},
		{
			"multipart of a text, the usual boundary", "", "",
			[]string{"set_body_multipart", "test"},
			1,
			"--unique-boundary-1\r\nContent-Type: text/plain\r\n\r\ntest\r\n--unique-boundary-1--\r\n",
		},
		{"multipart without a type (Kamailio dies)", "", "x", []string{"set_body_multipart"}, -1, ""},
		{"multipart of nothing", "text/plain", "", []string{"set_body_multipart"}, -1, ""},
		{
			"a body that holds the usual boundary", "a/b", "--unique-boundary-1--",
			[]string{"set_body_multipart"},
			1,
			"--unique-boundary-2\r\nContent-Type: a/b\r\n\r\n--unique-boundary-1--\r\n--unique-boundary-2--\r\n",
		},
		{"a boundary that ends a string", "a/b", "x", []string{"set_body_multipart", "y", "c/d", `a"b`}, -1, ""},
		{"a boundary that is too long", "a/b", "x", []string{"set_body_multipart", "y", "c/d", strings.Repeat("b", 71)}, -1, ""},
	} {
		ctx := withBody(t, c.kind, c.body)
		if rc, err := call(t, ctx, c.call[0], c.call[1:]...); rc != c.rc || err != nil {
			t.Errorf("%s: %d, %v, want %d", c.name, rc, err, c.rc)
		}
		want := c.want
		if want == "" {
			want = c.body
		}
		if _, got, _ := strings.Cut(string(ctx.Edits.AppendTo(nil, &ctx.SIP)), "\r\n\r\n"); got != want {
			t.Errorf("%s: %q, want %q", c.name, got, want)
		}
	}
}

// TestPartsTwice: what is called again adds to what it has done, and closes a body once.
func TestPartsTwice(t *testing.T) {
	ctx := withBody(t, "multipart/mixed;boundary=BB", "--BB\r\n\r\nxx")
	for _, text := range []string{"1", "2"} {
		_, _ = call(t, ctx, "append_body_part", text, "a/b")
	}
	want := "--BB\r\n\r\nxx\r\n--BB\r\nContent-Type: a/b\r\n\r\n1\r\n--BB\r\nContent-Type: a/b\r\n\r\n2\r\n--BB--\r\n"
	if _, got, _ := strings.Cut(string(ctx.Edits.AppendTo(nil, &ctx.SIP)), "\r\n\r\n"); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	ctx = withBody(t, "a/b", "x")
	_, _ = call(t, ctx, "set_body_multipart", "1", "a/b")
	_, _ = call(t, ctx, "set_body", "2", "c/d")
	if got := string(ctx.Edits.AppendTo(nil, &ctx.SIP)); strings.Count(got, "Content-Type") != 1 || !strings.Contains(got, "Content-Type: c/d\r\n") {
		t.Error(got)
	}
}

func withBody(t *testing.T, kind, body string) *module.Ctx {
	if kind != "" {
		kind = "Content-Type: " + kind + "\r\n"
	}
	return moduletest.New(t).Request(fmt.Sprintf("MESSAGE sip:b@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\n"+
		"From: <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.com>\r\nCall-ID: c\r\nCSeq: 1 MESSAGE\r\nMax-Forwards: 70\r\n"+
		"%sContent-Length: %d\r\n\r\n%s", kind, len(body), body))
}

// FuzzAppendPart: whatever the body was, what comes out has the part, and is a multipart body in which it is found.
func FuzzAppendPart(f *testing.F) {
	f.Add(twoParts, "BB")
	f.Add("--BB\r\n\r\nxx", "BB")
	f.Add("--BB\n--BB", "BB")
	f.Fuzz(func(t *testing.T, body, mark string) {
		if !isBoundary(mark) || holds("the part", mark) || len(body) > 4096 {
			return
		}
		ctx := withBody(t, `multipart/mixed;boundary="`+mark+`"`, body)
		rc, err := call(t, ctx, "append_body_part", "the part", "zz/fuzz")
		_, got, _ := strings.Cut(string(ctx.Edits.AppendTo(nil, &ctx.SIP)), "\r\n\r\n")
		if err != nil || rc < 0 {
			if got != body {
				t.Errorf("%d, %v: %q became %q", rc, err, body, got)
			}
			return
		}
		if !strings.Contains(got, "zz/fuzz\r\n\r\nthe part\r\n") {
			t.Errorf("%q became %q", body, got)
		}
		end, ok := partsEnd(got, mark)
		if !ok || end.open {
			t.Errorf("%q is not closed", got)
		}
	})
}

// TestRefused: what cannot be right is refused at start, and an empty type asks about any body.
func TestRefused(t *testing.T) {
	ctx := withBody(t, "a/b", "x")
	for _, f := range [][]string{{"append_hf", "no header"}, {"search_str", "x", "["}, {"search_hf", "X", "(", "a"}} {
		if _, err := call(t, ctx, f[0], f[1:]...); err == nil {
			t.Errorf("%s was taken", f)
		}
	}
	if rc, err := call(t, ctx, "search_hf", "CSeq", "1"); rc != 1 || err != nil {
		t.Error(rc, err)
	}
	if rc, err := call(t, ctx, "has_body", ""); rc != 1 || err != nil {
		t.Error(rc, err)
	}
}
