package ring

import (
	"encoding/binary"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"goser/shm"
)

func enter(t testing.TB, a *shm.Arena, slot int) *shm.Proc {
	t.Helper()
	p, err := a.Enter(slot, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Reap(slot); err != nil {
		t.Fatal(err)
	}
	return p
}

func setup(t testing.TB, cells int) (*shm.Proc, *Ring) {
	t.Helper()
	a, err := shm.NewHeap(4 << 20)
	if err != nil {
		t.Fatal(err)
	}
	p := enter(t, a, 1)
	g, err := Open(p, "r", Options{Cells: cells, Record: 20})
	if err != nil {
		t.Fatal(err)
	}
	return p, g
}

func TestRefuses(t *testing.T) {
	p, g := setup(t, 4)
	for _, o := range []Options{{0, 20}, {3, 20}, {1, 20}, {4, 0}, {4, 21}, {8, 20}, {1 << 25, 1}} {
		if _, err := Open(p, "r", o); err == nil {
			t.Errorf("%+v was accepted", o)
		}
	}
	if err := g.Push(p, make([]byte, 21)); err != ErrTooLong {
		t.Errorf("21 bytes of 20: %v", err)
	}
	for i := range 5 {
		if err := g.Push(p, []byte{byte(i)}); (err != nil) != (i == 4) || i == 4 && err != ErrFull {
			t.Errorf("record %d of 4: %v", i, err)
		}
	}
}

// TestModel: first in, first out, bounded, with deaths of producer and consumer.
func TestModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p, g := setup(t, 8)
		a := p.Arena()
		mortal := enter(t, a, 2)
		var queue []string // "" where a producer died
		next := 0
		buf := make([]byte, 20)
		pass := func() { // over what died and lies first
			for len(queue) > 0 && queue[0] == "" {
				queue = queue[1:]
			}
		}
		reborn := func() {
			mortal.Leave()
			mortal = enter(t, a, 2)
			pass()
		}
		rt.Repeat(map[string]func(*rapid.T){
			"push": func(rt *rapid.T) {
				next++
				s := fmt.Sprint("record ", next)
				err := g.Push(p, []byte(s))
				if (err == ErrFull) != (len(queue) == 8) {
					rt.Fatalf("push: %v with %d", err, len(queue))
				}
				if err == nil {
					queue = append(queue, s)
				}
			},
			"pop": func(rt *rapid.T) {
				n, ok := g.Pop(p, buf) // passes over what died first
				if ok != (len(queue) > 0) || ok && string(buf[:n]) != queue[0] {
					rt.Fatalf("pop: %q, %v; want %v", buf[:n], ok, queue)
				}
				if ok {
					queue = queue[1:]
					pass()
				}
			},
			"die writing": func(rt *rapid.T) {
				if _, _, ok := g.claim(mortal); ok != (len(queue) < 8) {
					rt.Fatalf("claim: %v with %d", ok, len(queue))
				} else if ok {
					queue = append(queue, "")
				}
				if rapid.Bool().Draw(rt, "lazy") {
					mortal.Leave() // and nobody reaps for now: consumers skip it
					pass()
					g.Pop(p, nil)
					if len(queue) > 0 {
						queue = queue[1:]
						pass()
					}
				}
				reborn()
			},
			"die reading": func(rt *rapid.T) {
				h := atomic.LoadUint64(&g.head.Head)
				c := g.cell(h)
				if w := c.Word; turn(w) == uint32(h) && state(w) == ready {
					c.Word = newWord(h, reading, mortal.Tag())
					queue = append(queue[1:], queue[0])
					reborn()
				}
			},
			"": func(rt *rapid.T) {
				if err := shm.Check(a); err != nil {
					rt.Fatal(err)
				}
			},
		})
	})
}

// TestManyToMany: every record arrives once, whole, in the order of its producer.
func TestManyToMany(t *testing.T) {
	p, g := setup(t, 16)
	a := p.Arena()
	const producers, each = 2, 3000
	var got [producers][each]atomic.Int32
	var left atomic.Int64
	left.Store(producers * each)
	var wg sync.WaitGroup
	for i := range producers {
		me := enter(t, a, 2+i)
		wg.Go(func() {
			var rec [16]byte
			for n := uint64(0); n < each; {
				binary.LittleEndian.PutUint64(rec[:], uint64(i))
				binary.LittleEndian.PutUint64(rec[8:], n)
				if g.Push(me, rec[:]) == nil {
					n++
				} else {
					time.Sleep(10 * time.Microsecond)
				}
			}
		})
	}
	for i := range 2 {
		me := enter(t, a, 5+i)
		wg.Go(func() {
			buf := make([]byte, 20)
			var last [producers]int64
			for left.Load() > 0 {
				n, ok := g.PopWait(me, buf, 5*time.Millisecond)
				if !ok {
					continue
				}
				from, seq := binary.LittleEndian.Uint64(buf), binary.LittleEndian.Uint64(buf[8:])
				if n != 16 || from >= producers || seq >= each || int64(seq) < last[from] {
					t.Errorf("record %x after %d", buf[:n], last)
					return
				}
				last[from] = int64(seq)
				got[from][seq].Add(1)
				left.Add(-1)
			}
		})
	}
	wg.Wait()
	for i := range got {
		for n := range got[i] {
			if c := got[i][n].Load(); c != 1 {
				t.Fatalf("record %d of %d arrived %d times", n, i, c)
			}
		}
	}
}

// TestPopWaitWakes: a sleeper is woken by a push, long before its time is up.
func TestPopWaitWakes(t *testing.T) {
	p, g := setup(t, 4)
	me := enter(t, p.Arena(), 2)
	begin := time.Now()
	done := make(chan bool)
	go func() {
		_, ok := g.PopWait(me, make([]byte, 20), 10*time.Second)
		done <- ok
	}()
	time.Sleep(5 * time.Millisecond)
	if err := g.Push(p, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if !<-done || time.Since(begin) > 2*time.Second {
		t.Errorf("woken after %s", time.Since(begin))
	}
	if _, ok := g.PopWait(me, nil, time.Millisecond); ok {
		t.Error("a record out of nothing")
	}
}

func BenchmarkPushPop(b *testing.B) {
	p, g := setup(b, 64)
	rec, buf := make([]byte, 20), make([]byte, 20)
	b.ReportAllocs()
	for b.Loop() {
		if g.Push(p, rec) != nil {
			b.Fatal("full")
		}
		g.Pop(p, buf)
	}
}
