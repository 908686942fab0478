package module

import "encoding/binary"

// TreeKind is which of the three families of named lists is meant.
type TreeKind uint8

// The families: $xavp has many values of one name, $xavu one of each, $xavi ignores the case of names.
const (
	XAVP TreeKind = iota
	XAVU
	XAVI
	treeKinds
)

// maxTreeNodes bounds the nodes that one message makes, those included that it has removed again.
const maxTreeNodes = 4000

// Trees holds the $xavp, $xavu and $xavi of a message: lists, newest first, of nodes with a name, each of which
// has a value or a list of its own. A node is known by its number; 0 is none, and as a parent the root.
type Trees struct {
	nodes []treeNode
	root  [treeKinds]int32
	end   treeEnd
}

// treeEnd is the node that was appended last, as long as nothing has been removed: a list of thousands is not walked
// through for each of them.
type treeEnd struct {
	k            TreeKind
	parent, node int32
}

type treeNode struct {
	name       string
	value      Value
	kids, next int32
	list       bool
}

// Reset forgets all nodes.
func (t *Trees) Reset() {
	clear(t.nodes)
	t.nodes = t.nodes[:0]
	t.root, t.end = [treeKinds]int32{}, treeEnd{}
}

func (t *Trees) head(k TreeKind, parent int32) *int32 {
	if parent == 0 {
		return &t.root[k]
	}
	return &t.nodes[parent].kids
}

// First is the newest node of a list, Next the one behind a node.
func (t *Trees) First(k TreeKind, parent int32) int32 { return *t.head(k, parent) }

// Next is the node behind n in its list.
func (t *Trees) Next(n int32) int32 { return t.nodes[n].next }

// Name is what a node is called.
func (t *Trees) Name(n int32) string { return t.nodes[n].name }

// Value is the value of a node; list tells that it has a list instead.
func (t *Trees) Value(n int32) (v Value, list bool) { return t.nodes[n].value, t.nodes[n].list }

// SetValue replaces the value of a node; a list that it had is gone.
func (t *Trees) SetValue(n int32, v Value) {
	t.nodes[n].value, t.nodes[n].list, t.nodes[n].kids = v, false, 0
	t.end = treeEnd{}
}

// Find is the i-th node of a name, from the end if i is negative.
func (t *Trees) Find(k TreeKind, parent int32, name string, i int) int32 {
	if i < 0 {
		if i += t.Count(k, parent, name); i < 0 {
			return 0
		}
	}
	for n := t.First(k, parent); n != 0; n = t.nodes[n].next {
		if !sameName(k, t.nodes[n].name, name) {
			continue
		}
		if i == 0 {
			return n
		}
		i--
	}
	return 0
}

// Count is how many nodes of a name a list has.
func (t *Trees) Count(k TreeKind, parent int32, name string) int {
	count := 0
	for n := t.First(k, parent); n != 0; n = t.nodes[n].next {
		if sameName(k, t.nodes[n].name, name) {
			count++
		}
	}
	return count
}

// Push makes a node in front of a list; 0 when the message has made too many. The strings must live as long as the
// message.
func (t *Trees) Push(k TreeKind, parent int32, name string, v Value) int32 {
	n := t.add(name, v)
	if n != 0 {
		h := t.head(k, parent)
		t.nodes[n].next, *h = *h, n
	}
	t.own(parent)
	return n
}

// Append makes a node at the end of a list.
func (t *Trees) Append(k TreeKind, parent int32, name string, v Value) int32 {
	n := t.add(name, v)
	if n != 0 {
		h := t.head(k, parent)
		if e := t.end; e.node != 0 && e.k == k && e.parent == parent {
			h = &t.nodes[e.node].next
		}
		for *h != 0 {
			h = &t.nodes[*h].next
		}
		*h, t.end = n, treeEnd{k, parent, n}
	}
	t.own(parent)
	return n
}

func (t *Trees) add(name string, v Value) int32 {
	if len(t.nodes) == 0 {
		t.nodes = append(t.nodes, treeNode{}) // number 0 is none
	}
	if len(t.nodes) > maxTreeNodes {
		return 0
	}
	t.nodes = append(t.nodes, treeNode{name: name, value: v})
	return int32(len(t.nodes) - 1)
}

func (t *Trees) own(parent int32) {
	if parent != 0 {
		t.nodes[parent].list = true
	}
}

// Remove takes a node out of its list.
func (t *Trees) Remove(k TreeKind, parent, n int32) {
	t.end = treeEnd{}
	for h := t.head(k, parent); *h != 0; h = &t.nodes[*h].next {
		if *h == n {
			*h = t.nodes[n].next
			return
		}
	}
}

// RemoveAll takes all nodes of a name out of a list and tells how many there were.
func (t *Trees) RemoveAll(k TreeKind, parent int32, name string) int {
	t.end = treeEnd{}
	count := 0
	for h := t.head(k, parent); *h != 0; {
		if n := *h; sameName(k, t.nodes[n].name, name) {
			*h = t.nodes[n].next
			count++
		} else {
			h = &t.nodes[n].next
		}
	}
	return count
}

// Copy gives the node to the value or list of the node from.
func (t *Trees) Copy(k TreeKind, from, to int32) bool {
	t.nodes[to].value, t.nodes[to].list, t.nodes[to].kids = t.nodes[from].value, t.nodes[from].list, 0
	t.end = treeEnd{}
	for n := t.nodes[from].kids; n != 0; n = t.nodes[n].next {
		if t.Append(k, to, t.nodes[n].name, t.nodes[n].value) == 0 {
			return false
		}
	}
	return true
}

func sameName(k TreeKind, a, b string) bool {
	if k == XAVI && len(a) == len(b) {
		for i := range len(a) {
			x, y := a[i], b[i]
			if x != y && (x|0x20 != y|0x20 || x|0x20 < 'a' || x|0x20 > 'z') {
				return false
			}
		}
		return true
	}
	return a == b
}

// In the binary form a node is an AVP whose kind has treeMark, its family and its depth in it.
const (
	treeMark  = 0x80
	treeShift = 4
	treeChild = 0x40
	treeList  = 0x08
	kindMask  = 0x07
)

func (t *Trees) appendBinary(dst []byte) []byte {
	for k := range treeKinds {
		mark := byte(treeMark | k<<treeShift)
		for n := t.root[k]; n != 0; n = t.nodes[n].next {
			dst = t.appendNode(dst, n, mark)
			for kid := t.nodes[n].kids; kid != 0; kid = t.nodes[kid].next {
				dst = t.appendNode(dst, kid, mark|treeChild)
			}
		}
	}
	return dst
}

func (t *Trees) appendNode(dst []byte, n int32, mark byte) []byte {
	x := &t.nodes[n]
	if x.list {
		mark |= treeList
	}
	dst = binary.LittleEndian.AppendUint32(dst, 0)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(x.value.Int))
	dst = append(dst, mark|byte(x.value.Kind))
	return appendStrings(dst, x.name, x.value.Str)
}

// load takes a node that appendNode wrote; last is the root node that children belong to.
func (t *Trees) load(mark byte, name string, v Value, last int32) int32 {
	k := TreeKind(mark >> treeShift & 3)
	if k >= treeKinds {
		return last
	}
	v.Kind = Kind(mark & kindMask)
	if v.Kind > KindStr {
		v = Undef
	}
	parent := int32(0)
	if mark&treeChild != 0 {
		if parent = last; parent == 0 {
			return 0
		}
	}
	n := t.Append(k, parent, name, v)
	if n == 0 || parent != 0 {
		return last
	}
	t.nodes[n].list = mark&treeList != 0
	return n
}
