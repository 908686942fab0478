package shm_test

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"goser/shm"
	"goser/shm/table"
	"goser/shm/wheel"
)

func newProc(t testing.TB, size int64) *shm.Proc {
	t.Helper()
	a, err := shm.Create("test", size)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return enter(t, a, 1)
}

func enter(t testing.TB, a *shm.Arena, slot int) *shm.Proc {
	t.Helper()
	p, err := a.Enter(slot, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Reap(slot); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestCreateIsSparse(t *testing.T) {
	p := newProc(t, 1<<30)
	if _, _, err := p.Root("slots", 0, 512<<20, 1<<21, nil); err != nil {
		t.Fatal(err)
	}
	var st unix.Stat_t
	if err := unix.Fstat(int(p.Arena().File().Fd()), &st); err != nil {
		t.Fatal(err)
	}
	if used := st.Blocks * 512; used > 200<<10 {
		t.Errorf("an empty arena of 1 GB with a root of 512 MB uses %d bytes", used)
	}
	if err := p.Arena().File().Truncate(4096); err == nil {
		t.Error("the file could be shrunk: a process could make the others fault")
	}
	if err := shm.Check(p.Arena()); err != nil {
		t.Error(err)
	}
}

func TestCreateRefuses(t *testing.T) {
	for _, c := range []struct {
		size int64
		rows int
		want string
	}{
		{0, 0, "want 1048576 to"},
		{-1, 0, "want 1048576 to"},
		{shm.MaxSize + 1, 0, "want 1048576 to"},
		{1 << 20, 5000, "5000 process rows: want 1 to 4094"},
		{1 << 20, 4000, "give more memory"},
	} {
		a, err := shm.CreateWith("test", c.size, shm.Options{Rows: c.rows})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("size %d, rows %d: %v, %v; want an error with %q", c.size, c.rows, a, err, c.want)
		}
	}
}

func TestAttachRefuses(t *testing.T) {
	p := newProc(t, 2<<20)
	header := make([]byte, 4096)
	if _, err := p.Arena().File().ReadAt(header, 0); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(b []byte)
		size   int64
		seal   bool
		want   string
	}{
		"good":     {func(b []byte) {}, 2 << 20, true, ""},
		"unsealed": {func(b []byte) {}, 2 << 20, false, "no memfd sealed"},
		"magic":    {func(b []byte) { b[0] = 'x' }, 2 << 20, true, "not an arena"},
		"version":  {func(b []byte) { b[8]++ }, 2 << 20, true, "layout version 2, this program speaks 1"},
		"layout":   {func(b []byte) { b[16]++ }, 2 << 20, true, "different build"},
		"size":     {func(b []byte) {}, 3 << 20, true, "says it has 2097152 bytes, its file has 3145728"},
		"offset":   {func(b []byte) { b[50]++ }, 2 << 20, true, "damaged"},
		"empty":    {func(b []byte) {}, 0, true, "a file of 0 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			b := append([]byte(nil), header...)
			c.change(b)
			a, err := attachBytes(t, b, c.size, c.seal)
			if err == nil {
				a.Close()
			}
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func attachBytes(t testing.TB, b []byte, size int64, seal bool) (*shm.Arena, error) {
	t.Helper()
	fd, err := unix.MemfdCreate("damaged", unix.MFD_ALLOW_SEALING|unix.MFD_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	f := os.NewFile(uintptr(fd), "damaged")
	defer f.Close()
	if size > 0 {
		if _, err := f.WriteAt(b[:min(int64(len(b)), size)], 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Truncate(size); err != nil {
		t.Fatal(err)
	}
	if seal {
		if _, err := unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, unix.F_SEAL_SHRINK|unix.F_SEAL_GROW); err != nil {
			t.Fatal(err)
		}
	}
	return shm.Attach(fd)
}

func TestRoots(t *testing.T) {
	p := newProc(t, 8<<20)
	r, made, err := p.Root("one", 0, 100, 1<<16, func(b []byte) { b[0] = 42 })
	if err != nil || !made || r.Off%(1<<16) != 0 {
		t.Fatalf("%+v, %v, %v", r, made, err)
	}
	b, err := shm.Attach(int(p.Arena().File().Fd()))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	q := enter(t, b, 2)
	again, made, err := q.Root("one", 0, 100, 1<<16, func([]byte) { t.Error("made twice") })
	if err != nil || made || again != r || b.Bytes(r.Off, 1)[0] != 42 {
		t.Errorf("found %+v, %v, %v; want %+v", again, made, err, r)
	}
	for name, err := range map[string]error{
		"wanted as shm.raw of 200": second(q.Root("one", 0, 200, 0, nil)),
		"want 1 to 64 bytes":       second(q.Root("", 0, 200, 0, nil)),
		"power of two":             second(q.Root("x", 0, 200, 3, nil)),
		"no room":                  second(q.Root("x", 0, 8<<20-65536, 0, nil)),
		"1 to the arena's":         second(q.Root("x", 0, 9<<20, 0, nil)),
	} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want %q", err, name)
		}
	}
	for i := range shm.MaxRoots {
		if _, _, err = p.Root(fmt.Sprint("r", i), 0, 8, 0, nil); err != nil {
			break
		}
	}
	if err == nil || !strings.Contains(err.Error(), "all 512 roots are in use") {
		t.Errorf("one root too many: %v", err)
	}
	if err := shm.Check(b); err != nil {
		t.Error(err)
	}
}

func second(_ shm.Root, _ bool, err error) error { return err }

func TestJoinAndReapRefuse(t *testing.T) {
	p := newProc(t, 8<<20)
	a := p.Arena()
	if _, err := a.Join(1, p.Gen()+1); err == nil {
		t.Error("joined a generation that was not spawned")
	}
	if _, err := a.Spawn(a.Slots(), 0, 0); err == nil {
		t.Error("spawned outside of the table")
	}
	q := enter(t, a, 2)
	if _, err := q.Reap(1); err == nil || !strings.Contains(err.Error(), "alive") {
		t.Errorf("reap of a living process: %v", err)
	}
	if _, err := q.Reap(-1); err == nil {
		t.Error("reap of row -1")
	}
	rows := a.Rows()
	if len(rows) != 2 || rows[0].Pid != os.Getpid() || rows[0].State != shm.Ready || rows[0].Restarts != 0 {
		t.Errorf("rows %+v", rows)
	}
	p.Leave()
	q2 := enter(t, a, 1)
	if r := a.Row(1); r.Restarts != 1 || r.Gen != p.Gen()+1 || q2.Gen() != r.Gen {
		t.Errorf("after a restart: %+v", r)
	}
}

func TestCheckType(t *testing.T) {
	type good struct {
		A uint8
		B [3]int32
		C shm.Ref[string]
		D struct{ E bool }
	}
	type small struct{ A int }
	type deep struct{ A [2]struct{ B string } }
	for _, c := range []struct {
		t    reflect.Type
		want string
	}{
		{reflect.TypeFor[good](), ""},
		{reflect.TypeFor[call](), ""},
		{reflect.TypeFor[shared](), ""},
		{reflect.TypeFor[table.Entry](), ""},
		{reflect.TypeFor[wheel.Node](), ""},
		{reflect.TypeFor[small](), "small.A is int"},
		{reflect.TypeFor[deep](), "deep.A[].B is string"},
		{reflect.TypeFor[*int](), "*int is *int"},
		{reflect.TypeFor[func()](), "func() is func()"},
	} {
		err := shm.CheckType(c.t)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.t, err, c.want)
		}
	}
}

func TestViewsStayInside(t *testing.T) {
	p := newProc(t, 2<<20)
	a := p.Arena()
	off, _ := p.Alloc(shm.KindRaw, 64)
	for _, bad := range []uint64{0, 1, 4096, off + 4, a.Size(), a.Size() - 4, ^uint64(0), ^uint64(0) - 7} {
		if shm.View[uint64](a, bad) != nil {
			t.Errorf("a view at %#x", bad)
		}
	}
	if shm.View[uint64](a, off) == nil || a.Bytes(off, 64) == nil {
		t.Error("no view of a block")
	}
	if a.Bytes(off, a.Size()) != nil || a.Bytes(off, ^uint64(0)) != nil || shm.Slice[uint64](a, off, 1<<61) != nil {
		t.Error("a view beyond the end")
	}
}

// The vectors are those of the SipHash paper's reference implementation: key
// 00..0f, message 00..(n-1).
func TestSipHash(t *testing.T) {
	want := map[int]uint64{
		0: 0x726fdb47dd0e0e31, 1: 0x74f839c593dc67fd, 7: 0xab0200f58b01d137,
		8: 0x93f5f5799a932462, 15: 0xa129ca6149be45e5, 63: 0x958a324ceb064572,
	}
	b := make([]byte, 64)
	for i := range b {
		b[i] = byte(i)
	}
	for n, w := range want {
		if got := shm.SipHash24(0x0706050403020100, 0x0f0e0d0c0b0a0908, b[:n]); got != w {
			t.Errorf("%d bytes: %#x, want %#x", n, got, w)
		}
	}
}

func FuzzAttach(f *testing.F) {
	p, seed := seedArena(f)
	f.Add(uint32(0), []byte("x"), false)
	f.Add(uint32(50), []byte{0xff, 0xff, 0xff, 0xff}, false)
	for off := uint32(0); off < uint32(len(seed)); off += 50021 {
		f.Add(off, []byte{0xff, 0x13, 0x80, 0, 0, 1, 2, 3}, true)
	}
	_ = p
	f.Fuzz(func(t *testing.T, off uint32, change []byte, behind bool) {
		b := append([]byte(nil), seed...)
		first := uint32(0)
		if behind { // the header's sum would catch it: damage what it does not cover
			first = 256
		}
		at := first + off%(uint32(len(b))-first)
		copy(b[at:], change)
		a, err := attachBytes(t, b, int64(len(b)), true)
		if err != nil {
			return
		}
		defer a.Close()
		_ = shm.Check(a)
		a.Usage()
		useDamaged(a)
	})
}

// useDamaged works in an arena that may say anything: errors are fine, leaving
// the mapping is not.
func useDamaged(a *shm.Arena) {
	p, err := a.Enter(3, 1, 0)
	if err != nil {
		return
	}
	_, _ = p.Reap(3)
	a.MarkDead(1)
	_, _ = p.Reap(1)
	w, err := open(p, 1)
	if err != nil {
		return
	}
	for range 20 {
		_ = w.add(w.rnd.Uint64N(100))
	}
	_ = w.memory(60)
	_ = w.messages(4)
	w.wheel.Run(p, 5, func(*shm.Proc, uint64, uint64, uint16) {})
	_ = w.end(3)
	_ = shm.Check(a)
}

func seedArena(t testing.TB) (*shm.Proc, []byte) {
	a, err := shm.CreateWith("seed", 3<<20, shm.Options{Rows: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	p := enter(t, a, 1)
	w, err := open(p, 3)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.round(); err != nil {
		t.Fatal(err)
	}
	return p, append([]byte(nil), a.Raw()...)
}
