package script

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"goser/cfg"
	"goser/cfg/check"
	"goser/worker/module"
	"goser/worker/module/moduletest"
)

// Module t is what the test scripts use: say prints, ret returns a code, and
// the variables are the simplest that have every property.
func init() {
	slots := map[string]int{}
	module.Register(&module.Module{
		Name: "t", Doc: "for tests",
		Funcs: []module.Func{
			{Name: "say", Args: args(check.ArgFormat), MinArgs: 1, Do: func(c *module.Ctx, a *module.Args) int {
				c.Env.ScriptLog(0, "say", a.Printed(c, 0))
				return 1
			}},
			{Name: "ret", Args: args(check.ArgIntVar), MinArgs: 1, Do: func(c *module.Ctx, a *module.Args) int { return int(a.Int(0, 1)) }},
			{Name: "reply", Args: args(check.ArgFormat, check.ArgFormat), MinArgs: 2, Do: func(c *module.Ctx, a *module.Args) int {
				if err := c.Env.Reply(c, int(a.Int(0, 0)), a.Str(c, 1)); err != nil {
					return c.Fail(-1, err.Error())
				}
				return 1
			}},
			{Name: "set", Args: args(check.ArgWritable, check.ArgExpr), MinArgs: 2, Do: func(c *module.Ctx, a *module.Args) int {
				if a.Var(0).Set(c, a.Value(1)) != nil {
					return -1
				}
				return 1
			}},
			{
				Name: "never", Args: args(check.ArgExpr), MinArgs: 1, When: func(*module.Ctx, any) bool { return false },
				Do: func(*module.Ctx, *module.Args) int { return -1 },
			},
			{
				Name: "six", Args: args(check.ArgFormat, check.ArgFormat, check.ArgFormat, check.ArgFormat, check.ArgFormat, check.ArgFormat), MinArgs: 0,
				Do: func(c *module.Ctx, a *module.Args) int {
					text := fmt.Sprint(a.N)
					for i := range a.N {
						text += "," + a.Str(c, i)
					}
					c.Env.ScriptLog(0, "say", text)
					return 1
				},
			},
		},
		Vars: []module.Var{
			{
				Name: "var", Inner: check.InnerText,
				Prepare: func(inner string) (any, error) {
					if _, ok := slots[inner]; !ok {
						slots[inner] = len(slots)
					}
					return slots[inner], nil
				},
				Get: func(c *module.Ctx, r *module.Ref) module.Value { return c.Vars.Get(r.Fixed.(int)) },
				Set: func(c *module.Ctx, r *module.Ref, v module.Value) error { c.Vars.Set(r.Fixed.(int), v); return nil },
			},
			{
				Name: "avp", Inner: check.InnerFormat, Indexed: true,
				Get: func(c *module.Ctx, r *module.Ref) module.Value {
					if a := c.AVPs.Get(module.AVPName(r.Inner), r.Index); a != nil {
						return a.Value
					}
					return module.Undef
				},
				Set: func(c *module.Ctx, r *module.Ref, v module.Value) error {
					if r.All {
						c.AVPs.Clear(module.AVPName(r.Inner))
					}
					v.Str = c.Keep(v.Str)
					if v.IsUndef() {
						c.AVPs.Pop(module.AVPName(c.Keep(r.Inner)))
					} else if !c.AVPs.Push(c.Keep(module.AVPName(r.Inner)), v) {
						return module.ErrTooManyAVPs
					}
					return nil
				},
			},
			{Name: "null", Get: func(*module.Ctx, *module.Ref) module.Value { return module.Undef }},
			{
				Name: "ru", Type: check.TypeStr, Get: func(c *module.Ctx, _ *module.Ref) module.Value { return module.OptStr(requestURI(c)) },
				Set: func(c *module.Ctx, _ *module.Ref, v module.Value) error {
					if v.IsUndef() {
						return errors.New("the R-URI cannot be removed")
					}
					c.SetURI(c.Text(v))
					return nil
				},
			},
			{Name: "du", Get: func(c *module.Ctx, _ *module.Ref) module.Value { return module.OptStr(c.Dest.Next, c.Dest.Next != "") }},
		},
		Trans: []module.Trans{
			{Class: "s", Name: "len", Type: check.TypeInt, Do: func(c *module.Ctx, in module.Value, _ []module.Value) module.Value {
				return module.IntValue(int32(len(c.Text(in))))
			}},
			{Class: "s", Name: "cat", MinArgs: 1, MaxArgs: 2, Do: func(c *module.Ctx, in module.Value, a []module.Value) module.Value {
				s := c.Text(in)
				for _, v := range a {
					s = c.Concat(s, "+", c.Text(v))
				}
				return module.StrValue(s)
			}},
		},
	})
}

