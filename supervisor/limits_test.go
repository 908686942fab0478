package supervisor

import (
	"errors"
	"testing"
)

func TestArenaSize(t *testing.T) {
	if got := arenaSize(7); got != 7<<20 {
		t.Errorf("-m 7 is %d bytes", got)
	}
	if got := arenaSize(0); got < leastArena || got > mostArena {
		t.Errorf("without -m: %d bytes", got)
	}
}

func TestMemTotal(t *testing.T) {
	if got := memTotal([]byte("MemTotal:       24683520 kB\nMemFree: 1 kB\n")); got != 24683520<<10 {
		t.Errorf("got %d", got)
	}
	if got := memTotal([]byte("nonsense")); got != noLimit {
		t.Errorf("got %d", got)
	}
}

func TestGroupLimit(t *testing.T) {
	files := map[string]string{
		"/sys/fs/cgroup/system.slice/ser.service/memory.max":   "max\n",
		"/sys/fs/cgroup/system.slice/memory.max":               "536870912\n",
		"/sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes": "9223372036854771712\n",
		"/sys/fs/cgroup/memory/docker/memory.limit_in_bytes":   "268435456\n",
		"/sys/fs/cgroup/memory.max":                            "garbage",
	}
	read := func(name string) ([]byte, error) {
		if s, ok := files[name]; ok {
			return []byte(s), nil
		}
		return nil, errors.New("not there")
	}
	for groups, want := range map[string]int64{
		"0::/system.slice/ser.service\n": 512 << 20, // a parent's limit counts
		"0::/\n":                         noLimit,
		"4:memory:/docker/x\n3:cpu,cpuacct:/docker/x\n": 256 << 20,
		"4:cpu,memory:/docker/x\n":                      256 << 20,
		"":                                              noLimit,
		"rubbish":                                       noLimit,
	} {
		if got := groupLimit(groups, read); got != want {
			t.Errorf("%q: %d, want %d", groups, got, want)
		}
	}
}
