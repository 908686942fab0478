package spawn

import (
	"os"

	"golang.org/x/sys/unix"
)

// LockMemory keeps what this process has touched, and will touch, out of swap.
// What is mapped and never touched, most of the arena, costs nothing.
func LockMemory() error {
	return os.NewSyscallError("mlockall", unix.Mlockall(unix.MCL_CURRENT|unix.MCL_FUTURE|unix.MCL_ONFAULT))
}
