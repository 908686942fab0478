package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"time"

	"goser/cmd/sipload/internal/load"
)

// generate runs one scenario in a process of its own, on the generator's CPU.
func (b *bench) generate(ctx context.Context, s *server, sc load.Scenario, flags ...string) (*load.Result, error) {
	const giveUp = 64*500*time.Millisecond + 15*time.Second // 64*T1, and starting and reporting
	ctx, cancel := context.WithTimeout(ctx, b.Warmup+b.Time+2*giveUp)
	defer cancel()
	args := append([]string{
		"on-cpu", fmt.Sprint(b.LoadCPU), "/proc/self/exe",
		string(sc), s.addr, "--json", "--allow-lost", "--allow-failed", "--server-pid", fmt.Sprint(s.cmd.Process.Pid), "--duration", b.Time.String(), "--warmup", b.Warmup.String(), "--ports", "4",
	}, flags...)
	if b.ServerCPU != b.LoadCPU {
		args = append(args, "--spin")
	}
	cmd := exec.CommandContext(ctx, "/proc/self/exe", args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if ctx.Err() != nil {
		return nil, fmt.Errorf("bench: %s to %s: stopped: %w", sc, s.name, ctx.Err())
	}
	if err != nil {
		return nil, fmt.Errorf("bench: %s to %s: %w: %s%s", sc, s.name, err, bytes.TrimSpace(errs.Bytes()), s.status())
	}
	r := &load.Result{}
	if err := json.Unmarshal(out.Bytes(), r); err != nil {
		return nil, fmt.Errorf("bench: the generator's report: %w", err)
	}
	if r.Server == nil {
		return nil, fmt.Errorf("bench: the generator reported nothing about %s", s.name)
	}
	return r, nil
}

// status tells whether the server is still there, for error messages.
func (s *server) status() string {
	select {
	case <-s.done:
		return "; the server ended: " + s.lastWords()
	default:
		return ""
	}
}
