package report

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"goser/shm"
	"goser/worker/logger"
)

var kindTest = shm.NewKind(shm.KindInfo{Name: "report.test"})

// lines are what f writes, on a socket that takes few at once and is read
// slowly: a report is complete all the same.
func lines(t *testing.T, debug int, f func(*logger.Handler)) []string {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.SetsockoptInt(fds[1], unix.SOL_SOCKET, unix.SO_SNDBUF, 8<<10); err != nil {
		t.Fatal(err)
	}
	if err := unix.SetNonblock(fds[0], false); err != nil {
		t.Fatal(err)
	}
	out := make(chan []string)
	go func() {
		var all []string
		buf := make([]byte, 64<<10)
		for {
			n, err := unix.Read(fds[0], buf)
			if err == unix.EINTR {
				continue
			}
			if n <= 0 {
				out <- all
				return
			}
			_, text, _ := strings.Cut(string(buf[:n]), ") ")
			all = append(all, strings.TrimSuffix(text, "\n"))
		}
	}()
	f(logger.New(logger.Options{Debug: debug, Stderr: true, FD: fds[1]}))
	unix.Close(fds[1])
	defer unix.Close(fds[0])
	return <-out
}

func arena(t *testing.T) (*shm.Arena, *shm.Proc) {
	t.Helper()
	a, err := shm.Create("report-test", 32<<20)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	p, err := a.Enter(1, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 400 {
		off, ok := p.Alloc(kindTest, uint64(i+1)*16)
		if !ok {
			t.Fatal("no memory")
		}
		if i%4 != 0 {
			_ = p.Publish(off)
		}
	}
	return a, p
}

func TestFlagsAndLevel(t *testing.T) {
	a, _ := arena(t)
	heads := map[int]string{
		PrivateBlocks: "Memory status (pkg):", SharedBlocks: "Memory status (shm):",
		PrivateSums: "Memory still-in-use summary (pkg):", SharedSums: "Memory still-in-use summary (shm):",
	}
	for what := range 32 {
		got := strings.Join(lines(t, logger.Info, func(h *logger.Handler) {
			m := Memory{Log: h, Level: logger.Notice, What: what}
			if want := what&15 != 0; m.On() != want {
				t.Errorf("On with mem_summary=%d is %v", what, m.On())
			}
			m.Private()
			m.Shared(a)
		}), "\n")
		for bit, head := range heads {
			if strings.Contains(got, "NOTICE: "+head) != (what&bit != 0) {
				t.Errorf("mem_summary=%d: %q in the report: %v", what, head, what&bit == 0)
			}
		}
		if long := strings.Contains(got, "dumping all"); long != (what&3 != 0 && what&Short == 0) {
			t.Errorf("mem_summary=%d: dumps blocks: %v", what, long)
		}
	}
	if got := lines(t, logger.Warn, func(h *logger.Handler) {
		m := Memory{Log: h, Level: logger.Notice, What: 15}
		m.Private()
		m.Shared(a)
	}); len(got) != 0 {
		t.Errorf("memlog above debug writes %q", got[0])
	}
}

func numbers(t *testing.T, text, pattern string) (list []uint64) {
	t.Helper()
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		n, err := strconv.ParseUint(m[1], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, n)
	}
	if len(list) == 0 {
		t.Fatalf("no %q in\n%s", pattern, text)
	}
	return list
}

func sum(list []uint64) (n uint64) {
	for _, v := range list {
		n += v
	}
	return n
}

// The lines name at least 95 % of what is in use.
func TestReportsAreComplete(t *testing.T) {
	a, _ := arena(t)
	var keep [][]byte
	for i := range 1000 {
		keep = append(keep, make([]byte, i*100))
	}
	got := strings.Join(lines(t, logger.Info, func(h *logger.Handler) {
		m := Memory{Log: h, Level: logger.Notice, What: PrivateBlocks | SharedBlocks}
		m.Private()
		m.Shared(a)
	}), "\n")
	for _, who := range []string{"pkg_status", "shm_status"} {
		used := numbers(t, got, who+`: used= (\d+)`)[0]
		named := sum(numbers(t, got, who+`:  count= *\d+ size= *(\d+) bytes (?:in|\(asked)`))
		if named < used*95/100 || named > used*105/100 {
			t.Errorf("%s: %d of %d bytes are named", who, named, used)
		}
	}
	if !strings.Contains(got, "from report.test in class 6160, process 1") || !strings.Contains(got, "from report.test in class 6160, shared") {
		t.Errorf("kind, class and owner are missing in\n%s", got)
	}
	if len(keep) == 0 {
		t.Error(keep)
	}
}
