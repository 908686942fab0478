package shm_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"sync/atomic"
	"time"
	"unsafe"

	"goser/shm"
	"goser/shm/conf"
	"goser/shm/counter"
	"goser/shm/ring"
	"goser/shm/table"
	"goser/shm/wheel"
)

// call is what the tests keep in the arena: found by hash, with a timer, with a
// block of its own, and with contents that can be verified.
type call struct {
	table.Entry
	Timer wheel.Node
	Body  shm.Own[[100]byte]
	ID    uint64
	Sum   uint64
}

var callKind shm.Kind

func init() {
	callKind = shm.NewKindOf[call](shm.KindInfo{Name: "test.call", Release: func(p *shm.Proc, off uint64) {
		if w, err := wheel.Open(p, "wheel", 0); err == nil {
			w.Cancel(p, timerOf(off))
		}
	}})
}

func timerOf(off uint64) uint64 { return off + uint64(unsafe.Offsetof(call{}.Timer)) }

// world is a process's view of the structures under test.
type world struct {
	p      *shm.Proc
	a      *shm.Arena
	calls  *table.Table
	wheel  *wheel.Wheel
	ring   *ring.Ring
	count  *counter.Set
	conf   *conf.Table
	done   counter.ID
	lane   counter.Lane
	state  *shared
	rnd    *rand.Rand
	roots  bool
	hammer bool // no pauses
	rec    [64]byte
}

// shared lives in a root of its own.
type shared struct {
	Clock uint64
	Lock  shm.Mutex
	_     uint32
	Names uint64
}

const (
	maxCalls = 300
	buckets  = 64
)

func open(p *shm.Proc, seed uint64) (*world, error) {
	w := &world{p: p, a: p.Arena(), rnd: rand.New(rand.NewPCG(seed, 1))}
	var errs [7]error
	w.calls, errs[0] = table.Open(p, "calls", table.Options{Buckets: buckets, Max: maxCalls})
	w.wheel, errs[1] = wheel.Open(p, "wheel", 0)
	w.ring, errs[2] = ring.Open(p, "ring", ring.Options{Cells: 16, Record: 64})
	w.count, errs[3] = counter.Open(p, 256)
	w.conf, errs[6] = conf.Open(p, []conf.Decl{{Group: "test", Name: "text", Instance: -1, IsStr: true, Str: "same same "}})
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	w.done, errs[4] = w.count.Register(p, "test.done")
	w.lane = w.count.Lane(p)
	r, _, err := p.Root("shared", 0, uint64(unsafe.Sizeof(shared{})), 0, nil)
	errs[5] = err
	w.state = shm.View[shared](p.Arena(), r.Off)
	return w, errors.Join(errs[:]...)
}

func idHash(a *shm.Arena, id uint64) uint64 {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], id)
	return a.Hash(b[:])
}

func sum(b []byte) uint64 {
	f := fnv.New64a()
	f.Write(b)
	return f.Sum64()
}

// add makes a call and sets its timer. Full and out of memory are answers.
func (w *world) add(id uint64) error {
	off, ok := w.p.Alloc(callKind, uint64(unsafe.Sizeof(call{})))
	if !ok {
		return nil
	}
	c := shm.View[call](w.a, off)
	body, ok := w.p.Alloc(shm.KindRaw, 100)
	if !ok {
		return w.p.Free(off)
	}
	b := w.a.Bytes(body, 100)
	for i := range b {
		b[i] = byte(id) + byte(i)
	}
	c.ID, c.Sum, c.Timer.Arg = id, sum(b), idHash(w.a, id)
	c.Body = shm.Own[[100]byte](body)
	if err := w.p.Publish(body); err != nil {
		return err
	}
	g := w.calls.Lock(w.p, c.Timer.Arg)
	defer g.Unlock()
	if err := g.Insert(off); err != nil {
		if err := w.p.FreeTree(off); err != nil {
			return fmt.Errorf("free a call that found no room: %w", err)
		}
		return nil
	}
	at := atomic.LoadUint64(&w.state.Clock) + w.rnd.Uint64N(700)
	w.wheel.Add(w.p, timerOf(off), at)
	return nil
}

// remove takes a call out under its lock, then its timer, then its memory.
func (w *world) remove(g table.Guard, off uint64) error {
	if err := g.Remove(off); err != nil {
		return fmt.Errorf("remove: %w", err)
	}
	w.wheel.Cancel(w.p, timerOf(off))
	if err := w.p.FreeTree(off); err != nil {
		return fmt.Errorf("free a removed call: %w", err)
	}
	return nil
}

func (w *world) verify(off uint64) error {
	c := shm.View[call](w.a, off)
	if b := c.Body.Get(w.a); b == nil || sum(b[:]) != c.Sum || b[0] != byte(c.ID) {
		return fmt.Errorf("call %d at %#x is damaged", c.ID, off)
	}
	return nil
}

// fire is the handler: half of the calls live on, half end.
func (w *world) fire(failed *error) wheel.Handler {
	return func(p *shm.Proc, node, arg uint64, _ uint16) {
		off := node - uint64(unsafe.Offsetof(call{}.Timer))
		g := w.calls.Lock(p, arg)
		defer g.Unlock()
		if !g.Holds(off) || !w.wheel.Mine(p, node) {
			return
		}
		if err := w.verify(off); err != nil {
			*failed = err
		}
		if w.rnd.IntN(2) == 0 {
			w.wheel.Add(p, node, atomic.LoadUint64(&w.state.Clock)+w.rnd.Uint64N(300))
			return
		}
		w.lane.Add(w.done, 1)
		if err := w.remove(g, off); err != nil {
			*failed = err
		}
	}
}

