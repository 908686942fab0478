package handoff

import (
	"strings"
	"testing"

	"goser/cfg/check"
	"goser/cfg/param"
)

func TestSettings(t *testing.T) {
	prog := &check.Program{Params: []check.ParamValue{
		{Name: "children", Int: 3},
		{Name: "debug", Int: 2},
		{Name: "debug", Int: 1}, // the later one counts
		{Name: "user", Str: "ser", IsStr: true},
		{Name: "user", Str: "other", IsStr: true}, // here the first
		{Name: "log_facility", Str: "LOG_LOCAL3", IsStr: true},
		{Name: "log_name", Str: "ser1", IsStr: true},
		{Name: "log_stderror", Str: "yes", IsStr: true},
	}}
	v, err := Settings(prog, []Override{{"children", "5"}, {"group", "1000"}, {"auto_aliases", "off"}})
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[param.ID]int{param.Children: 5, param.Debug: 1, param.LogStderror: 1, param.AutoAliases: 0} {
		if got := v.Int(id); got != want {
			t.Errorf("%s is %d, want %d", param.Get(id).Name, got, want)
		}
	}
	for id, want := range map[param.ID]string{param.User: "ser", param.RunGroup: "1000", param.LogFacility: "LOG_LOCAL3", param.LogName: "ser1"} {
		if got := v.Text(id); got != want {
			t.Errorf("%s is %q, want %q", param.Get(id).Name, got, want)
		}
	}
}

func TestSettingsTellsAllErrors(t *testing.T) {
	_, err := Settings(&check.Program{}, []Override{{"children", "many"}, {"nonsense", "1"}})
	for _, want := range []string{"command line: children", "command line: no core parameter nonsense"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