var hasRoute = regexp.MustCompile(`(?m)^[a-z_]*route(\[[^]]*\])? *\{`)

// ereMessage is what package ere says, which its own tests pin.
var ereMessage = regexp.MustCompile(`(bad regular expression text=\S+) err=.* at character \d+`)

// load compiles a script; plain statements become the main route.
func load(tb testing.TB, src string) (*Engine, error) {
	tb.Helper()
	if !hasRoute.MatchString(src) {
		src = "request_route {\n" + src + "\n}\n"
	}
	prog, diag := cfg.Load("test.cfg", []byte("loadmodule \"t.so\"\n"+src), cfg.Options{}, module.NewCatalog())
	if diag.Failed() {
		var b strings.Builder
		diag.Print(&b)
		return nil, errors.New(b.String())
	}
	return New(prog, Options{})
}

func mustLoad(tb testing.TB, src string) *Engine {
	tb.Helper()
	e, err := load(tb, src)
	if err != nil {
		tb.Fatalf("%v\n%s", err, src)
	}
	return e
}

// TestScripts runs testdata/*.cfg: chunks of "# name [message]", a script,
// a line of ====, and what it must say, reply and forward.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.cfg")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test scripts: %v", err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, chunk := range strings.Split(string(src), "\n----\n") {
			head, rest, _ := strings.Cut(strings.TrimSpace(chunk), "\n")
			script, want, ok := strings.Cut(rest, "\n====")
			if !ok {
				t.Fatalf("%s: chunk %q has no ====", file, head)
			}
			t.Run(filepath.Base(file)+"/"+strings.Trim(head, "# "), func(t *testing.T) {
				want = strings.TrimSpace(want)
				if diff := cmp.Diff(want, play(t, head, script)); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
			})
		}
	}
}

// play runs one chunk and writes down what happened.
func play(t *testing.T, head, script string) string {
	env := moduletest.New(t)
	env.Names["example.com"] = true
	eng := mustLoad(t, script)
	var out []string
	switch {
	case strings.Contains(head, "[reply]"):
		if !eng.Reply(env.Request(moduletest.OK)) {
			out = append(out, "DROPPED")
		}
	case strings.Contains(head, "[send]"):
		c := env.Request(moduletest.Invite)
		c.Sent = module.SentInfo{Valid: true, From: env.Listening[0], Data: []byte("12345"), To: c.Recv.Src}
		if !eng.Send(c) {
			out = append(out, "DROPPED")
		}
	case strings.Contains(head, "[options]"):
		eng.Request(env.Request(moduletest.Options))
	default:
		eng.Request(env.Request(moduletest.Invite))
	}
	var log []string
	for _, l := range env.Logs {
		text := strings.TrimRight(l.Text, "\n")
		switch l.Prefix {
		case "slog":
			text = "ERROR " + ereMessage.ReplaceAllString(strings.TrimPrefix(text, "script: "), "$1 err=...")
		case "<script>: ":
			text = fmt.Sprintf("LOG %d %s", l.Level, text)
		}
		log = append(log, text)
	}
	out = append(log, out...)
	for _, r := range env.Replies {
		out = append(out, fmt.Sprintf("REPLY %d %s", r.Code, r.Reason))
	}
	for _, f := range env.Forwards {
		out = append(out, fmt.Sprintf("FORWARD %q %d %s uri=%v", f.Host, f.Port, f.Proto, f.FromURI))
	}
	for _, f := range env.Raw {
		out = append(out, fmt.Sprintf("SEND %q %d", f.Host, f.Port))
	}
	return strings.Join(out, "\n")
}
