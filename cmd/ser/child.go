package main

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"goser/supervisor"
	"goser/supervisor/spawn"
	"goser/worker/handoff"
)

// child is the life of a worker.
func child() int {
	os.Unsetenv(handoff.Env)
	b, err := handoff.Read()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return supervisor.Failed
	}
	// Until here the working directory is /proc, in a chroot outside of it.
	if err := unix.Chdir(b.Dir); err != nil {
		return refuse(b, fmt.Errorf("working directory %s: %w", b.Dir, err))
	}
	if b.LockMemory {
		_ = spawn.LockMemory() // the supervisor has said it if that is refused
	}
	return work(b)
}

// refuse tells the supervisor why this process cannot serve.
func refuse(b *handoff.Birth, err error) int {
	f := os.NewFile(uintptr(b.ReadyFD), "ready")
	_ = handoff.Report{Index: b.Index, Generation: b.Generation, Err: err.Error()}.Say(f)
	return supervisor.Failed
}
