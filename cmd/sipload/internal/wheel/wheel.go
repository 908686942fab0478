// Package wheel is a hashed timing wheel over small integer ids: each id has at most one timer, and
// setting, moving and stopping it cost the same whatever the number of timers. Times are nanoseconds
// on the caller's clock. A timer fires at the first Advance at or after its time, rounded up to the
// next tick, never early. A Wheel belongs to one goroutine.
package wheel

import "math/bits"

const (
	buckets = 8192
	none    = int32(-1)
)

// Never is what Next returns when no timer is set.
const Never = int64(1<<63 - 1)

type node struct {
	at         int64 // tick at which it fires; -1 when not set
	prev, next int32
}

// Wheel holds the timers of ids 0 to n-1.
type Wheel struct {
	tick  int64 // nanoseconds
	done  int64 // the last tick that was advanced over
	count int
	heads [buckets]int32
	used  [buckets / 64]uint64 // one bit for each bucket that is not empty
	nodes []node
}

// New makes a wheel for n ids that starts at time now.
func New(n int, tick, now int64) *Wheel {
	w := &Wheel{tick: tick, done: now / tick}
	for i := range w.heads {
		w.heads[i] = none
	}
	w.Grow(n)
	return w
}

// Grow makes room for ids up to n-1; timers already set stay.
func (w *Wheel) Grow(n int) {
	for len(w.nodes) < n {
		w.nodes = append(w.nodes, node{at: -1, prev: none, next: none})
	}
}

// Len is how many timers are set.
func (w *Wheel) Len() int { return w.count }

// Set makes id fire at time at, instead of any earlier decision about it.
func (w *Wheel) Set(id int32, at int64) {
	w.Stop(id)
	tick := max((at+w.tick-1)/w.tick, w.done+1)
	n, b := &w.nodes[id], tick%buckets
	n.at, n.prev, n.next = tick, none, w.heads[b]
	if n.next != none {
		w.nodes[n.next].prev = id
	}
	w.heads[b] = id
	w.used[b/64] |= 1 << (b % 64)
	w.count++
}

// Stop forgets the timer of id; it is no error when none is set.
func (w *Wheel) Stop(id int32) {
	n := &w.nodes[id]
	if n.at < 0 {
		return
	}
	b := n.at % buckets
	if n.prev != none {
		w.nodes[n.prev].next = n.next
	} else {
		w.heads[b] = n.next
	}
	if n.next != none {
		w.nodes[n.next].prev = n.prev
	}
	if w.heads[b] == none {
		w.used[b/64] &^= 1 << (b % 64)
	}
	n.at = -1
	w.count--
}

// Advance calls fire for each id whose time has come; fire may set and stop any timer.
func (w *Wheel) Advance(now int64, fire func(id int32)) {
	last := now / w.tick
	if w.count == 0 {
		w.done = max(w.done, last)
		return
	}
	for w.done < last {
		w.done++
		w.fireBucket(w.done%buckets, fire)
	}
}

// fireBucket fires what is due in one bucket. It starts over after each firing, because fire may
// have changed the list; what it sets anew lies in a later tick, so this ends.
func (w *Wheel) fireBucket(b int64, fire func(id int32)) {
	for id := w.heads[b]; id != none; {
		if w.nodes[id].at > w.done {
			id = w.nodes[id].next
			continue
		}
		w.Stop(id)
		fire(id)
		id = w.heads[b]
	}
}

// Next is a time before which nothing fires (a timer more than a turn of the wheel away may make it
// earlier than necessary), or Never.
func (w *Wheel) Next() int64 {
	if w.count == 0 {
		return Never
	}
	from := (w.done + 1) % buckets
	for i := int64(0); i <= int64(len(w.used)); i++ {
		word := (from/64 + i) % int64(len(w.used))
		set := w.used[word]
		if i == 0 {
			set &= ^uint64(0) << (from % 64)
		}
		if set != 0 {
			b := word*64 + int64(bits.TrailingZeros64(set))
			return (w.done + 1 + (b-from+buckets)%buckets) * w.tick
		}
	}
	return Never
}
