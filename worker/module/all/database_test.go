package all

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The answers are those of Kamailio 5.6.3: avpops_db_load and its like in scripts/interop.
func TestAvpopsDatabase(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "avps")
	const head = "id(int,auto) uuid(string,null) username(string) domain(string) attribute(string) type(int) value(string,null)\n"
	const rows = "1:u1:alice:example.org:x:0:one\n2:u1:alice:example.org:x:0:two\n3:u1:alice:other.org:y:1:42\n4::bob:b:7:2:text\n5::bob:b:7:3:no\n"
	if err := os.WriteFile(file, []byte(head+rows), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		acceptable("loadmodule \"avpops\"\nmodparam(\"avpops\", \"db_url\", \"\")\nrequest_route { exit; }\n")
	})
	got, env := said(t, `loadmodule "db_text" loadmodule "avpops"
modparam("avpops", "db_url", "text://`+dir+`")
modparam("avpops", "avp_table", "avps")
modparam("avpops", "use_domain", 1)
modparam("avpops", "db_scheme", "types:value_col=type;value_type=integer")`, `
		avp_db_load("$fu", "*"); xlog("$rc $(avp(x)[*]) $avp(y) "); avp_delete("a");
		avp_db_load("$fu/username", "$avp(y)"); xlog("$rc $avp(x) $avp(y) "); avp_delete("a");
		avp_db_load("$rU", "*"); xlog("$rc "); avp_db_load("sip:bob@b/username", "i"); xlog("$rc $(avp(i:7)[*]) "); avp_delete("a");
		avp_db_load("u1", "$avp(z)/$types"); xlog("$rc $(avp(z)[*]) "); avp_db_load("u1", "$avp(z)/none"); xlog("$rc\n"); avp_delete("a");
		$avp(v) = "a:b'\""; $avp(v) = 7; avp_db_store("$fu/domain", "$avp(v)"); xlog("$rc "); avp_db_store("$fu/domain", "$avp(none)"); xlog("$rc ");
		avp_delete("a"); avp_db_load("$fu/domain", "s"); xlog("$rc $(avp(v)[*]) "); avp_db_delete("u1", "$avp(x)"); xlog("$rc ");
		avp_delete("a"); avp_db_load("u1", "*"); xlog("$rc $avp(x) $avp(y)\n");
		avp_db_query("select value, id from avps where username='$fU' or 1"); xlog("$rc "); avp_db_query("select value from avps where id > 99", "$avp(q)"); xlog("$rc ");
		avp_db_query("select value, type, id from avps where domain = 'example.org' order by id desc", "$avp(q);$avp(r)"); xlog("$rc $(avp(q)[*]) $(avp(r)[*])\n");
	`)
	want := `1 two, one <null> 1 <null> 42 -1 1 text 1 1, 0, 0 -1
1 -1 1 7, a:b'" 1 1 <null> 42
-1 -2 1 a:b'", 7 0, 1`
	got = strings.ReplaceAll(strings.ReplaceAll(got, "\n\n", "|"), "\n", "")
	if got = strings.Trim(strings.ReplaceAll(got, "|", "\n"), "\n "); got != want {
		t.Errorf("got\n%s\nwant\n%s\nlog %s", got, want, env.Errors())
	}
	data, err := os.ReadFile(file)
	if want := head + "7:::example.org:v:0:a\\:b'\"\n6:::example.org:v:1:7\n3:u1:alice:other.org:y:1:42\n4::bob:b:7:2:text\n5::bob:b:7:3:no\n"; err != nil || string(data) != want {
		t.Errorf("%v\n%s\nwant\n%s", err, data, want)
	}
	for _, want := range []string{"the value of AVP 7 in the database is no number", "/none: no such file or directory", `at "or 1": expected the end of the statement`} {
		if !strings.Contains(env.Errors(), want) {
			t.Errorf("the log does not say %q: %s", want, env.Errors())
		}
	}
	if env.Waits < 10 {
		t.Errorf("%d calls waited", env.Waits)
	}
}
