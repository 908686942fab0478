package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// rule says what the packages below a path may import of this module, beside
// their own family.
type rule struct {
	path   string   // below the module's name; the longest that fits counts
	may    []string // packages, or families with "/..." behind
	others bool     // libraries beyond the standard one are allowed
	why    string
}

var rules = []rule{
	{"cfg", nil, false, "the language is a library that a formatter, a linter and an editor use without a server"},
	{"sip", nil, false, "the wire is a library: no I/O, no globals, no processes"},
	{"shm", nil, true, "the arena knows nothing of those who keep things in it; x/sys is its only library"},
	{"supervisor/policy", nil, false, "decisions make no system calls"},
	{"supervisor/spawn", nil, true, "starting processes knows nothing of what they are"},
	{"supervisor/listen", []string{"cfg/...", "worker/handoff"}, true, "sockets come from the configuration and go to the workers' birth record"},
	{
		"supervisor",
		[]string{"cfg/...", "shm/...", "worker/handoff", "worker/inflight", "worker/module", "worker/logger", "worker/report"},
		true,
		"the master handles no SIP; it shares with the workers the birth record, the declarations of modules, the size of the memory for datagrams in flight, and the log with its memory reports, which is one log in one format",
	},
	{"worker/handoff", []string{"cfg/..."}, false, "the birth record is read by both sides and depends on neither"},
	{"worker/report", []string{"cfg/...", "shm/...", "worker/logger"}, false, "memory reports are written by master and workers alike"},
	{"worker/logger", nil, true, "the log is used by master and workers and knows neither"},
	{"worker/inflight", []string{"shm/..."}, true, "datagrams in flight are bytes in the arena"},
	{"worker/transport", []string{"shm/...", "worker/inflight"}, true, "transports move bytes"},
	{"worker/script", []string{"worker/module/...", "cfg/...", "sip/...", "shm/..."}, false, "the engine reaches the world through the contract only"},
	{"worker/module/all", []string{"worker/module/...", "worker/script"}, false, "the import list is the one place that knows every module"},
	{"worker/module/api", []string{"sip/...", "shm/...", "worker/module"}, false, "what modules share are interfaces"},
	{"worker/module/moduletest", []string{"worker/module", "worker/module/api", "cfg/...", "sip/...", "shm/...", "worker/script"}, false, "the worker of the modules' tests"},
	{
		"worker/module/*",
		[]string{"worker/module", "worker/module/api/...", "cfg/check", "cfg/ere", "sip/...", "shm/..."},
		false,
		"a module touches only what worker/module hands it, and the types and regular expressions of the language that the contract is made of: never another module, the worker, a transport or the supervisor",
	},
	{"worker/module", []string{"cfg/...", "sip/...", "shm/..."}, false, "the contract knows the language and the wire, not the worker"},
	{"worker", []string{"worker/...", "cfg/...", "sip/...", "shm/..."}, true, "the worker knows nothing of the supervisor, and modules only through the registry"},
}

// apart are what the worker itself may not import although it is in its family.
func apart(pkg, imp string) string {
	if pkg == "worker" && strings.HasPrefix(imp, "worker/module/") && imp != "worker/module/api" {
		return "the worker knows modules only through the registry, so that they can be left out"
	}
	if pkg == "worker/module" && strings.HasPrefix(imp, "worker/module/") {
		return "modules register with the contract; the contract knows none of them"
	}
	return ""
}

const ours = "goser/"

type listed struct {
	ImportPath string
	Imports    []string
	Standard   bool
}

// TestLayout holds the directions in which imports point.
func TestLayout(t *testing.T) {
	out, err := exec.Command("go", "list", "-e", "-json=ImportPath,Imports", "goser/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	seen := 0
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		seen++
		pkg := strings.TrimPrefix(p.ImportPath, ours)
		r, ok := ruleFor(pkg)
		if !ok {
			continue
		}
		for _, imp := range p.Imports {
			if why := r.refuses(pkg, imp); why != "" {
				t.Errorf("%s imports %s: %s", p.ImportPath, imp, why)
			}
		}
	}
	if seen < 10 {
		t.Errorf("go list knows only %d packages", seen)
	}
}

func ruleFor(pkg string) (best rule, ok bool) {
	for _, r := range rules {
		if r.covers(pkg) && len(r.path) > len(best.path) {
			best, ok = r, true
		}
	}
	return best, ok
}

func (r rule) covers(pkg string) bool {
	if base, star := strings.CutSuffix(r.path, "/*"); star {
		return strings.HasPrefix(pkg, base+"/")
	}
	return family(pkg, r.path)
}

func family(pkg, path string) bool { return pkg == path || strings.HasPrefix(pkg, path+"/") }

// refuses tells why pkg may not import imp; empty: it may.
func (r rule) refuses(pkg, imp string) string {
	own, isOwn := strings.CutPrefix(imp, ours)
	if !isOwn {
		if !r.others && strings.Contains(strings.Split(imp, "/")[0], ".") {
			return "only the standard library here: " + r.why
		}
		return ""
	}
	if why := apart(pkg, own); why != "" {
		return why
	}
	if family(own, r.home(pkg)) {
		return ""
	}
	for _, m := range r.may {
		if base, all := strings.CutSuffix(m, "/..."); all && family(own, base) || own == m {
			return ""
		}
	}
	return r.why
}

// home is the family of a package: of a module its own folder.
func (r rule) home(pkg string) string {
	base, star := strings.CutSuffix(r.path, "/*")
	if !star {
		return r.path
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(pkg, base+"/"), "/")
	return base + "/" + name
}

// The rules themselves: what they must refuse and what not.
func TestLayoutRules(t *testing.T) {
	for _, c := range []struct {
		pkg, imp string
		ok       bool
	}{
		{"cfg/check", "goser/cfg/syntax", true},
		{"cfg/check", "goser/shm", false},
		{"cfg", "golang.org/x/sys/unix", false},
		{"sip", "goser/worker/module", false},
		{"shm/table", "goser/shm", true},
		{"shm", "golang.org/x/sys/unix", true},
		{"worker/module/sl", "goser/worker/module", true},
		{"worker/module/sl", "goser/worker/module/maxfwd", false},
		{"worker/module/sl", "goser/worker", false},
		{"worker/module/sl", "goser/worker/module/sl/internal", true},
		{"worker/module", "goser/worker/module/sl", false},
		{"worker", "goser/worker/module/sl", false},
		{"worker", "goser/worker/module", true},
		{"worker", "goser/supervisor", false},
		{"supervisor", "goser/sip", false},
		{"supervisor", "goser/worker/logger", true},
		{"supervisor/policy", "goser/worker/handoff", false},
		{"worker/script", "goser/worker", false},
	} {
		r, ok := ruleFor(c.pkg)
		if !ok {
			t.Errorf("no rule for %s", c.pkg)
			continue
		}
		if why := r.refuses(c.pkg, c.imp); (why == "") != c.ok {
			t.Errorf("%s imports %s: %q, allowed should be %v", c.pkg, c.imp, why, c.ok)
		}
	}
}
