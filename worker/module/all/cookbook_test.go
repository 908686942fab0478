package all

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"goser/cfg"
	"goser/worker/module"
	"goser/worker/module/moduletest"
	"goser/worker/script"
)

// cookbookMessages are what the examples are run with.
var cookbookMessages = map[string]string{
	"options":   moduletest.Options,
	"invite":    moduletest.Invite,
	"ok":        moduletest.OK,
	"exhausted": strings.ReplaceAll(moduletest.Options, "Max-Forwards: 70", "Max-Forwards: 0"),
	"register":  strings.ReplaceAll(moduletest.Options, "OPTIONS", "REGISTER"),
}

// TestCookbook loads every example of the core cookbook, and runs those of which
// something can be seen.
func TestCookbook(t *testing.T) {
	data, err := os.ReadFile("testdata/cookbook.txt")
	if err != nil {
		t.Fatal(err)
	}
	examples := strings.Split(string(data), "\n=== ")[1:]
	if len(examples) < 40 {
		t.Errorf("only %d examples", len(examples))
	}
	for _, e := range examples {
		name, src, _ := strings.Cut(e, "\n")
		t.Run(name, func(t *testing.T) { example(t, src+"\n") })
	}
}

func example(t *testing.T, src string) {
	on, missing, want := "", []string(nil), []string(nil)
	for line := range strings.Lines(src) {
		line = strings.TrimSuffix(line, "\n")
		word, rest, _ := strings.Cut(strings.TrimPrefix(line, "# "), " ")
		switch {
		case !strings.HasPrefix(line, "# "):
		case word == "on":
			on = rest
		case word == "missing":
			missing = strings.Fields(rest)
		case word == "log" || word == "reply" || word == "forward" || word == "dropped":
			want = append(want, strings.TrimPrefix(line, "# "))
		}
	}
	missing = slices.DeleteFunc(missing, func(m string) bool { return module.Lookup(m) != nil })
	if len(missing) > 0 {
		_, diag := cfg.Load("test.cfg", []byte(src), cfg.Options{}, module.NewCatalog())
		for _, e := range diag.List {
			about := slices.ContainsFunc(missing, func(m string) bool { return strings.Contains(e.Msg, m) })
			if !about && !strings.Contains(e.Msg, "not supported") {
				t.Errorf("beside the missing modules: %v", e)
			}
		}
		return
	}
	got := runExample(t, src, on)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// runExample returns what the example does with a message.
func runExample(t *testing.T, src, on string) (got []string) {
	prog, diag := cfg.Load("test.cfg", []byte(src), cfg.Options{}, module.NewCatalog())
	if diag.Failed() {
		var b strings.Builder
		diag.Print(&b)
		t.Fatal(b.String())
	}
	env := moduletest.New(t)
	if err := module.Configure(prog); err != nil {
		t.Fatal(err)
	}
	eng, err := script.New(prog, script.Options{Env: env})
	if err != nil {
		t.Fatal(err)
	}
	if on == "" {
		return nil
	}
	c := env.Request(cookbookMessages[on])
	if c.SIP.IsRequest {
		eng.Request(c)
	} else if !eng.Reply(c) {
		got = append(got, "dropped")
	}
	for _, l := range env.Logs {
		got = append(got, "log "+strings.TrimSpace(strings.NewReplacer("\n", `\n`).Replace(l.Text)))
	}
	for _, r := range env.Replies {
		got = append(got, fmt.Sprintf("reply %d %s", r.Code, r.Reason))
	}
	for range env.Forwards {
		got = append(got, "forward")
	}
	return got
}
