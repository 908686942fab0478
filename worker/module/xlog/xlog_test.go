package xlog

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"goser/cfg/check"
	"goser/worker/module"
	"goser/worker/module/moduletest"
)

// quietEnv logs only up to a level.
type quietEnv struct {
	*moduletest.Env
	log *slog.Logger
}

func (e *quietEnv) Log() *slog.Logger { return e.log }

type threshold slog.Level

func (h threshold) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.Level(h) }
func (threshold) Handle(context.Context, slog.Record) error      { return nil }
func (h threshold) WithAttrs([]slog.Attr) slog.Handler           { return h }
func (h threshold) WithGroup(string) slog.Handler                { return h }

func fn(t testing.TB, name string) *module.Func {
	fs := module.Lookup("xlog").Funcs
	for i := range fs {
		if fs[i].Name == name {
			return &fs[i]
		}
	}
	t.Fatalf("no function %s", name)
	return nil
}

// run calls as the engine does; a value that is no string is a variable's.
func run(t testing.TB, c *module.Ctx, name string, vals ...module.Value) (rc int, err error) {
	spec := make([]check.Arg, len(vals))
	for i, v := range vals {
		spec[i].Const, spec[i].Str = v.Kind == module.KindStr, v.Str
	}
	f := fn(t, name)
	site := check.Site{File: "/etc/ser.cfg", Line: 12}
	fixed, err := f.Fixup(spec)
	if err != nil {
		return 0, err
	}
	if !f.When(c, fixed) {
		return 1, nil
	}
	a := new(module.Args)
	a.Init(spec, nil, fixed)
	a.Site = &site
	for i, v := range vals {
		a.Set(i, v)
	}
	return f.Do(c, a), nil
}

func str(s string) module.Value { return module.StrValue(s) }

// Levels and texts were seen on Kamailio 5.6.3.
func TestWrite(t *testing.T) {
	line := func(level int, text string) []moduletest.Log {
		return []moduletest.Log{{Level: level, Prefix: "<script>: ", Text: text}}
	}
	for _, tc := range []struct {
		name string
		vals []module.Value
		want []moduletest.Log
	}{
		{"xlog", []module.Value{str("one\n")}, line(-1, "one\n")},
		{"xlog", []module.Value{module.Undef}, line(-1, "<null>")},
		{"xlog", []module.Value{str("L_INFO"), str("x")}, line(2, "x")},
		{"xlog", []module.Value{str("L_BUG"), str("x")}, line(-4, "x")},
		{"xlog", []module.Value{str("L_CRIT"), str("x")}, line(-3, "x")},
		{"xlog", []module.Value{str("L_ALERT"), str("x")}, line(-5, "x")},
		{"xlog", []module.Value{str("L_WARN"), str("x")}, line(0, "x")},
		{"xlog", []module.Value{str("L_NOTICE"), str("x")}, line(1, "x")},
		{"xlog", []module.Value{str("L_ERROR"), str("x")}, line(-1, "x")},
		{"xlog", []module.Value{str("L_DBG"), str("x")}, line(3, "x")},
		{"xlog", []module.Value{module.IntValue(2), str("x")}, line(2, "x")},
		{"xlog", []module.Value{module.IntValue(-7), str("x")}, line(-5, "x")},
		{"xlog", []module.Value{module.IntValue(99), str("x")}, line(3, "x")},
		{"xlog", []module.Value{str("LOG_LOCAL1"), str("L_INFO"), str("x")}, line(2, "x")},
		{"xalert", []module.Value{str("x")}, line(-5, "x")},
		{"xbug", []module.Value{str("x")}, line(-4, "x")},
		{"xcrit", []module.Value{str("x")}, line(-3, "x")},
		{"xerr", []module.Value{str("x")}, line(-1, "x")},
		{"xwarn", []module.Value{str("x")}, line(0, "x")},
		{"xnotice", []module.Value{str("x")}, line(1, "x")},
		{"xinfo", []module.Value{str("x")}, line(2, "x")},
		{"xdbg", []module.Value{str("x")}, line(3, "x")},
		{"xlogl", []module.Value{str("x")}, line(-1, "12:x")},
		{"xlogl", []module.Value{str("L_INFO"), str("x")}, line(2, "12:x")},
		{"xdbgl", []module.Value{str("x")}, line(3, "12:x")},
		{"xlogm", []module.Value{str("L_INFO"), str("x")}, nil},
		{"xlog", []module.Value{str(strings.Repeat("y", 5000))}, line(-1, strings.Repeat("y", 4095))},
	} {
		e := moduletest.New(t)
		rc, err := run(t, e.Request(moduletest.Options), tc.name, tc.vals...)
		if err != nil || rc != 1 {
			t.Errorf("%s%v: %d, %v", tc.name, tc.vals, rc, err)
		}
		if d := cmp.Diff(tc.want, e.Logs); d != "" {
			t.Errorf("%s%v: %s", tc.name, tc.vals, d)
		}
	}
}

