package module

import (
	"encoding/binary"
	"errors"
	"strings"
)

// Vars holds the script variables of a process ($var). They survive from
// message to message and start as the number 0.
type Vars struct{ vals []Value }

// Get returns the variable in slot i.
func (v *Vars) Get(i int) Value {
	if i >= len(v.vals) || v.vals[i].Kind == KindUndef {
		return IntValue(0)
	}
	return v.vals[i]
}

// Set stores a copy of val in slot i; undef resets to 0.
func (v *Vars) Set(i int, val Value) {
	for i >= len(v.vals) {
		v.vals = append(v.vals, IntValue(0))
	}
	old := &v.vals[i]
	switch {
	case val.Kind == KindUndef:
		*old = IntValue(0)
	case val.Kind == KindInt:
		*old = val
	case old.Kind == KindStr && old.Str == val.Str: // common case: no copy
	default:
		*old = StrValue(strings.Clone(val.Str))
	}
}

// Clone copies the variables, for the follower that takes over the loop while
// a message waits: the waiting script keeps its own.
func (v *Vars) Clone() *Vars { return &Vars{vals: append([]Value(nil), v.vals...)} }

// AVP is one attribute of a message.
type AVP struct {
	Name  string // "s:name" lower scope kept apart from "i:5" by the prefix
	Value Value
	Flags uint32
}

// AVPList holds the AVPs of a message, newest last.
type AVPList struct {
	list  []AVP
	Trees Trees // $xavp and its kin
}

// Reset forgets all AVPs.
func (l *AVPList) Reset() {
	clear(l.list)
	l.list = l.list[:0]
	l.Trees.Reset()
}

// Assign makes the list a copy of another. It holds the same texts: they must live as long.
func (l *AVPList) Assign(from *AVPList) {
	l.Reset()
	l.list = append(l.list, from.list...)
	l.Trees.nodes = append(l.Trees.nodes, from.Trees.nodes...)
	l.Trees.root, l.Trees.end = from.Trees.root, from.Trees.end
}

// ErrTooManyAVPs is the error for a Push that failed.
var ErrTooManyAVPs = errors.New("more than 1000 AVPs for one message")

// maxAVPs bounds the AVPs of one message.
const maxAVPs = 1000

// Push adds a value in front of those of the same name. The strings must live
// as long as the message (Ctx.Keep). It fails when there are 1000 already.
func (l *AVPList) Push(name string, v Value) bool {
	if len(l.list) >= maxAVPs {
		return false
	}
	l.list = append(l.list, AVP{Name: name, Value: v})
	return true
}

// Get returns the i-th newest value of a name, nil if there is none.
func (l *AVPList) Get(name string, i int) *AVP {
	for k := len(l.list) - 1; k >= 0; k-- {
		if l.list[k].Name == name {
			if i == 0 {
				return &l.list[k]
			}
			i--
		}
	}
	return nil
}

// Count tells how many values a name has.
func (l *AVPList) Count(name string) int {
	n := 0
	for i := range l.list {
		if l.list[i].Name == name {
			n++
		}
	}
	return n
}

// Pop removes the newest value of a name.
func (l *AVPList) Pop(name string) bool {
	for k := len(l.list) - 1; k >= 0; k-- {
		if l.list[k].Name == name {
			l.list = append(l.list[:k], l.list[k+1:]...)
			return true
		}
	}
	return false
}

// Remove removes the i-th newest value of a name.
func (l *AVPList) Remove(name string, i int) bool {
	for k := len(l.list) - 1; k >= 0; k-- {
		if l.list[k].Name != name {
			continue
		}
		if i == 0 {
			l.list = append(l.list[:k], l.list[k+1:]...)
			return true
		}
		i--
	}
	return false
}

// Each calls f for all AVPs, newest first.
func (l *AVPList) Each(f func(name string, v Value)) {
	for k := len(l.list) - 1; k >= 0; k-- {
		f(l.list[k].Name, l.list[k].Value)
	}
}

// Clear removes all values of a name and says how many there were.
func (l *AVPList) Clear(name string) int {
	return l.remove(func(n string) bool { return n == name })
}

// ClearPrefix removes all values of the names that begin so, "s:" or "i:", and says how many there were.
func (l *AVPList) ClearPrefix(prefix string) int {
	return l.remove(func(n string) bool { return strings.HasPrefix(n, prefix) })
}

func (l *AVPList) remove(gone func(name string) bool) int {
	kept := l.list[:0]
	for _, a := range l.list {
		if !gone(a.Name) {
			kept = append(kept, a)
		}
	}
	n := len(l.list) - len(kept)
	clear(l.list[len(kept):])
	l.list = kept
	return n
}

// Len is the number of AVPs and nodes of trees.
func (l *AVPList) Len() int { return len(l.list) + len(l.Trees.nodes) }

// AppendBinary appends the AVPs in a form that LoadBinary reads.
func (l *AVPList) AppendBinary(dst []byte) []byte {
	for i := range l.list {
		a := &l.list[i]
		dst = binary.LittleEndian.AppendUint32(dst, a.Flags)
		dst = binary.LittleEndian.AppendUint32(dst, uint32(a.Value.Int))
		dst = append(dst, byte(a.Value.Kind))
		dst = appendStrings(dst, a.Name, a.Value.Str)
	}
	return l.Trees.appendBinary(dst)
}

func appendStrings(dst []byte, a, b string) []byte {
	for _, s := range [...]string{a, b} {
		dst = binary.LittleEndian.AppendUint32(dst, uint32(len(s)))
		dst = append(dst, s...)
	}
	return dst
}

// LoadBinary replaces the AVPs by those that AppendBinary wrote; the strings are
// views of s. What is damaged ends the list.
func (l *AVPList) LoadBinary(s string) {
	l.Reset()
	last := int32(0)
	for len(s) >= 9 && len(l.list) < maxAVPs {
		a := AVP{Flags: le32(s), Value: Value{Int: int32(le32(s[4:])), Kind: Kind(s[8])}}
		s = s[9:]
		for _, p := range [...]*string{&a.Name, &a.Value.Str} {
			if len(s) < 4 || uint64(le32(s)) > uint64(len(s)-4) {
				return
			}
			n := le32(s)
			*p, s = s[4:4+n], s[4+n:]
		}
		if mark := byte(a.Value.Kind); mark&treeMark != 0 {
			last = l.Trees.load(mark, a.Name, a.Value, last)
			continue
		}
		l.list = append(l.list, a)
	}
}

func le32(s string) uint32 {
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}
