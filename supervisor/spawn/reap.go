package spawn

import (
	"fmt"
	"syscall"
)

// Exit is the end of one process.
type Exit struct {
	Pid    int
	Status syscall.WaitStatus
}

// String tells how it ended, as the log says it.
func (e Exit) String() string {
	switch st := e.Status; {
	case st.Signaled() && st.CoreDump():
		return fmt.Sprintf("killed by signal %d (%v), core dumped", st.Signal(), st.Signal())
	case st.Signaled():
		return fmt.Sprintf("killed by signal %d (%v)", st.Signal(), st.Signal())
	default:
		return fmt.Sprintf("exited with status %d", st.ExitStatus())
	}
}

// Reap collects every child that has ended. It is the only place of the process
// that waits for children, so a pid that it has not returned yet is still the
// child's and safe to signal. It also collects orphans that a container's init
// process inherits.
func Reap() []Exit {
	var dead []Exit
	for {
		var e Exit
		pid, err := syscall.Wait4(-1, &e.Status, syscall.WNOHANG, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || pid <= 0 {
			return dead
		}
		e.Pid = pid
		dead = append(dead, e)
	}
}
