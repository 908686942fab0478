package param

import (
	"strings"
	"testing"
)

// Lines of files for SER 0.8 to 2.0 and OpenSER 1: each is taken, has no effect, and its warning says why.
func TestOldFilesAreTaken(t *testing.T) {
	for _, tc := range []struct {
		name string
		val  Value
	}{
		{"fifo", Str("/tmp/ser_fifo")},
		{"fifo_mode", Num(0o666)},
		{"fifo_user", Bare("root")},
		{"fifo_group", Num(0)},
		{"unixsock", Str("/tmp/ser_sock")},
		{"unix_sock_mode", Num(0o600)},
		{"loop_checks", Bare("yes")},
		{"loop_checks", Num(0)},
		{"tls_threads_mode", Num(2)},
		{"statistics", Str("/tmp/statsfile.ser")},
	} {
		p := Lookup(tc.name)
		if p == nil {
			t.Errorf("%s is unknown", tc.name)
			continue
		}
		if err := Set(NewValues(), p, tc.val); err != nil {
			t.Errorf("%s = %v: %v", tc.name, tc.val, err)
		}
		if w := p.Warning(); !strings.HasPrefix(w, p.Name+": accepted, but has no effect: ") || strings.HasSuffix(w, ": ") {
			t.Errorf("%s: the warning is %q", tc.name, w)
		}
	}
	if err := Set(NewValues(), Lookup("fifo"), Value{}); err == nil {
		t.Error("fifo without a value was taken")
	}
}
