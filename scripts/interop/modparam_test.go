//go:build interop

package interop

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"goser/scripts/interop/internal/peer"
	"goser/worker/module"
	_ "goser/worker/module/all"
)

// values are what each parameter is given: numbers of all kinds, texts of all kinds, and what
// is neither. What is no value at all stands in the cases of testdata/check.
var values = []string{
	"5", "0", "-1", "1", "300", "2147483647", "0x10", "DNUM", "DNEG", "yes", "on", "no",
	`"5"`, `"0"`, `"-1"`, `"0x10"`, `" 5"`, `"5 "`, `""`, `"abc"`, `"5abc"`, `"$avp(x)"`, `"$avp(s:x)"`, `"$nosuch(x)"`, `"$avp(x"`,
	`"a=b"`, `"x=i:5"`, `"sip:a@b"`, `'x'`, "DSTR", `"a" "b"`,
}

// head is what stands before the parameters of a module.
func head(m string) []string {
	lines := []string{"#!define DNUM 7", `#!define DSTR "dstr"`, "#!define DNEG -3", `loadmodule "pv.so"`}
	needs := map[string][]string{"tmx": {"sl", "tm"}, "tm": {"sl"}, "siputils": {"sl"}, "sanity": {"sl"}, "statistics": {"kex"}}
	for _, l := range append(needs[m], m) {
		if l != "pv" {
			lines = append(lines, fmt.Sprintf("loadmodule %q", l+".so"))
		}
	}
	return lines
}

// ofSER are parameters that SER has and Kamailio 5.6 has no more.
var ofSER = map[string]bool{
	"rr.ignore_user": true, "rr.cookie_filter": true, "rr.cookie_secret": true, "rr.user_part_avp": true, "rr.next_route_avp": true,
	"tm.fr_inv_timer_next": true, "tm.max_breadth": true, "tm.delete_timer": true, "tm.retr_timer1p1": true,
	"tm.retr_timer1p2": true, "tm.retr_timer1p3": true, "tm.hash_size": true,
}

// TestModuleParameters gives each parameter of each module each of the values: what one -c refuses, the
// other refuses in the same line. parameter-values in docs/compatibility.md is what we refuse beyond.
func TestModuleParameters(t *testing.T) {
	kamailio := peer.Need(t, "kamailio", "kamailio")
	ser := ours(t)
	tried := 0
	for _, m := range module.All() {
		if m.Name == module.Core {
			continue
		}
		for i := range m.Params {
			p := &m.Params[i]
			tried++
			t.Run(m.Name+"/"+p.Name, func(t *testing.T) {
				t.Parallel()
				sameParameter(t, kamailio, ser, m.Name, p)
			})
		}
		t.Run(m.Name+"/none", func(t *testing.T) {
			t.Parallel()
			sameParameter(t, kamailio, ser, m.Name, &module.Param{Name: "nosuch"})
		})
	}
	if tried < 100 {
		t.Errorf("%d parameters, want 100 at least", tried)
	}
}

