package param

import (
	"bufio"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// One line of testdata/names.txt, which is written from the documentation and not from the table.
type known struct{ Name, Aliases, Default, RT string }

func readNames(t *testing.T) []known {
	t.Helper()
	f, err := os.Open("testdata/names.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []known
	for s := bufio.NewScanner(f); s.Scan(); {
		w := strings.Fields(s.Text())
		if len(w) == 0 || w[0] == "#" {
			continue
		}
		if len(w) < 4 {
			t.Fatalf("names.txt: too few columns: %q", s.Text())
		}
		list = append(list, known{w[0], w[1], w[2], strings.Join(w[3:], " ")})
	}
	return list
}

func TestNoParameterForgotten(t *testing.T) {
	names := readNames(t)
	for _, want := range names {
		p := find(want.Name)
		if p == nil {
			t.Errorf("%s is missing", want.Name)
			continue
		}
		if diff := cmp.Diff(want, describe(p)); diff != "" {
			t.Errorf("%s (-documented +table):\n%s", want.Name, diff)
		}
	}
	if len(names) != len(All()) {
		t.Errorf("the table has %d rows, the documentation %d", len(All()), len(names))
	}
}

func find(name string) *Param {
	if p := Lookup(name); p != nil {
		return p
	}
	for _, p := range All() {
		if p.RTOnly && p.Name == name {
			return p
		}
	}
	return nil
}

// describe puts a row into the words of names.txt.
func describe(p *Param) known {
	k := known{p.Name, strings.Join(p.Aliases, ","), p.Default.String(), "-"}
	switch {
	case k.Aliases == "":
		k.Aliases = "-"
	}
	switch {
	case p.Type == Statement:
		k.Default = "statement"
	case (p.Group == GroupTLS || p.Type == Any) && p.Legacy != "":
		k.Default = "legacy"
	case p.Default.Kind == None:
		k.Default = "unset"
	case p.Type == Bool:
		k.Default = [...]string{"no", "yes"}[p.Default.Num]
	}
	if rt := p.RT; rt.Name != "" {
		k.RT = rt.Group + "." + rt.Name
		switch {
		case rt.Max == maxInt || rt.Max == maxSeconds:
			k.RT += fmt.Sprintf(" %d..max", rt.Min)
		case rt.Min != 0 || rt.Max != 0:
			k.RT += fmt.Sprintf(" %d..%d", rt.Min, rt.Max)
		}
		if rt.Atomic && !p.RTOnly {
			k.RT += " atomic"
		}
		if rt.ReadOnly {
			k.RT += " readonly"
		}
	}
	return k
}

func TestRowsAreSane(t *testing.T) {
	runtimeNames := map[string]string{}
	options := map[byte]string{}
	for _, p := range All() {
		if p.Min > p.Max || p.RT.Min > p.RT.Max {
			t.Errorf("%s: an empty range", p.Name)
		}
		if p.Strict && (p.Min == 0 && p.Max == 0) {
			t.Errorf("%s: strict without a range", p.Name)
		}
		if key := p.RT.Group + "." + p.RT.Name; p.RT.Name != "" {
			if other := runtimeNames[key]; other != "" {
				t.Errorf("%s and %s are both %s at run time", p.Name, other, key)
			}
			runtimeNames[key] = p.Name
			if LookupRT(p.RT.Group, p.RT.Name) != p {
				t.Errorf("%s is not found as %s", p.Name, key)
			}
		}
		if p.CLI != 0 {
			if other := options[p.CLI]; other != "" {
				t.Errorf("%s and %s are both -%c", p.Name, other, p.CLI)
			}
			options[p.CLI] = p.Name
		}
		if p.Legacy != "" && p.Acts {
			t.Errorf("%s: legacy, yet it acts", p.Name)
		}
		if p.RTOnly && p.RT.Name == "" {
			t.Errorf("%s: neither in the file nor at run time", p.Name)
		}
		if p.negates && table[p.opposite].opposite != p.ID {
			t.Errorf("%s: its opposite disagrees", p.Name)
		}
		checkHelp(t, p)
		checkDefault(t, p)
		checkNames(t, p)
	}
}

func checkHelp(t *testing.T, p *Param) {
	words := strings.Fields(p.Help)
	if len(words) < 4 || len(words) > 100 || !strings.HasSuffix(p.Help, ".") || strings.Contains(p.Help, "\n") ||
		strings.Contains(p.Help, "  ") {
		t.Errorf("%s: help must be one paragraph of 4 to 100 words that ends with a full stop, it has %d: %q", p.Name, len(words), p.Help)
	}
	if p.Note != "" && !strings.HasSuffix(p.Note, ".") {
		t.Errorf("%s: note without a full stop: %q", p.Name, p.Note)
	}
}

// checkDefault assigns every default, except the -1 and 0 that cannot be written and mean "left alone".
func checkDefault(t *testing.T, p *Param) {
	if p.Default.Kind == None {
		if p.DefaultText == "" && p.Legacy == "" && p.Type != Statement {
			t.Errorf("%s: nothing says what it is without an assignment", p.Name)
		}
		return
	}
	if p.Default.Num < 0 && p.Type == Int && p.DefaultText != "" || p.RTOnly {
		return
	}
	v := NewValues()
	if err := Set(v, p, p.Default); err != nil {
		t.Errorf("%s: the default is not valid: %v", p.Name, err)
	}
	if fresh := NewValues(); v.Int(p.ID) != fresh.Int(p.ID) || v.Text(p.ID) != fresh.Text(p.ID) && p.Type != TOSNumber {
		t.Errorf("%s: the default is %d %q, assigned it is %d %q", p.Name, fresh.Int(p.ID), fresh.Text(p.ID), v.Int(p.ID), v.Text(p.ID))
	}
	if len(v.Warnings()) != 0 {
		t.Errorf("%s: the default leaves warnings: %v", p.Name, v.Warnings())
	}
}

func checkNames(t *testing.T, p *Param) {
	for _, name := range append([]string{p.Name}, p.Aliases...) {
		if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
			t.Errorf("%s: not a name the language can write", name)
		}
		if got := Lookup(name); !p.RTOnly && got != p {
			t.Errorf("Lookup(%s) = %v", name, got)
		}
	}
}

func TestTableIsSorted(t *testing.T) {
	order := map[Group]int{GroupCore: 1, GroupDNS: 2, GroupTCP: 3, GroupSCTP: 4, GroupBlacklist: 5, GroupRealTime: 6, GroupLimits: 7, GroupKamailio: 8, GroupTLS: 9, GroupOld: 10}
	all := All()
	for i, p := range all {
		if order[p.Group] == 0 {
			t.Errorf("%s: unknown group %q", p.Name, p.Group)
		}
		if i == 0 {
			continue
		}
		before := all[i-1]
		if before.Group == p.Group && before.Name >= p.Name || order[before.Group] > order[p.Group] {
			t.Errorf("%s stands before %s", before.Name, p.Name)
		}
	}
}

func TestEveryGroupIsDocumented(t *testing.T) {
	titles := map[Group]bool{}
	for _, g := range groupTitles {
		titles[g.group] = true
	}
	for _, p := range All() {
		if !titles[p.Group] {
			t.Errorf("%s: group %s has no chapter", p.Name, p.Group)
		}
	}
}

// TestConstantsAreNamedAfterTheirParameters catches two rows whose IDs were swapped.
func TestConstantsAreNamedAfterTheirParameters(t *testing.T) {
	exceptions := map[string]string{
		"RunGroup": "group", "FlagNames": "flags", "TCPAliasFlags": "alias_flags",
		"TCPConnectWait": "connect_wait", "TCPNewConnAliasFlags": "new_conn_alias_flags",
	}
	file, err := parser.ParseFile(token.NewFileSet(), "ids.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	id := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || spec.Names[0].Name == "count" {
			return true
		}
		name := spec.Names[0].Name
		want := strings.ReplaceAll(table[id].Name, "_", "")
		if strings.ToLower(name) != want && exceptions[name] != table[id].Name {
			t.Errorf("%s is the ID of %s", name, table[id].Name)
		}
		if int(table[id].ID) != id {
			t.Errorf("%s: row %d has the ID %d", name, id, table[id].ID)
		}
		id++
		return true
	})
	if id != int(count) {
		t.Errorf("%d constants, %s rows", id, strconv.Itoa(int(count)))
	}
}

func TestPending(t *testing.T) {
	for _, p := range Pending() {
		if p.Acts || p.Legacy != "" || p.Warning() != p.Name+": accepted, but does not act yet" {
			t.Errorf("%s is not pending: %q", p.Name, p.Warning())
		}
	}
	if w := Get(Children).Warning(); w != "" {
		t.Errorf("children acts, and warns: %q", w)
	}
	want := "tls_verify: accepted, but has no effect: TLS lives in the tls module; set it there with modparam"
	if w := Get(TLSVerify).Warning(); w != want {
		t.Errorf("got %q, want %q", w, want)
	}
}

func TestLookupIsForTheFileOnly(t *testing.T) {
	for _, name := range []string{"mem_dump_pkg", "connect_wait", "Children", "", "nonsense"} {
		if p := Lookup(name); p != nil {
			t.Errorf("Lookup(%q) = %s", name, p.Name)
		}
	}
	if LookupRT("core", "children") != nil || LookupRT("", "") != nil || LookupRT("tcp", "debug") != nil {
		t.Error("LookupRT finds what does not exist at run time")
	}
}
