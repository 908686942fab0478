package listen

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// OpenRaw opens the socket of udp4_raw. It is only sent by: with IPPROTO_RAW nothing is received.
func OpenRaw() (int, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.IPPROTO_RAW)
	if errors.Is(err, unix.EPERM) {
		return 0, fmt.Errorf("udp4_raw=1: %w (needs root or CAP_NET_RAW; -1 goes on without)", err)
	}
	if err != nil {
		return 0, fmt.Errorf("udp4_raw: %w", os.NewSyscallError("socket", err))
	}
	return fd, nil
}
