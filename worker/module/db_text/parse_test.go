package dbtext

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"goser/worker/module/api/db"
)

// What a file means: as Kamailio 5.6.3 reads it (scripts/interop, db_text_files).
func TestParse(t *testing.T) {
	const ab = "a(string,null) n(int,null)\n"
	for _, tc := range []struct{ file, want string }{ // fields with |, rows with / behind each; NULL is -
		{ab + "x:1\n", "x|1/"},
		{ab + `a\:b\\c\nd\te\rf\0g:1` + "\n", "a:b\\c\nd\te\rf\x00g|1/"},
		{ab + "x:1\n\n\ny:-2\n", "x|1/y|-2/"},
		{ab + "x\n:\n:3\n", "x|-/-|-/-|3/"},
		{ab + "x:1", "x|1/"},
		{ab, ""},
		{"  a( string, NULL )\tn(int ,null) ", ""},
		{"a(STR) n(Integer,auto)\n x :5\n:7\n", " x |5/|7/"},
		{"d(double,null) b(bigint)\n1.5:9\n-2:\n:x\n", "1.5|9/-2|/-|x/"},
	} {
		table, err := parse([]byte(tc.file))
		if err != nil {
			t.Errorf("%q: %v", tc.file, err)
			continue
		}
		got := ""
		for _, row := range table.rows {
			for i, v := range row {
				if i > 0 {
					got += "|"
				}
				if v.IsNull() {
					got += "-"
				}
				got += v.String()
			}
			got += "/"
		}
		if got != tc.want {
			t.Errorf("%q: %q, want %q", tc.file, got, tc.want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	const ab = "a(string,null) n(int,null)\n"
	for _, tc := range []struct{ file, want string }{
		{"", "line 1: the header is missing"},
		{"\na(string)\n", "line 1: the header is missing"},
		{"a\nx\n", `line 1: header: "a": expected columns such as`},
		{"a(string\n", "line 1: header"},
		{"a(foo)\n", `line 1: header: column a: unknown type "foo": expected int, double, string or blob`},
		{"a(string,nil)\n", `column a: "nil": expected null or auto`},
		{"a(string,auto)\n", "auto needs the type int"},
		{"a(string) A(int)\n", "column A is there twice"},
		{ab + "x:1:2\n", `line 2: more than the 2 fields of the header: a ":" in a text is written \:`},
		{ab + "\nx:1\ny:z\n", `line 4: column n is int: "z" is no such number`},
		{ab + "x: 1\n", `line 2: column n is int: " 1" is no such number`},
		{ab + "x:99999999999999999999\n", "is no such number"},
		{ab + "x:1\r\n", "line 2: field 2: a carriage return ends the line"},
		{ab + `x\q:1` + "\n", `line 2: field 1: unknown escape \q`},
		{ab + `x:\`, `line 2: field 2: a \ with nothing behind it`},
		{"n(int)\n0\n:\n", "line 3: column n: no value; it would have to be n(int,null)"},
		{ab + strings.Repeat("x", 1<<20+1) + ":1\n", "file_buffer_size of db_text allows 1048576"},
		{strings.Repeat("a(int) ", 2), "column a is there twice"},
	} {
		if _, err := parse([]byte(tc.file)); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%.60q: %v, want %s", tc.file, err, tc.want)
		}
	}
}

func FuzzTable(f *testing.F) {
	f.Add([]byte("id(int,auto) a(string,null) d(double,null) b(blob)\n1:x\\:y:1.5:z\n2::-2:\\n\\0\n"))
	f.Add([]byte("a(str)\r\n\\"))
	f.Fuzz(func(t *testing.T, data []byte) {
		first, err := parse(data)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "line ") {
				t.Errorf("the error has no line: %v", err)
			}
			return
		}
		// What is written is read as the same, but for a row of one NULL, which is an empty line.
		again, err := parse(first.print())
		if err != nil {
			t.Fatalf("%v\nof %q\nwritten as %q", err, data, first.print())
		}
		if len(first.cols) == 1 {
			return
		}
		if diff := cmp.Diff(first, again, cmp.AllowUnexported(table{}, column{}), cmpopts.EquateEmpty(), cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("%q\n%s", data, diff)
		}
	})
}

func FuzzSQL(f *testing.F) {
	for _, s := range []string{
		"select a,b from t where a='x' and (n>=2 and b is not null) order by a desc,b limit 3;",
		`insert into t (a,n) values ("x""\"y",-1)`, "update t set a=null,n=1.5 where a<>'b'", "delete from t", "select * from `t u`",
	} {
		f.Add(s)
	}
	file, err := parse([]byte("a(string,null) n(int,null) b(double,null)\nx:1:2\ny::\n"))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parseSQL(text)
		if err != nil {
			return
		}
		_, _ = file.choose(&s.sel)
		_, _ = file.insert(s.values)
		_, _, _ = file.update(s.values, s.sel.Where)
		_, _, _ = file.remove(s.sel.Where)
	})
}

// An error points at what is wrong.
func TestStatementErrors(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"", "statement, character 1, at the end: expected select, insert, update or delete"},
		{"drop table t", `character 1, at "drop table t": expected select`},
		{"select a from t where n=1 or n=2", `at "or n=2": expected the end of the statement`},
		{"select a from t where a like 'x'", `at "like 'x'": expected one of = <> < <= > >= or is null behind the column "a"`},
		{"select a from t where a=alice", `at "alice": expected a value: a number, a text in quotes or null`},
		{"select a from t where a='x", "the quote ' is not closed"},
		{"select count(*) from t", `at "(*) from t": expected from`},
		{"select a from t limit 0", "expected a number of rows behind limit"},
		{"update t set a=1", "update needs where"},
		{"insert into t (a,n) values (1)", "1 values for 2 columns"},
		{"insert into t (a) values (1,2)", "more values than the 1 columns"},
		{"insert into t values (1)", `at "values (1)": expected (`},
		{"delete t", "expected from"},
		{"select a from t where " + strings.Repeat("(", 40), "more than 32 parentheses"},
	} {
		if _, err := parseSQL(tc.text); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%q: %v, want %s", tc.text, err, tc.want)
		}
	}
}

func TestStatements(t *testing.T) {
	s, err := parseSQL(`SELECT A , b FROM t WHERE (a="x""y\"z" AND n<>-1) and b is NOT null and c!=1.5 ORDER BY a DESC, b asc LIMIT 2;`)
	if err != nil {
		t.Fatal(err)
	}
	want := db.Select{
		Table: "t", Columns: []string{"A", "b"}, Limit: 2, Order: []db.Order{{Column: "a", Descending: true}, {Column: "b"}},
		Where: []db.Cond{
			db.Is("a", db.TextValue(`x"y"z`)),
			{Column: "n", Op: db.NotEqual, Value: db.IntValue(-1)},
			{Column: "b", Op: db.NotNull},
			{Column: "c", Op: db.NotEqual, Value: db.Value{Kind: db.Double, Double: 1.5}},
		},
	}
	if diff := cmp.Diff(want, s.sel); diff != "" {
		t.Error(diff)
	}
}
