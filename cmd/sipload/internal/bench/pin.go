package bench

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// Pin makes this program run on one CPU only. The Go runtime has started threads by now that cannot
// be reached, so the program starts itself again, in the same process, from a thread that is bound.
func Pin(cpu int) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err == nil && set.Count() == 1 && set.IsSet(cpu) {
		return nil
	}
	if err := bind(cpu); err != nil {
		return err
	}
	return fmt.Errorf("cannot start again on CPU %d: %w", cpu, unix.Exec("/proc/self/exe", os.Args, os.Environ()))
}

func bind(cpu int) error {
	var set unix.CPUSet
	set.Set(cpu)
	if err := unix.SchedSetaffinity(0, &set); err != nil {
		return fmt.Errorf("cannot run on CPU %d: %w", cpu, err)
	}
	return nil
}

// OnCPU is "sipload on-cpu N COMMAND...", with which bench starts servers and generators: bound to a
// CPU, and told to end when bench itself dies. (That order belongs to a thread, so it has to be
// given here, by the thread that becomes the program.)
func OnCPU(args []string) error {
	if len(args) < 2 {
		return errors.New("usage: sipload on-cpu N COMMAND [ARGUMENT...]")
	}
	cpu, err := strconv.Atoi(args[0])
	if err != nil {
		return fmt.Errorf("on-cpu: %q is no CPU number", args[0])
	}
	path, err := exec.LookPath(args[1])
	if err != nil {
		return err
	}
	runtime.LockOSThread()
	if err := bind(cpu); err != nil {
		return err
	}
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGTERM), 0, 0, 0); err != nil {
		return fmt.Errorf("on-cpu: %w", err)
	}
	return fmt.Errorf("%s: %w", path, unix.Exec(path, args[1:], os.Environ()))
}
