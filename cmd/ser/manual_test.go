package main

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"goser/cfg/param"
)

var update = flag.Bool("update", false, "write docs/ser.8 anew")

const manualFile = "../../docs/ser.8"

// docs/ser.8 is what the program says of itself.
func TestManualIsUpToDate(t *testing.T) {
	var b strings.Builder
	if code := manual(&b); code != 0 {
		t.Fatal(code)
	}
	if *update {
		if err := os.WriteFile(manualFile, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(manualFile)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(b.String(), string(have)); d != "" {
		t.Errorf("docs/ser.8 is old: go test ./cmd/ser -run Manual -update\n%s", d)
	}
}

func TestManualIsComplete(t *testing.T) {
	var b strings.Builder
	manual(&b)
	page := b.String()
	for _, o := range table {
		if long := `\-\-` + strings.ReplaceAll(o.long, "-", `\-`); !strings.Contains(page, long) {
			t.Errorf("option --%s is missing", o.long)
		}
	}
	for _, p := range param.All() {
		if !p.RTOnly && p.Help != "" && !strings.Contains(page, ".B "+p.Name) {
			t.Errorf("parameter %s is missing", p.Name)
		}
	}
	for line := range strings.Lines(page) {
		if len(line) > 1 && line[0] == '.' && !strings.Contains("TH SH TP PP BR IR RI B br I \\\" ", strings.TrimSpace(strings.SplitN(line[1:], " ", 2)[0])) {
			t.Errorf("not a request of the formatter: %s", line)
		}
	}
}
