package pv

import (
	"errors"
	"fmt"
	"hash/fnv"
	"sync/atomic"
	"unsafe"

	"goser/cfg/check"
	"goser/shm"
	"goser/shm/kill"
	"goser/shm/table"
	"goser/worker/module"
)

// $shv is kept in the arena: all processes see it and it survives any of them.
//
// A variable is one block in a table, found by its name. A number changes with one store. A text is built aside, put in
// front of the old one and the old one taken away; whoever finds two of a name takes the first, so that a death in
// between loses nothing, and the next assignment takes away what was left.

const (
	shvRoot = "pv.shv"
	maxShvs = 4096
)

// shv is the head of the block of a variable; its name and text follow.
type shv struct {
	table.Entry
	Word             uint64 // kind and number: one store changes both
	NameLen, TextLen uint32
}

const shvSize = uint64(unsafe.Sizeof(shv{}))

var kindShv = shm.NewKindOf[shv](shm.KindInfo{Name: "pv.shv"})

func packWord(v module.Value) uint64 { return uint64(v.Kind)<<32 | uint64(uint32(v.Int)) }

// shvName is what a use of a variable is prepared to.
type shvName struct {
	name  string
	hash  uint64
	start module.Value
}

var (
	shvNames  = map[string]*shvName{}
	shvTables = map[module.Env]*table.Table{} // one in a server, one for each process of a simulation
	errShv    = fmt.Errorf("there is no room for it: at most %d variables, and the memory of -m", maxShvs)
)

var shvVar = module.Var{
	Name: "shv", Type: check.TypeAny, Inner: check.InnerText, Help: "variable of all processes; 0 until set",
	Prepare: func(inner string) (any, error) {
		if inner == "" {
			return nil, errors.New("a name is missing: $shv(name)")
		}
		return shvNamed(inner), nil
	},
	Get: func(c *module.Ctx, r *module.Ref) module.Value { return getShv(c, r.Fixed.(*shvName)) },
	Set: func(c *module.Ctx, r *module.Ref, v module.Value) error {
		return setShv(c.Env, r.Fixed.(*shvName), v)
	},
}

func shvNamed(name string) *shvName {
	n := shvNames[name]
	if n == nil {
		h := fnv.New64a()
		h.Write([]byte(name))
		n = &shvName{name: name, hash: h.Sum64(), start: module.IntValue(0)}
		if !module.Transient() {
			shvNames[name] = n
		}
	}
	return n
}

// setShvStart is modparam("pv", "shvset", "name=i:5").
func setShvStart(v module.Value) error {
	name, val, err := assignment(v.Str)
	if err != nil {
		return err
	}
	shvNamed(name).start = val
	return nil
}

// openShv finds or makes the table before there is a message; a script without $shv needs none.
func openShv(e module.Env) error {
	if len(shvNames) == 0 {
		return nil
	}
	_, err := shvTable(e)
	return err
}

func shvTable(e module.Env) (*table.Table, error) {
	if t := shvTables[e]; t != nil {
		return t, nil
	}
	t, err := table.Open(e.Proc(), shvRoot, table.Options{Buckets: maxShvs, Max: maxShvs})
	if err != nil {
		return nil, fmt.Errorf("pv: %w", err)
	}
	shvTables[e] = t
	return t, nil
}

// nameAndText are the bytes behind the head of a block; nothing if its lengths cannot be.
func nameAndText(a *shm.Arena, off uint64) (name, text []byte) {
	v := shm.View[shv](a, off)
	n, m := uint64(v.NameLen), uint64(v.TextLen)
	if shvSize+n+m > a.SizeOf(off) {
		return nil, nil
	}
	b := a.Bytes(off+shvSize, n+m)
	return b[:n:n], b[n:]
}

// next is the first entry of the name from off on.
func (n *shvName) next(a *shm.Arena, g table.Guard, off uint64) uint64 {
	for ; off != 0; off = g.Next(off) {
		if name, _ := nameAndText(a, off); string(name) == n.name {
			return off
		}
	}
	return 0
}

func getShv(c *module.Ctx, n *shvName) module.Value {
	if len(shvNames) == 0 {
		return n.start
	}
	t, err := shvTable(c.Env)
	if err != nil {
		return n.start
	}
	a := c.Env.Arena()
	g := t.Lock(c.Env.Proc(), n.hash)
	defer g.Unlock()
	off := n.next(a, g, g.First())
	if off == 0 {
		return n.start
	}
	w := atomic.LoadUint64(&shm.View[shv](a, off).Word)
	if module.Kind(w>>32) == module.KindInt {
		return module.IntValue(int32(uint32(w)))
	}
	_, text := nameAndText(a, off)
	return module.StrValue(c.Keep(unsafe.String(unsafe.SliceData(text), len(text))))
}

// setShv stores a value; undef is the number 0, as in $var.
func setShv(e module.Env, n *shvName, v module.Value) error {
	t, err := shvTable(e)
	if err != nil {
		return err
	}
	if v.IsUndef() {
		v = module.IntValue(0)
	}
	p, a := e.Proc(), e.Arena()
	if v.Kind == module.KindInt && storeNumber(a, p, t, n, v) {
		return nil
	}
	off, ok := p.Alloc(kindShv, shvSize+uint64(len(n.name)+len(v.Str)))
	if !ok {
		return errShv
	}
	s := shm.View[shv](a, off)
	s.Word, s.NameLen, s.TextLen = packWord(v), uint32(len(n.name)), uint32(len(v.Str))
	name, text := nameAndText(a, off)
	copy(name, n.name)
	copy(text, v.Str)
	kill.Point("pv.shv.built")
	return putShv(a, p, t, n, off)
}

// storeNumber changes a number in place.
func storeNumber(a *shm.Arena, p *shm.Proc, t *table.Table, n *shvName, v module.Value) bool {
	g := t.Lock(p, n.hash)
	defer g.Unlock()
	off := n.next(a, g, g.First())
	if off == 0 {
		return false
	}
	w := &shm.View[shv](a, off).Word
	if module.Kind(atomic.LoadUint64(w)>>32) != module.KindInt {
		return false
	}
	kill.Point("pv.shv.number")
	atomic.StoreUint64(w, packWord(v))
	return true
}

// putShv puts a block in front of those of its name and frees these.
func putShv(a *shm.Arena, p *shm.Proc, t *table.Table, n *shvName, off uint64) error {
	g := t.Lock(p, n.hash)
	if g.Insert(off) != nil {
		g.Unlock()
		_ = p.Free(off)
		return errShv
	}
	kill.Point("pv.shv.inserted")
	for {
		old := n.next(a, g, g.Next(off))
		if old == 0 || g.Remove(old) != nil {
			break
		}
		kill.Point("pv.shv.removed")
		_ = p.Free(old)
	}
	g.Unlock()
	return nil
}