func sameParameter(t *testing.T, kamailio, ser, m string, p *module.Param) {
	lines := head(m)
	first := len(lines) + 1
	for _, v := range values {
		lines = append(lines, fmt.Sprintf("modparam(%q, %q, %s)", m, p.Name, v))
	}
	dir := t.TempDir()
	text := strings.Join(append(lines, "request_route { exit; }"), "\n") + "\n"
	if err := os.WriteFile(filepath.Join(dir, "main.cfg"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	_, theirs := accepts(t, dir, kamailio)
	_, said := accepts(t, dir, ser)
	they, we := refusedLines(theirLine, theirs), refusedLines(ourLine, said)
	for i, v := range values {
		n := first + i
		_, no := they[n]
		why, refused := we[n]
		switch {
		case ofSER[m+"."+p.Name]:
			if !no {
				t.Errorf("%s: Kamailio knows this parameter after all", v)
			}
		case p.Name == "tw_append" && !refused: // it has no effect
		case no && !refused:
			t.Errorf("%s: Kamailio refuses it, we do not", v)
		case refused && !no && !beyond.MatchString(why):
			t.Errorf("%s: we refuse it: %s", v, why)
		}
	}
}

// beyond is how -c refuses a value of the right type that means nothing.
var beyond = regexp.MustCompile(`^modparam\("[a-z_0-9]+", "[a-z0-9_]+"\): `)

var (
	theirLine = regexp.MustCompile(`parse error in config file .*?, (?:from )?line (\d+), column .*?: (.*)`)
	ourLine   = regexp.MustCompile(`(?m)^\S*main\.cfg:(\d+):\d+: error: (.*)`)
)

// refusedLines are the lines that a server refuses, and why.
func refusedLines(re *regexp.Regexp, said string) map[int]string {
	out := map[int]string{}
	for _, m := range re.FindAllStringSubmatch(said, -1) {
		if n, _ := strconv.Atoi(m[1]); out[n] == "" {
			out[n] = m[2]
		}
	}
	return out
}

// TestModuleStatements compares the verdicts about forms of loadmodule, mpath and modparam; two lines
// stand for what is loaded before. differs names the difference where there is one: we accept it, but for number-size.
func TestModuleStatements(t *testing.T) {
	kamailio := peer.Need(t, "kamailio", "kamailio")
	ser := ours(t)
	mpath := modulesOf(t)
	for _, c := range []struct{ text, differs string }{
		{`loadmodule "sl"`, ""},
		{`loadmodule "sl.so"`, ""},
		{`loadmodule 'sl.so'`, ""},
		{`loadmodule "sl.so";`, ""},
		{`loadmodule "s" "l.so"`, ""},
		{`loadmodule "MPATH/sl.so"`, ""},
		{`loadmodule "./sl.so"`, ""},
		{"#!define M \"sl.so\"\nloadmodule M", ""},
		{"#!define M sl.so\nloadmodule M", ""},
		{"#!substdef \"/XX/sl/\"\nloadmodule \"XX.so\"", ""},
		{`loadmodulex "sl.so"`, ""},
		{`loadmodulex "s$env(NOSUCH)l.so"`, ""},
		{`loadmodule sl`, ""},
		{`loadmodule sl.so`, ""},
		{`loadmodule ""`, ""},
		{`loadmodule "SL.so"`, ""},
		{`loadmodule " sl.so"`, ""},
		{`loadmodule "sl.so.so"`, ""},
		{`loadmodule "sl.1"`, ""},
		{`loadmodule 5`, ""},
		{`loadmodule`, ""},
		{`loadmodule("sl.so")`, ""},
		{`loadmodule "sl.so" "x"`, ""},
		{`loadmodule "MPATH/sl"`, "module-path"},
		{`loadmodule "/nosuch/dir/sl.so"`, "module-path"},
		{`loadmodule "sl/sl.so"`, "module-path"},
		{`loadmodule "modules/sl/sl.so"`, "module-path"},
		{"loadmodule \"sl.so\"\nloadmodule \"sl.so\"", "module-twice"},
		{"loadmodule \"sl.so\"\nloadmodule \"sl\"", "module-twice"},
		{"mpath=\"MPATH\"\nloadmodule \"sl\"", ""},
		{"mpath=\"MPATH/\"\nloadmodule \"sl\"", ""},
		{"mpath=\"/nosuch:MPATH\"\nloadmodule \"sl\"", ""},
		{"mpath \"MPATH\"\nloadmodule \"sl\"", ""},
		{"loadpath \"MPATH\"\nloadmodule \"sl\"", ""},
		{"loadpath=\"MPATH\"\nloadmodule \"sl\"", ""},
		{"loadpath=5\nloadmodule \"sl\"", ""},
		{"mpath=\"/nosuch\"\nloadmodule \"sl\"", "module-path"},
		{"loadpath=\"\"\nloadmodule \"sl\"", "module-path"},
		{"modparam(\"sl\", \"default_code\", 500)\nloadmodule \"sl\"", ""},
		{"LOAD\nmodparam(\"sl\", \"default_code\", 500)\nmodparam(\"sl\", \"default_code\", 501)", ""},
		{"LOAD\nmodparam(\"rr\", \"append_fromtag\", 1)", ""},
		{"LOAD\nmodparam(\"tm|sl\", \"default_code\", 500)", ""},
		{"LOAD\nmodparam(\"sl|tm\", \"default_code\", 500)", ""},
		{"LOAD\nmodparam(\"tm|usrloc\", \"fr_timer\", 500)", ""},
		{"LOAD\nmodparam(\"usrloc|tm\", \"fr_timer\", 500)", ""},
		{"LOAD\nmodparam(\"sl|tm\", \"fr_timer\", 500)", ""},
		{"LOAD\nmodparam(\"TM\", \"fr_timer\", 500)", ""},
		{"LOAD\nmodparam(\"tm.so\", \"fr_timer\", 500)", ""},
		{"LOAD\nmodparam(\" tm\", \"fr_timer\", 500)", ""},
		{"LOAD\nmodparam(\"\", \"fr_timer\", 500)", ""},
		{"LOAD\nmodparam(\"t.*\", \"fr_timer\", 500)", ""},
		{"LOAD\nmodparam(\".*\", \"default_code\", 500)", ""},
		{"LOAD\nmodparam(\"[\", \"default_code\", 500)", ""},
		{"LOAD\nmodparam(\"core\", \"debug\", 1)", ""},
		{"LOAD\nmodparam(\"core|sl\", \"default_code\", 500)", ""},
		{"LOAD\nmodparam(\"tm\", \"FR_TIMER\", 500)", ""},
		{"LOAD\nmodparam(\"tm\", \" fr_timer\", 500)", ""},
		{"LOAD\nmodparam(\"tm\", \"\", 500)", ""},
		{"LOAD\nmodparam(tm, \"fr_timer\", 500)", ""},
		{"LOAD\nmodparam(\"tm\", fr_timer, 500)", ""},
		{"LOAD\nmodparam(\"tm\", \"fr_timer\")", ""},
		{"LOAD\nmodparam(\"tm\", \"fr_timer\", 500, 1)", ""},
		{"LOAD\nmodparam(\"tm\", \"fr_timer\", )", ""},
		{"LOAD\nmodparam \"tm\", \"fr_timer\", 500", ""},
		{"LOAD\nmodparam(\"tm\", \"fr_timer\", 500);", ""},
		{"LOAD\nmodparamx(\"tm\", \"fr_timer\", 500)", ""},
		{"LOAD\nmodparamx(\"tm\", \"default_reason\", \"a $env(GOSER_LEVEL)\")", ""},
		{"LOAD\nmodparamx(\"tm\", \"fr_timer\", \"$env(GOSER_LEVEL)\")", ""},
		{"LOAD\nmodparam(\"tm\", \"fr_timer\", 010)", ""},
		{"LOAD\nmodparam(\"tm\", \"fr_timer\", +5)", ""},
		{"LOAD\nmodparam(\"tm\", \"wt_timer\", 2147483648)", "number-size"},
		{"LOAD\nmodparam(\"tm\", \"wt_timer\", 99999999999)", "number-size"},
		{"LOAD\nmodparam(\"tm\", \"fr_timer\", 5.5)", ""},
		{"LOAD\nmodparam(\"tm\", \"fr_timer\", 1k)", ""},
		{"LOAD\nmodparam(\"tm\", \"fr_timer\", 08)", ""},
		{"LOAD\nmodparam(\"tm\", \"fr_timer\", (5))", ""},
		{"LOAD\nmodparam(\"tm\", \"fr_timer\", 5+1)", ""},
		{"LOAD\nmodparam(\"tm\", \"fr_timer\", $avp(x))", ""},
		{"LOAD\nmodparam(\"tm\", \"fr_timer\", NOSUCH)", ""},
		{"LOAD\nmodparam(\"tm\", \"fr_timer\", ~1)", ""},
		{"LOAD\nmodparam(\"tm\", \"fr_timer\", 0X1F)", ""},
		{"loadmodule \"pv\"\nmodparam(\"pv\", \"avp_aliases\", \"x=i:5;y=s:z\")", ""},
		{"loadmodule \"pv\"\nmodparam(\"pv\", \"avp_aliases\", \"x=i:abc\")", ""},
		{"loadmodule \"pv\"\nmodparam(\"pv\", \"avp_aliases\", \"x=i:\")", ""},
		{"loadmodule \"pv\"\nmodparam(\"pv\", \"avp_aliases\", \"x=s:\")", ""},
		{"loadmodule \"pv\"\nmodparam(\"pv\", \"avp_aliases\", \"x=i:-5\")", ""},
		{"loadmodule \"pv\"\nmodparam(\"pv\", \"avp_aliases\", \"x=$avp(s:a)\")", ""},
		{"loadmodule \"pv\"\nmodparam(\"pv\", \"avp_aliases\", \"x=i:5;\")", ""},
		{"loadmodule \"pv\"\nmodparam(\"pv\", \"avp_aliases\", \"x=i:5;x=i:6\")", ""},
		{"loadmodule \"pv\"\nmodparam(\"pv\", \"avp_aliases\", \" x = i:5\")", ""},
		{"loadmodule \"pv\"\nmodparam(\"pv\", \"avp_aliases\", \"\")", ""},
		{"loadmodule \"pv\"\nmodparam(\"pv\", \"varset\", \"x=i:\")", ""},
		{"loadmodule \"pv\"\nmodparam(\"pv\", \"shvset\", \"x=i:0x10\")", ""},
		{"loadmodule \"pv\"\nmodparam(\"pv\", \"varset\", \"x=s:\")", ""},
		{"loadmodule \"pv\"\nmodparam(\"pv\", \"shvset\", \"x=i:-5\")", ""},
		{"loadmodule \"xlog\"\nmodparam(\"xlog\", \"log_colors\", \"L_ERR=cr;L_WARN=yx\")", ""},
		{"loadmodule \"xlog\"\nmodparam(\"xlog\", \"log_colors\", \"L_FOO=cr\")", ""},
		{"loadmodule \"xlog\"\nmodparam(\"xlog\", \"log_colors\", \"L_ERR=c\")", ""},
		{"loadmodule \"xlog\"\nmodparam(\"xlog\", \"log_colors\", \"L_ERR\")", ""},
	} {
		text := strings.ReplaceAll(strings.ReplaceAll(c.text, "MPATH", mpath), "LOAD", "loadmodule \"sl\"\nloadmodule \"tm\"")
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "main.cfg"), []byte(text+"\nrequest_route { exit; }\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			theirs, said := accepts(t, dir, kamailio)
			ours, saidWe := accepts(t, dir, ser)
			if want := c.differs == ""; (theirs == ours) != want || !want && ours == (c.differs == "number-size") {
				t.Errorf("Kamailio accepts: %v, we accept: %v\n%s\n%s", theirs, ours, said, saidWe)
			}
			if !ours && !strings.Contains(saidWe, ": error: ") {
				t.Errorf("the refusal does not say where:\n%s", saidWe)
			}
		})
	}
}

// ours is the path of the server that is tested.
func ours(t *testing.T) string {
	t.Helper()
	ser, err := filepath.Abs(filepath.Join(os.Getenv("GOSER_BIN"), "ser"))
	if err != nil {
		t.Fatal(err)
	}
	return ser
}

// modulesOf is the folder of Kamailio's modules.
func modulesOf(t *testing.T) string {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/*/kamailio/modules/sl.so")
	if err != nil || len(found) == 0 {
		out, _ := exec.Command("dpkg", "-L", "kamailio").Output()
		i := slices.IndexFunc(strings.Fields(string(out)), func(s string) bool { return strings.HasSuffix(s, "/modules/sl.so") })
		if i < 0 {
			t.Fatal(errors.Join(errors.New("no modules of Kamailio found"), err))
		}
		found = []string{strings.Fields(string(out))[i]}
	}
	return filepath.Dir(found[0])
}
