package cfg_test

import (
	"testing"

	"goser/cfg"
)

// TestImageKeepsEnvironment: what modparamx takes from the environment is in the
// image, whatever the process that reads it has.
func TestImageKeepsEnvironment(t *testing.T) {
	const text = "loadmodule \"usrloc\"\nmodparamx(\"usrloc\", \"db_url\", \"a $env(ONE) \" \"$(env(TWO))\")\nroute { exit; }\n"
	env := map[string]string{"ONE": "1", "TWO": "2"}
	opt := cfg.Options{Getenv: func(name string) (string, bool) { v, ok := env[name]; return v, ok }}
	image, _ := cfg.Preprocess("ser.cfg", []byte(text), opt)
	clear(env)
	prog, diag := cfg.LoadImage(image, fakeCatalog{})
	if diag.Failed() {
		t.Fatal(diag.Err())
	}
	if got := prog.ModParams[0].Str; got != "a 1 2" {
		t.Errorf("%q", got)
	}
}
