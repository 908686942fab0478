package bench

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"
	"time"

	"goser/cmd/sipload/internal/load"
)

// noise is the share of the server's CPU that others may use during a measurement; above it the
// measurement is made again, and noted if it never gets better.
const (
	noise = 0.10
	tries = 3
)

// quietly measures until nobody else used the server's CPU, a few times at most.
func (b *bench) quietly(ctx context.Context, s *server, sc load.Scenario, where string, flags ...string) (*load.Result, error) {
	var best *load.Result
	least := 2.0
	for range tries {
		r, others, err := b.watched(ctx, s, sc, flags...)
		if err != nil {
			return nil, err
		}
		if others < least {
			best, least = r, others
		}
		if others <= noise {
			return r, nil
		}
	}
	b.note("%s: other programs used %.0f %% of the server's CPU", where, 100*least)
	return best, nil
}

// watched measures once and tells which share of the server's CPU others used meanwhile.
func (b *bench) watched(ctx context.Context, s *server, sc load.Scenario, flags ...string) (*load.Result, float64, error) {
	busy, err := cpuBusy(b.ServerCPU)
	if err != nil {
		return nil, 0, err
	}
	own, err := s.tree.CPU()
	if err != nil {
		return nil, 0, err
	}
	start := time.Now()
	r, err := b.generate(ctx, s, sc, flags...)
	if err != nil {
		return nil, 0, err
	}
	elapsed := time.Since(start)
	busy2, err := cpuBusy(b.ServerCPU)
	if err != nil {
		return nil, 0, err
	}
	own2, err := s.tree.CPU()
	if err != nil {
		return nil, 0, err
	}
	others := (busy2 - busy) - (own2 - own)
	return r, max(0, float64(others)/float64(elapsed)), nil
}

// cpuBusy is how long a CPU was not idle, or taken away by the hypervisor, since boot.
func cpuBusy(cpu int) (time.Duration, error) {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, fmt.Errorf("bench: %w", err)
	}
	return parseBusy(b, cpu)
}

// parseBusy reads the line of one CPU: user nice system idle iowait irq softirq steal, in 10 ms.
func parseBusy(stat []byte, cpu int) (time.Duration, error) {
	for line := range bytes.Lines(stat) {
		f := bytes.Fields(line)
		if len(f) < 9 || string(f[0]) != "cpu"+strconv.Itoa(cpu) {
			continue
		}
		var ticks int64
		for _, i := range []int{1, 2, 3, 6, 7, 8} {
			n, err := strconv.ParseInt(string(f[i]), 10, 64)
			if err != nil {
				return 0, fmt.Errorf("bench: /proc/stat: %w", err)
			}
			ticks += n
		}
		return time.Duration(ticks) * 10 * time.Millisecond, nil
	}
	return 0, fmt.Errorf("bench: /proc/stat says nothing of CPU %d", cpu)
}
