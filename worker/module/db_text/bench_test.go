package dbtext

import (
	"fmt"
	"strings"
	"testing"

	"goser/worker/module/api/db"
)

func rows10000() []byte {
	var b strings.Builder
	b.WriteString("id(int,auto) uuid(string,null) username(string) domain(string) attribute(string) type(int) value(string,null) last_modified(int)\n")
	for i := range 10000 {
		fmt.Fprintf(&b, "%d::user%d:example.com:forward:0:sip\\:user%d@example.org:1700000000\n", i+1, i, i)
	}
	return []byte(b.String())
}

func BenchmarkParse10000(b *testing.B) {
	data := rows10000()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := parse(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSelectOneOf10000(b *testing.B) {
	t, err := parse(rows10000())
	if err != nil {
		b.Fatal(err)
	}
	q := &db.Select{Columns: []string{"value", "type"}, Where: []db.Cond{db.Is("username", db.TextValue("user5000")), db.Is("attribute", db.TextValue("forward"))}}
	b.ReportAllocs()
	for b.Loop() {
		if r, err := t.choose(q); err != nil || len(r.Rows) != 1 {
			b.Fatal(err)
		}
	}
}

func BenchmarkPrint10000(b *testing.B) {
	t, err := parse(rows10000())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		t.print()
	}
}
