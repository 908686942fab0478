package inflight

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"sort"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"goser/shm/kill"
)

const (
	testSlots = 8
	testBatch = 4
)

func TestMain(m *testing.M) {
	if os.Getenv("INFLIGHT_CHILD") != "" {
		child()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child is a worker reduced to its loop: descriptors 3 memory, 4 socket,
// 5 a pipe that takes the number of each datagram it has handled.
func child() {
	r, err := Open(mapRegion(3), testSlots, testBatch)
	if err != nil {
		panic(err)
	}
	out := os.NewFile(5, "out")
	if n, _ := strconv.Atoi(os.Getenv("INFLIGHT_RECORD")); n > 0 {
		kill.Record()
		loop(r, 4, out, n)
		for name := range must2(kill.Hits()) {
			fmt.Println(name)
		}
		return
	}
	if err := kill.FromEnv(); err != nil {
		panic(err)
	}
	loop(r, 4, out, 1<<30)
}

func must2(m map[string]int, _ int64) map[string]int { return m }

func loop(r *Region, fd int, out io.Writer, count int) {
	pending := r.Recover()
	for done := 0; done < count; {
		var batch []*Slot
		for _, s := range pending {
			s.Set(Running)
			var id [4]byte
			copy(id[:], r.Data(s))
			out.Write(id[:])
			s.Set(Waiting)
			s.Set(Running)
			s.Set(Done)
			batch = append(batch, s)
			done++
		}
		for _, s := range batch {
			r.Release(s)
		}
		pending = pending[:0]
		if done >= count {
			return
		}
		got, errno := r.Receive(fd, r.Arm(), false)
		if errno != 0 {
			continue
		}
		pending = r.Adopt(pending, got, time.Now().UnixNano())
	}
}

func mapRegion(fd int) []byte {
	mem, err := unix.Mmap(fd, 0, int(Size(testSlots)), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		panic(err)
	}
	return mem
}

// bench is one row's memory and socket, which outlive the children.
type bench struct {
	mem  *os.File
	sock *os.File
	send *net.UDPConn
	next uint32
}

func newBench(t *testing.T) *bench {
	t.Helper()
	fd, err := unix.MemfdCreate("inflight", 0)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{mem: os.NewFile(uintptr(fd), "mem")}
	if err := b.mem.Truncate(Size(testSlots)); err != nil {
		t.Fatal(err)
	}
	l, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	b.sock, _ = l.File()
	b.send, err = net.DialUDP("udp4", nil, l.LocalAddr().(*net.UDPAddr))
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	unix.SetNonblock(int(b.sock.Fd()), false)
	t.Cleanup(func() { b.mem.Close(); b.sock.Close(); b.send.Close() })
	return b
}

func (b *bench) datagrams(n int) {
	for range n {
		var d [100]byte
		b.next++
		binary.LittleEndian.PutUint32(d[:], b.next)
		b.send.Write(d[:])
	}
}

// start runs a child; the channel yields what it handles and is closed when it
// is dead.
func (b *bench) start(t *testing.T, env ...string) (*exec.Cmd, chan uint32, func() string) {
	t.Helper()
	r, w, _ := os.Pipe()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), append(env, "INFLIGHT_CHILD=1")...)
	cmd.ExtraFiles = []*os.File{b.mem, b.sock, w}
	stdout, _ := cmd.StdoutPipe()
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	got := make(chan uint32, 1000)
	go func() {
		defer r.Close()
		defer close(got)
		var id [4]byte
		for {
			if _, err := io.ReadFull(r, id[:]); err != nil {
				return
			}
			got <- binary.LittleEndian.Uint32(id[:])
		}
	}()
	return cmd, got, func() string { s, _ := io.ReadAll(stdout); return string(s) }
}

// points asks a recording child which kill points the loop passes.
func points(t *testing.T) []string {
	b := newBench(t)
	b.datagrams(12)
	cmd, _, stdout := b.start(t, "INFLIGHT_RECORD=12")
	text := stdout()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	var names []string
	var name string
	for rest := text; ; {
		if n, _ := fmt.Sscanln(rest, &name); n != 1 {
			break
		}
		names = append(names, name)
		rest = rest[len(name)+1:]
	}
	sort.Strings(names)
	if len(names) < 5 {
		t.Fatalf("only %d kill points: %q", len(names), text)
	}
	return names
}