func (w *world) tick(n uint64) (err error) {
	now := atomic.AddUint64(&w.state.Clock, n)
	w.wheel.Run(w.p, now, w.fire(&err))
	return err
}

// end removes a number of calls.
func (w *world) end(n int) (err error) {
	w.calls.Each(w.p, func(g table.Guard, off uint64) bool {
		if err = w.verify(off); err == nil && w.rnd.IntN(2) == 0 {
			err = w.remove(g, off)
			n--
		}
		return err == nil && n > 0
	})
	return err
}

// memory allocates and frees over all classes and paths.
func (w *world) memory(rounds int) error {
	var offs []uint64
	for i := range rounds {
		size := uint64(1) << w.rnd.IntN(12)
		if i%50 == 49 {
			size = 100_000
		}
		off, ok := w.p.Alloc(shm.KindRaw, size)
		if !ok {
			continue
		}
		if b := w.a.Bytes(off, size); b[0] != 0 || b[size-1] != 0 {
			return fmt.Errorf("block %#x of %d bytes is not clean", off, size)
		}
		w.a.Bytes(off, size)[size-1] = 0xFF
		offs = append(offs, off)
	}
	for _, off := range offs {
		if err := w.p.Free(off); err != nil {
			return fmt.Errorf("free %#x: %w", off, err)
		}
	}
	return nil
}

// crowded is memory while another goroutine is at the magazines.
func (w *world) crowded() error {
	release := w.p.HoldMag()
	defer release()
	return w.memory(9)
}

// grow allocates until the arena hands out new pages.
func (w *world) grow() (err error) {
	taken := w.a.Memory().Taken
	var offs []uint64
	for w.a.Memory().Taken == taken && len(offs) < 200 {
		if off, ok := w.p.Alloc(shm.KindRaw, 65536); ok {
			offs = append(offs, off)
		}
	}
	for _, off := range offs {
		err = errors.Join(err, w.p.Free(off))
	}
	return err
}

// contend makes one goroutine sleep on a lock that another holds.
func (w *world) contend() {
	held := make(chan bool)
	done := make(chan bool)
	go func() {
		w.state.Lock.Lock(w.p)
		close(held)
		time.Sleep(300 * time.Microsecond)
		w.state.Lock.Unlock(w.p)
		close(done)
	}()
	<-held
	w.state.Lock.Lock(w.p)
	w.state.Lock.Unlock(w.p)
	<-done
}

func (w *world) messages(n int) error {
	var rec [24]byte
	for range n {
		binary.LittleEndian.PutUint64(rec[:], w.rnd.Uint64())
		binary.LittleEndian.PutUint64(rec[8:], sum(rec[:8]))
		if err := w.ring.Push(w.p, rec[:8+8+w.rnd.IntN(8)]); err != nil && err != ring.ErrFull {
			return err
		}
	}
	for range n {
		l, ok := w.ring.Pop(w.p, w.rec[:])
		if !ok {
			continue
		}
		if l < 16 || binary.LittleEndian.Uint64(w.rec[8:]) != sum(w.rec[:8]) {
			return fmt.Errorf("torn record of %d bytes: %x", l, w.rec[:l])
		}
	}
	return nil
}

func (w *world) names() error {
	if w.count.Len() < 250 {
		n := atomic.AddUint64(&w.state.Names, 1)
		_, err := w.count.Register(w.p, fmt.Sprintf("test.name%d", n))
		return err
	}
	return nil
}

func (w *world) newRoots() error {
	if !w.roots || len(w.a.Roots()) > shm.MaxRoots-20 {
		return nil
	}
	n := atomic.AddUint64(&w.state.Names, 1)
	_, _, err := w.p.Root(fmt.Sprintf("root%d", n), 0, 64, 0, func(b []byte) { b[0] = 1 })
	return err
}

// round is one pass over everything.
func (w *world) round() error {
	for range 12 {
		if err := w.add(w.rnd.Uint64N(1 << 20)); err != nil {
			return err
		}
	}
	if !w.hammer {
		w.contend()
	}
	for _, op := range []func() error{
		w.newRoots, w.names,
		func() error { return w.memory(120) }, w.crowded,
		func() error { return w.messages(5) },
		func() error { return w.tick(1 + w.rnd.Uint64N(300)) },
		func() error { return w.end(4) }, w.setting,
	} {
		if err := op(); err != nil {
			return err
		}
	}
	return nil
}

// empty ends everything, so that whatever is left was leaked.
func (w *world) empty() error {
	var err error
	w.calls.Each(w.p, func(g table.Guard, off uint64) bool {
		err = w.remove(g, off)
		return err == nil
	})
	for err == nil {
		if _, ok := w.ring.Pop(w.p, w.rec[:]); !ok {
			break
		}
	}
	if err == nil {
		err = shm.Check(w.a)
	}
	for _, u := range w.a.Usage() {
		if !u.Root {
			err = errors.Join(err, fmt.Errorf("leaked: %+v", u))
		}
	}
	if n := w.calls.Len() + w.wheel.Len(); n != 0 {
		err = errors.Join(err, fmt.Errorf("%d calls and timers are left", n))
	}
	return err
}

// setting writes a text of equal halves, and sees that what is there is one, too.
func (w *world) setting() error {
	half := fmt.Sprintf("%x ", w.rnd.Uint64()>>w.rnd.IntN(64))
	if err := w.conf.Set(w.p, 0, 0, half+half); err != nil {
		return err
	}
	got := string(w.conf.Text(0, nil))
	if n := len(got) / 2; got[:n] != got[n:] {
		return fmt.Errorf("a torn setting: %q", got)
	}
	return nil
}
