package supervisor

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"goser/cfg/param"
	"goser/supervisor/listen"
	"goser/worker/handoff"
	"goser/worker/inflight"
)

const (
	mostArena  = 1 << 30   // without -m the arena is no larger
	leastArena = 32 << 20  // and no smaller: the original's default
	noLimit    = 1<<63 - 1 // of a control group
)

// arenaSize is the limit of shared memory in bytes. Without one it follows the
// machine or the control group, whichever is smaller: a quarter of it.
func arenaSize(mb int) int64 {
	if mb > 0 {
		return int64(mb) << 20
	}
	total := int64(noLimit)
	if b, err := os.ReadFile("/proc/meminfo"); err == nil {
		total = memTotal(b)
	}
	if b, err := os.ReadFile("/proc/self/cgroup"); err == nil {
		total = min(total, groupLimit(string(b), os.ReadFile))
	}
	return max(min(total/4, mostArena), leastArena)
}

// inFlight is the memory for datagrams that the receivers are working on, in whole
// megabytes. It is no part of -m: init scripts give the 64 MB that the original
// needs, which knows no such memory, for any number of children.
func (s *server) inFlight(rows []*row) (n int64) {
	each := inflight.Size(inflight.Slots(s.Values.Int(param.MaxWaiting), s.Values.Int(param.UDPBatch)))
	each = (each + 4095) &^ 4095
	for _, r := range rows {
		if r.birth.Role == handoff.RoleUDP {
			n += each
		}
	}
	return (n + 1<<20 - 1) &^ (1<<20 - 1)
}

// memTotal reads /proc/meminfo.
func memTotal(b []byte) int64 {
	for sc := bufio.NewScanner(bytes.NewReader(b)); sc.Scan(); {
		f := strings.Fields(sc.Text())
		if len(f) >= 2 && f[0] == "MemTotal:" {
			if kb, err := strconv.ParseInt(f[1], 10, 64); err == nil {
				return kb << 10
			}
		}
	}
	return noLimit
}

// groupLimit is the smallest memory limit of the control group (version 2:
// "0::/path", version 1: "n:memory:/path") and of those above it.
func groupLimit(groups string, read func(string) ([]byte, error)) int64 {
	limit := int64(noLimit)
	for line := range strings.Lines(groups) {
		f := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(f) != 3 {
			continue
		}
		base, file := "/sys/fs/cgroup", "memory.max"
		if slices.Contains(strings.Split(f[1], ","), "memory") {
			base, file = "/sys/fs/cgroup/memory", "memory.limit_in_bytes"
		} else if f[1] != "" {
			continue
		}
		for path := f[2]; ; path = path[:strings.LastIndexByte(path, '/')] {
			if b, err := read(base + strings.TrimSuffix(path, "/") + "/" + file); err == nil {
				if n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64); err == nil {
					limit = min(limit, n)
				}
			}
			if strings.LastIndexByte(path, '/') < 0 {
				break
			}
		}
	}
	return limit
}

// raiseLimits sets the limits that children inherit.
func (s *server) raiseLimits() error {
	s.limitCore()
	want := s.Values.Int(param.OpenFilesLimit)
	if want <= 0 {
		return nil
	}
	var r unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &r); err != nil {
		return fmt.Errorf("open_files_limit: %w", err)
	}
	if r.Cur >= uint64(want) {
		return nil
	}
	r.Cur, r.Max = uint64(want), max(r.Max, uint64(want))
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &r); err != nil {
		return fmt.Errorf("open_files_limit=%d: %w", want, err)
	}
	return nil
}

// limitCore does what disable_core_dump says, or as much of it as is allowed.
func (s *server) limitCore() {
	r := unix.Rlimit{}
	if !s.Values.Bool(param.DisableCoreDump) {
		r = unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY}
	}
	err := unix.Setrlimit(unix.RLIMIT_CORE, &r)
	if err != nil && unix.Getrlimit(unix.RLIMIT_CORE, &r) == nil {
		r.Cur = r.Max
		err = unix.Setrlimit(unix.RLIMIT_CORE, &r)
	}
	if err != nil {
		s.log.Warn("core dump limit stays as it is", "reason", err.Error())
	}
}

func tuning(v *param.Values) listen.Tuning {
	return listen.Tuning{
		MaxBuffer: v.Int(param.Maxbuffer), TOS: v.Int(param.TOS), PMTU: v.Bool(param.PMTUDiscovery),
		McastLoop: v.Bool(param.McastLoopback), McastTTL: v.Int(param.McastTTL),
		Mcast: v.Text(param.Mcast), MaxSend: v.Int(param.Maxsndbuffer), FreeBind: v.Int(param.IPFreeBind),
	}
}