// A worker that dies at any instruction loses no datagram: everything that was
// sent has been handled by it or is found by its successor.
func TestDeathLosesNothing(t *testing.T) {
	for _, point := range points(t) {
		for _, nth := range []int{1, 2, 5, 9} {
			b := newBench(t)
			b.datagrams(6)
			cmd, got, _ := b.start(t, fmt.Sprintf("GOSER_KILL=%s:%d", point, nth))
			time.Sleep(20 * time.Millisecond)
			b.datagrams(6)
			kills := waitKilled(cmd)
			seen := map[uint32]bool{}
			for id := range got {
				seen[id] = true
			}
			cmd, got, _ = b.start(t)
			for late := time.After(10 * time.Second); len(seen) < int(b.next) && late != nil; {
				select {
				case id := <-got:
					seen[id] = true
				case <-late:
					late = nil
				}
			}
			cmd.Process.Kill()
			cmd.Wait()
			for id := uint32(1); id <= b.next; id++ {
				if !seen[id] {
					t.Errorf("%s:%d (killed: %v): datagram %d of %d is lost", point, nth, kills, id, b.next)
				}
			}
		}
	}
}

func waitKilled(cmd *exec.Cmd) bool {
	done := make(chan struct{})
	go func() {
		select {
		case <-done:
		case <-time.After(100 * time.Millisecond):
			cmd.Process.Kill() // the point was not reached that often: a death while it waits
		}
	}()
	err := cmd.Wait()
	close(done)
	return err != nil
}

// A slot counts a death only while it is being handled.
func TestDeathsAreBlamedOnTheRunningSlot(t *testing.T) {
	mem := make([]byte, Size(testSlots)+pageLen)
	r, err := Open(mem, testSlots, testBatch)
	if err != nil {
		t.Fatal(err)
	}
	s := &r.slots[0]
	for _, st := range []State{Received, Running, Waiting, Running, Done} {
		s.Set(st)
		want := 0
		if st == Running {
			want = 1
		}
		if s.Deaths() != want || s.State() != st {
			t.Errorf("in state %d: %d deaths, want %d", st, s.Deaths(), want)
		}
	}
	s.Set(Running) // and the worker dies; its successor runs it again
	s.Set(Received)
	s.Word = uint32(Running) | 1<<8
	s.Set(Running)
	if s.Deaths() != 2 {
		t.Errorf("after a death and a second run: %d deaths, want 2", s.Deaths())
	}
	s.Set(Free)
	if s.Deaths() != 0 {
		t.Error("a freed slot keeps its deaths")
	}
}

// Whatever a broken predecessor left in the region, the successor stays in
// bounds.
func FuzzRecover(f *testing.F) {
	f.Add([]byte{1, 2, 3}, uint32(0))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, uint32(4000))
	f.Fuzz(func(t *testing.T, junk []byte, at uint32) {
		mem := make([]byte, Size(testSlots))
		if _, err := Open(mem, testSlots, testBatch); err != nil {
			t.Fatal(err)
		}
		copy(mem[16+int(at)%(int(dataOffset(testSlots))-16):dataOffset(testSlots)], junk)
		r, err := Open(mem, testSlots, testBatch)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range r.Recover() {
			_ = r.Data(s)
			r.Release(s)
		}
		if r.Free() != testSlots {
			t.Errorf("%d slots are free, want %d", r.Free(), testSlots)
		}
	})
}

func TestOpenRefusesWrongSizes(t *testing.T) {
	for _, c := range []struct{ bytes, slots, batch int }{{10, 8, 4}, {int(Size(2)), 2, 4}, {int(Size(80)), 80, 65}, {int(Size(2)), 2, 0}} {
		if _, err := Open(make([]byte, c.bytes), c.slots, c.batch); err == nil {
			t.Errorf("%+v was accepted", c)
		}
	}
}
