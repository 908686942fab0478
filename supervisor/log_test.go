package supervisor

import (
	"os"
	"testing"
)

func TestColorsOnATerminal(t *testing.T) {
	tty, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	file, err := os.Create(t.TempDir() + "/log")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "xterm")
	if !colorful(tty) || colorful(file) {
		t.Errorf("terminal %v, file %v", colorful(tty), colorful(file))
	}
	t.Setenv("TERM", "dumb")
	if colorful(tty) {
		t.Error("colours on a dumb terminal")
	}
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "1")
	if colorful(tty) {
		t.Error("colours although NO_COLOR is set")
	}
}
