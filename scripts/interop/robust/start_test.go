package robust

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"goser/scripts/interop/internal/peer"
)

// What an operator can get wrong at start: the reason is on stderr, the exit code is 255, and nothing
// is left running (start checks that).
func TestBadStart(t *testing.T) {
	t.Parallel()
	ok := peer.Expand(answerAll, map[string]string{"PORT": "29999"})
	cases := []struct {
		name, config string
		args, want   []string
	}{
		{"missing parenthesis", strings.Replace(ok, `"OK");`, `"OK";`, 1), nil, []string{"bad.cfg:6:", "^"}},
		{"unknown function", strings.Replace(ok, "sl_send_reply", "sl_sent_reply", 1), nil, []string{"bad.cfg:6:17", "sl_sent_reply", "sl_send_reply", "^"}},
		{"unknown parameter", ok + "childern=3\n", nil, []string{"bad.cfg:7:1", "childern", "children", "^"}},
		{"missing module", ok + "loadmodule \"no_such_module\"\n", nil, []string{"bad.cfg:7:", "no_such_module"}},
		{"missing route", strings.Replace(ok, "sl_send_reply(\"200\", \"OK\")", "route(NOWHERE)", 1), nil, []string{"bad.cfg:6:", "NOWHERE", "^"}},
		{"foreign address", strings.Replace(ok, "127.0.0.1:29999", "192.0.2.77:29999", 1), nil, []string{"192.0.2.77:29999"}},
		{"too little memory", "loadmodule \"tm\"\n" + ok, []string{"-m", "1", "-n", "100"}, []string{"memory", "raise -m"}},
		{"unknown option", ok, []string{"-j"}, []string{"-j"}},
		{"unknown user", ok, []string{"-u", "nobody-of-this-name"}, []string{"nobody-of-this-name"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			out, code := start(t, c.config, c.args...)
			if code != 255 {
				t.Errorf("exit code %d, want 255", code)
			}
			for _, want := range c.want {
				if !strings.Contains(out, want) {
					t.Errorf("the reason does not contain %q:\n%s", want, out)
				}
			}
		})
	}
}

func TestStartWithoutFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "missing.cfg")
	out, code := startFile(t, nil, "-f", file, "-DD", "-E")
	if code != 255 || !strings.Contains(out, file) || !strings.Contains(strings.ToLower(out), "no such file") {
		t.Errorf("exit code %d, want 255 and the file's name:\n%s", code, out)
	}
}

// A file that may not be read, and a port that may not be bound. Root may do everything, so root
// becomes somebody else first.
func TestStartWithoutPermission(t *testing.T) {
	t.Parallel()
	var nobody *syscall.Credential
	if os.Getuid() == 0 {
		nobody = &syscall.Credential{Uid: 65534, Gid: 65534}
	}
	dir, err := os.MkdirTemp("/tmp", "goser-start-") // t.TempDir belongs to root alone
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	share(t, dir, 0o755)
	secret, low := filepath.Join(dir, "secret.cfg"), filepath.Join(dir, "low.cfg")
	write(t, secret, answerAll, 0o000)
	write(t, low, peer.Expand(answerAll, map[string]string{"PORT": "99"}), 0o644)
	binary := filepath.Join(dir, "ser")
	data, err := os.ReadFile(peer.Binary(t, "ser"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, binary, string(data), 0o755)
	for _, c := range []struct{ file, want string }{{secret, "secret.cfg"}, {low, "127.0.0.1:99"}} {
		out, code := startProgram(t, binary, nobody, "-f", c.file, "-DD", "-E")
		if code != 255 || !strings.Contains(out, c.want) || !strings.Contains(strings.ToLower(out), "permission denied") {
			t.Errorf("exit code %d, want 255, %q and permission denied:\n%s", code, c.want, out)
		}
	}
}

func write(t *testing.T, file, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	share(t, file, mode)
}

func share(t *testing.T, file string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(file, mode); err != nil {
		t.Fatal(err)
	}
}
