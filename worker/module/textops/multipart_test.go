package textops

import (
	"fmt"
	"strings"
	"testing"

	"goser/worker/module"
	"goser/worker/module/moduletest"
)

func TestParts(t *testing.T) {
	const sdp = "application/sdp"
	for _, c := range []struct{ name, body, kind, want string }{
		{"the first", "--B\r\nContent-Type: text/plain\r\n\r\nhi\r\n--B--\r\n", "text/plain", "hi"},
		{"a preamble", "for old clients\r\n--B\r\nContent-Type: text/plain\r\n\r\nhi\r\n--B--", "TEXT/plain", "hi"},
		{"several headers and a parameter", "--B\nX: y\ncontent-type: application/sdp;v=1\n\nv=0\n\n--B--\n", sdp, "v=0\n"},
		{"no headers: text", "--B\r\n\r\nhi\r\n--B--", "text/plain", "hi"},
		{"an empty part", "--B\r\n\r\n--B--", "text/plain", ""},
		{"a longer word is no delimiter", "--BB\r\n\r\nno\r\n--B\r\n\r\n--Bx\r\n--B--", "text/plain", "--Bx"},
		{"blanks behind the delimiter", "--B \t\r\n\r\nhi\r\n--B--  \r\n", "text/plain", "hi"},
		{"never closed", "--B\r\n\r\nhi\r\n", "text/plain", "?"},
		{"headers never end", "--B\r\nContent-Type: text/plain\r\n--B--", "text/plain", "?"},
		{"behind the end", "--B--\r\n--B\r\n\r\nhi\r\n--B--", "text/plain", "?"},
		{"another type", "--B\r\n\r\nhi\r\n--B--", sdp, "?"},
		{"nothing", "", sdp, "?"},
	} {
		got := "?"
		if p, ok := findPart(c.body, "B", c.kind); ok {
			got = c.body[p.content:p.end]
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func FuzzParts(f *testing.F) {
	f.Add("--B\r\nContent-Type: a/b\r\n\r\nhi\r\n--B\r\n\r\n--B--", "B")
	f.Add("--\n\n\n----", "")
	f.Fuzz(func(t *testing.T, body, mark string) {
		p, ok := findPart(body, mark, "text/plain")
		if !ok {
			return
		}
		if p.start >= p.headers || p.headers > p.blank || p.blank >= p.content || p.content > p.end || p.end > p.next || p.next >= len(body) {
			t.Errorf("%+v of %d bytes", p, len(body))
		}
		if !strings.HasPrefix(body[p.start:], "--"+mark) || !strings.HasPrefix(body[p.next:], "--"+mark) {
			t.Errorf("%+v: not between delimiters", p)
		}
	})
}

// TestBodyParts calls the functions on a part with a header behind its Content-Type.
func TestBodyParts(t *testing.T) {
	const (
		first  = "--B\r\nContent-Type: text/plain\r\nX: y\r\n\r\nhi\r\n"
		second = "--B\r\nContent-Type: a/b\r\n\r\nno\r\n--B--\r\n"
	)
	for _, c := range []struct{ name, kind, body string }{
		{"filter_body", "text/plain", "hi"},
		{"filter_body", "x/y", first + second},
		{"remove_body_part", "text/plain", second},
		{"remove_body_part", "a/b", first + "--B--\r\n"},
	} {
		_, ctx := multipart(t, first+second)
		want := 1
		if c.body == first+second {
			want = -1
		}
		if rc, err := call(t, ctx, c.name, c.kind); rc != want || err != nil {
			t.Errorf("%s(%q) = %d, %v, want %d", c.name, c.kind, rc, err, want)
		}
		_, got, _ := strings.Cut(string(ctx.Edits.AppendTo(nil, &ctx.SIP)), "\r\n\r\n")
		if got != c.body {
			t.Errorf("%s(%q): %q, want %q", c.name, c.kind, got, c.body)
		}
	}
	body := first + second
	p, ok := findPart(body, "B", "text/plain")
	if raw, plain := body[p.headers:p.next], body[p.blank:p.next]; !ok ||
		raw != "Content-Type: text/plain\r\nX: y\r\n\r\nhi\r\n" || plain != "\r\nhi\r\n" {
		t.Errorf("raw %q, plain %q", raw, plain)
	}
}

func multipart(t *testing.T, body string) (*moduletest.Env, *module.Ctx) {
	e := moduletest.New(t)
	return e, e.Request(fmt.Sprintf("MESSAGE sip:b@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\n"+
		"From: <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.com>\r\nCall-ID: c\r\nCSeq: 1 MESSAGE\r\nMax-Forwards: 70\r\n"+
		"Content-Type: multipart/mixed;boundary=\"B\"\r\nContent-Length: %d\r\n\r\n%s", len(body), body))
}
