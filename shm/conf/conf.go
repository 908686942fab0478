// Package conf keeps the configuration's runtime variables in the arena: what
// @cfg_get.group.name reads, in every process, as it was set last. Each has a
// number or a text; a group may have instances with values of their own.
//
// A value is published with one store: it is written beside the one that readers
// see, then the version tells them to look there. A reader that was overtaken
// twice looks again. A writer that dies on the way has changed nothing.
//
// What can go wrong: the arena was made for other variables (an error from
// Open), a text is longer than MaxText.
package conf

import (
	"encoding/binary"
	"fmt"
	"sync/atomic"
	"unsafe"

	"goser/shm"
	"goser/shm/kill"
)

// MaxText is the longest text of a variable, bytes.
const MaxText = 1024

// Decl declares a variable and the value it starts with. Instance is -1 for the
// value of the group itself.
type Decl struct {
	Group, Name string
	Instance    int32
	IsStr       bool
	Int         int32
	Str         string
}

type value struct {
	Int  int32
	Len  uint32
	Text [MaxText / 8]uint64 // read and written a word at a time, as a reader may be overtaken
}

type row struct {
	Lock    shm.Mutex
	Version uint32 // readers look at Value[Version&1]
	Value   [2]value
}

const rowSize = uint64(unsafe.Sizeof(row{}))

var rootKind = shm.NewKind(shm.KindInfo{Name: "shm.conf"})

type key struct {
	group, name string
	instance    int32
}

// Table is all variables of an arena.
type Table struct {
	decls []Decl
	rows  []row
	index map[key]int
}

// Open finds the variables of the arena, or makes them with the values of decls.
// Of two declarations of one variable the last counts.
func Open(p *shm.Proc, decls []Decl) (*Table, error) {
	t := &Table{index: map[key]int{}}
	for _, d := range decls {
		if len(d.Str) > MaxText {
			return nil, fmt.Errorf("conf: %s.%s: a text of %d bytes: at most %d", d.Group, d.Name, len(d.Str), MaxText)
		}
		k := key{d.Group, d.Name, d.Instance}
		if i, ok := t.index[k]; ok {
			t.decls[i] = d
			continue
		}
		t.index[k] = len(t.decls)
		t.decls = append(t.decls, d)
	}
	if len(t.decls) == 0 {
		return t, nil
	}
	n := uint64(len(t.decls))
	r, _, err := p.Root("conf", rootKind, n*rowSize, 64, func(b []byte) {
		rows := unsafe.Slice((*row)(unsafe.Pointer(&b[0])), n)
		for i := range rows {
			rows[i].Value[0].put(&t.decls[i])
		}
	})
	if err != nil {
		return nil, fmt.Errorf("conf: %w", err)
	}
	t.rows = shm.Slice[row](p.Arena(), r.Off, n)
	return t, nil
}

func (v *value) put(d *Decl) {
	v.Int = d.Int
	v.setText(d.Str)
}

func (v *value) setText(s string) {
	var word [8]byte
	for i := 0; i < len(s); i += 8 {
		clear(word[:])
		copy(word[:], s[i:])
		atomic.StoreUint64(&v.Text[i/8], binary.LittleEndian.Uint64(word[:]))
	}
	atomic.StoreUint32(&v.Len, uint32(len(s)))
}

// appendText trusts nothing it reads.
func (v *value) appendText(dst []byte) []byte {
	n := int(min(atomic.LoadUint32(&v.Len), MaxText))
	from := len(dst)
	for i := 0; i < n; i += 8 {
		dst = binary.LittleEndian.AppendUint64(dst, atomic.LoadUint64(&v.Text[i/8]))
	}
	return dst[:from+n]
}

// Find returns the number of a variable, -1 if there is none. An instance without
// a value of its own has that of the group.
func (t *Table) Find(group, name string, instance int32) int {
	if i, ok := t.index[key{group, name, instance}]; ok {
		return i
	}
	if i, ok := t.index[key{group, name, -1}]; ok {
		return i
	}
	return -1
}

// Len is how many variables there are; their numbers are 0 to Len()-1.
func (t *Table) Len() int { return len(t.decls) }

// Decl is how a variable was declared.
func (t *Table) Decl(i int) Decl { return t.decls[i] }

// Int reads a number.
func (t *Table) Int(i int) int32 {
	r := &t.rows[i]
	for {
		v := atomic.LoadUint32(&r.Version)
		n := atomic.LoadInt32(&r.Value[v&1].Int)
		if atomic.LoadUint32(&r.Version) == v {
			return n
		}
	}
}

// Text appends a text to dst.
func (t *Table) Text(i int, dst []byte) []byte {
	r := &t.rows[i]
	for {
		v := atomic.LoadUint32(&r.Version)
		out := r.Value[v&1].appendText(dst)
		if atomic.LoadUint32(&r.Version) == v {
			return out
		}
	}
}

// Set gives a variable another value, of the type it was declared with.
func (t *Table) Set(p *shm.Proc, i int, n int32, text string) error {
	d := t.decls[i]
	if len(text) > MaxText {
		return fmt.Errorf("conf: %s.%s: a text of %d bytes: at most %d", d.Group, d.Name, len(text), MaxText)
	}
	r := &t.rows[i]
	r.Lock.Lock(p) // nothing to repair: readers see nothing before the store of the version
	defer r.Lock.Unlock(p)
	v := atomic.LoadUint32(&r.Version)
	val := &r.Value[(v+1)&1]
	atomic.StoreInt32(&val.Int, n)
	kill.Point("conf.set.1")
	val.setText(text)
	kill.Point("conf.set.2")
	atomic.StoreUint32(&r.Version, v+1)
	kill.Point("conf.set.3")
	return nil
}
