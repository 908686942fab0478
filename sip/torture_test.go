package sip

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// torture is one row of testdata/rfc4475/verdicts.txt.
type torture struct{ file, verdict, code, section, raw string }

func readTorture(t testing.TB) []torture {
	t.Helper()
	const dir = "testdata/rfc4475"
	text, err := os.ReadFile(filepath.Join(dir, "verdicts.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []torture
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] == "#" {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(dir, f[0]))
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, torture{f[0], f[1], f[2], f[3], string(raw)})
	}
	return rows
}

// verdictOf is what Parse and Check together decide.
func verdictOf(m *Msg, raw string) (verdict string, e *ParseError) {
	if err := m.Parse(raw); err != nil {
		e = err.(*ParseError)
	} else if e = Check(m); e == nil {
		return "accept", nil
	}
	if e.Code == 0 {
		return "drop", e
	}
	return "reject", e
}

func TestTortureVerdicts(t *testing.T) {
	var m Msg
	rows := readTorture(t)
	for _, row := range rows {
		verdict, e := verdictOf(&m, row.raw)
		code := "-"
		if verdict == "reject" {
			code = strconv.Itoa(e.Code)
		}
		if verdict != row.verdict || code != row.code {
			t.Errorf("%s (§%s): %s %s (%v), want %s %s", row.file, row.section, verdict, code, e, row.verdict, row.code)
		}
	}
	files, _ := filepath.Glob("testdata/rfc4475/*.sip")
	if len(files) != len(rows) || len(rows) != 50 {
		t.Errorf("%d files, %d verdicts, want 50 of both", len(files), len(rows))
	}
}

// TestTortureReasons makes sure that each message is refused for what the RFC says is wrong.
func TestTortureReasons(t *testing.T) {
	want := map[string]string{
		"badinv01.sip": "Via", "clerr.sip": "Content-Length", "ncl.sip": "Content-Length",
		"scalar02.sip": "CSeq", "scalarlg.sip": "CSeq", "quotbal.sip": "To", "regbadct.sip": "Contact",
		"badaspec.sip": "To", "mismatch01.sip": "CSeq", "mismatch02.sip": "CSeq", "insuf.sip": "From",
		"bext01.sip": "Proxy-Require", "multi01.sip": "From", "mcl01.sip": "Content-Length", "bcast.sip": "Via",
	}
	var m Msg
	for _, row := range readTorture(t) {
		_, e := verdictOf(&m, row.raw)
		if e != nil && e.Header != want[row.file] {
			t.Errorf("%s: %v, want header %q", row.file, e, want[row.file])
		}
	}
}

func TestTortureBadDisplayName(t *testing.T) {
	raw, err := os.ReadFile("testdata/rfc4475/baddn.sip")
	if err != nil {
		t.Fatal(err)
	}
	var m Msg
	if _, e := verdictOf(&m, string(raw)+"\r\n"); e == nil || e.Code != 400 || e.Header != "From" {
		t.Errorf("with its empty line: %v, want 400 for From", e)
	}
}

// TestTortureWsinv looks at what RFC 4475 §3.1.1.1 says the message holds.
func TestTortureWsinv(t *testing.T) {
	var m Msg
	for _, row := range readTorture(t) {
		if row.file == "wsinv.sip" {
			if err := m.Parse(row.raw); err != nil {
				t.Fatal(err)
			}
		}
	}
	to, _ := m.To()
	from, _ := m.From()
	cseq, _ := m.CSeq()
	hops, _ := m.MaxForwards()
	if to.Tag != "1918181833n" || from.Tag != "98asjd8" || cseq.Number != 9 || cseq.Method != MethodInvite || hops != 68 {
		t.Errorf("to %q, from %q, cseq %v, hops %d", to.Tag, from.Tag, cseq, hops)
	}
	if got := string(AppendUnquoted(nil, from.Display)); got != `J Rosenberg \"` {
		t.Errorf("display %q", got)
	}
	vias, err := m.Vias()
	if err != nil || len(vias) != 3 {
		t.Fatalf("%d Vias, %v", len(vias), err)
	}
	for i, want := range []struct{ transport, host, branch string }{
		{"UDP", "192.0.2.2", "390skdjuw"},
		{"TCP", "spindle.example.com", "z9hG4bK9ikj8"},
		{"UDP", "192.168.255.111", "z9hG4bK30239"},
	} {
		if v := vias[i]; v.Transport != want.transport || v.Host != want.host || v.Branch != want.branch {
			t.Errorf("Via %d: %+v", i, v)
		}
	}
}