func TestRefusedAtStart(t *testing.T) {
	c := moduletest.New(t).Request(moduletest.Options)
	for _, vals := range [][]module.Value{
		{str("L_FOO"), str("x")},
		{str("l_info"), str("x")},
		{str("-1"), str("x")},
		{str("3"), str("x")},
		{str(""), str("x")},
		{str("LOG_NONE"), str("L_INFO"), str("x")},
		{module.IntValue(1), str("L_INFO"), str("x")},
	} {
		if _, err := run(t, c, "xlog", vals...); err == nil {
			t.Errorf("xlog%v was taken", vals)
		}
	}
	for _, bad := range []string{"", "x", "rgb", "zz"} {
		if _, err := checkColours(bad); err == nil {
			t.Errorf("$C(%s) was taken", bad)
		}
	}
	for _, n := range []int32{0, 15, 1<<20 + 1} {
		if setBufSize(module.IntValue(n)) == nil {
			t.Errorf("buf_size %d was taken", n)
		}
	}
}

func TestLevelThatIsOff(t *testing.T) {
	e := moduletest.New(t)
	c := e.Request(moduletest.Options)
	c.Env = &quietEnv{e, slog.New(threshold(slog.LevelWarn))}
	k, _ := fixup([]check.Arg{{Const: true, Str: "L_INFO"}, {Const: true}})
	if wanted(c, k) {
		t.Error("the arguments of a level that is off would be evaluated")
	}
	for name, n := range map[string]int{"xerr": 1, "xwarn": 1, "xnotice": 0, "xinfo": 0, "xdbg": 0, "xalert": 1} {
		e.Logs = nil
		_, _ = run(t, c, name, str("x"))
		if len(e.Logs) != n {
			t.Errorf("%s wrote %d lines, want %d", name, len(e.Logs), n)
		}
	}
	if rc, _ := run(t, c, "xlog", module.IntValue(3), str("x")); rc != 1 || len(e.Logs) > 1 {
		t.Error("a variable's level that is off was logged")
	}
}

func TestNoAllocation(t *testing.T) {
	e := moduletest.New(t)
	e.Quiet = true
	c := e.Request(moduletest.Options)
	a := new(module.Args)
	a.Init(make([]check.Arg, 1), nil, &call{level: -1})
	a.Set(0, str("text"))
	if n := testing.AllocsPerRun(100, func() {
		if wanted(c, a.Fixed) {
			write(c, a)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestLongFormat(t *testing.T) {
	longFormat = 1
	defer func() { longFormat = 0 }()
	e := moduletest.New(t)
	_, _ = run(t, e.Request(moduletest.Options), "xlogl", str("x"))
	if got := e.Text(); got != "/etc/ser.cfg:12:x" {
		t.Error(got)
	}
}

// Which methods are left out was seen on Kamailio 5.6.3.
func TestMethodsFilter(t *testing.T) {
	defer func() { methodsFilter = -1 }()
	for _, tc := range []struct {
		filter int32
		msg    string
		shown  bool
	}{
		{0, moduletest.Invite, true},
		{1, moduletest.Invite, false},
		{1, moduletest.OK, false}, // of an INVITE
		{2, moduletest.Invite, true},
		{1, moduletest.Options, true},
		{32, moduletest.Options, false},
		{-1, strings.ReplaceAll(moduletest.Options, "OPTIONS", "FOO"), false},
		{16384, strings.ReplaceAll(moduletest.Options, "OPTIONS", "FOO"), false},
		{16383, strings.ReplaceAll(moduletest.Options, "OPTIONS", "FOO"), true},
	} {
		methodsFilter = tc.filter
		e := moduletest.New(t)
		_, _ = run(t, e.Request(tc.msg), "xlogm", str("L_ERR"), str("x"))
		if (len(e.Logs) == 1) != tc.shown {
			t.Errorf("methods_filter %d, %.8s: %d lines", tc.filter, tc.msg, len(e.Logs))
		}
	}
}

func TestPrefixMode(t *testing.T) {
	prefixMode, prefix = 1, "[$nothing(x)] "
	defer func() { prefixMode, prefix = 0, defaultPrefix }()
	if _, err := fixup([]check.Arg{{Const: true}}); err == nil {
		t.Error("an unknown variable in the prefix was taken")
	}
	prefix = "[$$] "
	e := moduletest.New(t)
	_, _ = run(t, e.Request(moduletest.Options), "xerr", str("x"))
	if e.Logs[0].Prefix != "[$] " {
		t.Errorf("%+v", e.Logs)
	}
}
