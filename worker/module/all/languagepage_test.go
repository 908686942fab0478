package all

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"goser/cfg/check"
	"goser/cfg/syntax"
	"goser/worker/module"
)

var update = flag.Bool("update", false, "write docs/language.md anew")

const (
	languageText = "testdata/language.md"
	languagePage = "../../../docs/language.md"
)

// TestLanguagePage holds docs/language.md against the tables it is made from.
func TestLanguagePage(t *testing.T) {
	text, err := os.ReadFile(languageText)
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	for name, table := range map[string]func() string{
		"blocks": blocksTable, "operators": operatorsTable, "keywords": keywordsTable, "functions": functionsTable,
		"variables": variablesTable, "module variables": moduleVariablesTable, "transformations": transformationsTable, "selects": selectsTable, "limits": limitsTable,
		"MaxIncludes": func() string { return fmt.Sprint(syntax.MaxIncludes) },
	} {
		if !strings.Contains(page, "@"+name+"@") {
			t.Errorf("%s has no place for %s", languageText, name)
		}
		page = strings.ReplaceAll(page, "@"+name+"@", strings.TrimSpace(table()))
	}
	for _, d := range syntax.Directives() {
		if !strings.Contains(page, d) {
			t.Errorf("%s does not mention the directive %s", languageText, d)
		}
	}
	if *update {
		if err := os.WriteFile(languagePage, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(languagePage)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(have), page); d != "" {
		t.Errorf("docs/language.md is not up to date; run go test ./worker/module/all -run Language -update\n%s", d)
	}
}

// table writes a table; | in cells is escaped.
func table(head []string, rows [][]string) string {
	var b strings.Builder
	line := func(cells []string) {
		b.WriteString("|")
		for _, c := range cells {
			b.WriteString(" " + strings.ReplaceAll(c, "|", `\|`) + " |")
		}
		b.WriteString("\n")
	}
	line(head)
	b.WriteString(strings.Repeat("|---", len(head)) + "|\n")
	for _, r := range rows {
		line(r)
	}
	return b.String()
}

// code puts names into code quotes.
func code(names ...string) string {
	var out []string
	for _, n := range names {
		out = append(out, "`"+n+"`")
	}
	return strings.Join(out, " ")
}

var blockRows = []struct {
	kind              check.RouteKind
	words, when, then string
}{
	{check.RequestRoute, "`request_route`, `route`, `route[0]`", "for each request", "nothing: the request gets no answer"},
	{check.RequestRoute, "`route[NAME]`", "by `route(NAME)`", "the caller goes on"},
	{check.ReplyRoute, "`reply_route`, `onreply_route`, `onreply_route[0]`", "for each reply, before transactions see it", "it is forwarded; `drop` prevents that"},
	{check.ReplyRoute, "`onreply_route[NAME]`", "for the replies of a transaction, armed by `t_on_reply`", "it goes on; `drop` works for provisional ones"},
	{check.BranchRoute, "`branch_route[NAME]`", "for each branch before it is sent, armed by `t_on_branch`", "it is sent; `drop` prevents that"},
	{check.FailureRoute, "`failure_route[NAME]`", "when a transaction fails, armed by `t_on_failure`", "the best reply goes back"},
	{check.SendRoute, "`onsend_route`", "for each request just before it leaves", "it leaves; `drop` prevents that"},
	{check.EventRoute, "`event_route[module:event]`", "when a module says so", "as the module says"},
}

func blocksTable() string {
	var rows [][]string
	for _, b := range blockRows {
		rows = append(rows, []string{b.words, b.when, b.then})
	}
	return table([]string{"Block", "Runs", "Afterwards"}, rows)
}

func operatorsTable() string {
	var rows [][]string
	for _, o := range syntax.Operators() {
		where := ""
		if o.Prefix {
			where = "before its operand: "
		}
		rows = append(rows, []string{fmt.Sprint(o.Power), code(o.Names...), where + o.Help})
	}
	return table([]string{"Binds", "Operator", "Meaning"}, rows)
}

func keywordsTable() string {
	var rows [][]string
	for _, k := range syntax.Keywords() {
		rows = append(rows, []string{code(k.Name), code(strings.Fields(strings.ReplaceAll(k.Operators, " and", ""))...), k.Help})
	}
	return table([]string{"Keyword", "Operators", "Is"}, rows)
}

// argWords names the kinds of arguments.
var argWords = map[check.ArgKind]string{
	check.ArgExpr: "value", check.ArgInt: "number", check.ArgIntVar: "number or variable", check.ArgStr: "text", check.ArgStrVar: "text or expression",
	check.ArgFormat: "text with variables", check.ArgRegex: "expression", check.ArgRegexFormat: "expression with variables",
	check.ArgFlag: "flag", check.ArgAVPFlag: "AVP flag", check.ArgVar: "variable", check.ArgWritable: "variable to assign",
	check.ArgSocket: "socket", check.ArgHost: "host or `uri:host`", check.ArgPort: "port or `uri:port`", check.ArgProto: "transport",
	check.ArgRoute: "route", check.ArgFailureRoute: "failure_route", check.ArgBranchRoute: "branch_route",
	check.ArgReplyRoute: "onreply_route", check.ArgEventRoute: "event_route", check.ArgAVP: "AVP",
}

func functionsTable() string {
	var rows [][]string
	rows = append(rows, []string{"`route`", "route, or an expression with its name", "everywhere", "runs a `route[NAME]`; its value is what that returned"})
	for _, f := range module.Lookup(module.Core).Funcs {
		args := make([]string, len(f.Args))
		for i, a := range f.Args {
			if args[i] = argWords[a.Kind]; f.MinArgs >= 0 && i >= f.MinArgs {
				args[i] = "[" + args[i] + "]"
			}
		}
		rows = append(rows, []string{code(append([]string{f.Name}, f.Aliases...)...), strings.Join(args, ", "), places(f.In), f.Help})
	}
	return table([]string{"Function", "Arguments", "Where", "Does"}, rows)
}

// places says where a function may be called.
func places(in check.RouteMask) string {
	all := []struct {
		bit  check.RouteMask
		name string
	}{
		{check.OnRequest, "request"},
		{check.OnFailure, "failure"},
		{check.OnBranch, "branch"},
		{check.OnReply | check.OnCoreReply, "reply"},
		{check.OnSend, "onsend"},
		{check.OnEvent, "event"},
	}
	var yes, no []string
	for _, p := range all {
		if in == 0 || in&p.bit != 0 {
			yes = append(yes, p.name)
		} else {
			no = append(no, p.name)
		}
	}
	switch {
	case len(no) == 0:
		return "everywhere"
	case len(no) == 1:
		return "not " + no[0]
	}
	return strings.Join(yes, ", ")
}

func variablesTable() string {
	return table([]string{"Variable", "Use", "Is"}, variableRows(module.Lookup(module.Core)))
}

func variableRows(m *module.Module) (rows [][]string) {
	for _, v := range m.Vars {
		names := append([]string{v.Name}, v.Aliases...)
		for i, n := range names {
			if names[i] = "$" + n; v.Inner != check.InnerNone {
				names[i] += "(" + strings.Join(v.Names, "/") + ")"
			}
		}
		access := "read"
		if v.Set != nil {
			access = "read, write"
		}
		if v.Indexed {
			access += ", index"
		}
		rows = append(rows, []string{code(names...), access, v.Help})
	}
	slices.SortFunc(rows, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	return rows
}

// moduleVariablesTable lists the variables of all modules but the core.
func moduleVariablesTable() string {
	var rows [][]string
	for _, m := range module.All() {
		if m.Name == module.Core {
			continue
		}
		for _, r := range variableRows(m) {
			rows = append(rows, append([]string{m.Name}, r...))
		}
	}
	slices.SortStableFunc(rows, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	return table([]string{"Module", "Variable", "Use", "Is"}, rows)
}

func transformationsTable() string {
	var rows [][]string
	for _, m := range module.All() {
		for _, t := range m.Trans {
			args := fmt.Sprint(t.MinArgs)
			if t.MaxArgs > t.MinArgs {
				args = fmt.Sprintf("%d to %d", t.MinArgs, t.MaxArgs)
			}
			rows = append(rows, []string{code("{" + t.Class + "." + t.Name + "}"), args, m.Name, t.Help})
		}
	}
	slices.SortFunc(rows, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	return table([]string{"Transformation", "Arguments", "Module", "Makes"}, rows)
}

func selectsTable() string {
	var rows [][]string
	for _, m := range module.All() {
		for _, s := range m.Selects {
			names := append([]string{s.Root}, s.Aliases...)
			for i, n := range names {
				names[i] = "@" + n
			}
			rows = append(rows, []string{code(names...), m.Name, s.Help})
		}
	}
	slices.SortFunc(rows, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	return table([]string{"Select", "Module", "Is"}, rows)
}

func limitsTable() string {
	rows := [][]string{}
	for _, l := range []struct {
		n    int
		what string
	}{
		{syntax.MaxSource, "bytes of all files together"},
		{syntax.MaxFiles, "files"},
		{syntax.MaxIncludes, "includes in each other"},
		{syntax.MaxDefines, "defines"},
		{syntax.MaxDefineLength, "bytes of a define"},
		{syntax.MaxDefineDepth, "defines used in each other"},
		{syntax.MaxIfdefs, "conditionals in each other"},
		{syntax.MaxSubsts, "substitutions"},
		{syntax.MaxString, "bytes that substitutions make of a string"},
		{syntax.MaxTokens, "words in all"},
		{syntax.MaxExpanded, "words out of defines"},
		{syntax.MaxNesting, "blocks, parentheses and operators in each other; route calls in each other when it runs"},
		{syntax.MaxChain, "operators in one expression, `else if` in one `if`"},
		{syntax.MaxArgs, "arguments of a function"},
		{syntax.MaxVarLength, "bytes of a variable with its transformations"},
		{syntax.MaxVarNesting, "variables in each other"},
		{syntax.MaxSelectParts, "parts of a select"},
		{syntax.MaxErrors, "errors shown in one run about text that is not of the language"},
		{syntax.MaxFindings, "errors and warnings shown in one run"},
	} {
		rows = append(rows, []string{fmt.Sprint(l.n), l.what})
	}
	return table([]string{"At most", "Of"}, rows)
}
