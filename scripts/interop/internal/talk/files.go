package talk

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// writeFiles makes the folder @DIR@ of a case.
func (k *Talk) writeFiles(t testing.TB, files map[string]string) {
	t.Helper()
	if files == nil {
		return
	}
	k.dir = t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(k.dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// readFiles writes down what the server has left there.
func (k *Talk) readFiles(t testing.TB) {
	t.Helper()
	if k.dir == "" {
		return
	}
	entries, err := os.ReadDir(k.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(k.dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		k.out = append(k.out, "==== file "+e.Name())
		k.out = append(k.out, strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")...)
	}
}

// answered waits, in a case with files, until the one who has sent something gets something: a message that waits
// for a database is overtaken by others.
func (k *Talk) answered(name string) {
	raw, err := k.ends[name].conn.SyscallConn()
	if k.dir == "" || err != nil {
		return
	}
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		n := -1
		_ = raw.Control(func(fd uintptr) {
			n, _, _ = syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_DONTWAIT|syscall.MSG_PEEK)
		})
		if n >= 0 {
			return
		}
	}
}
