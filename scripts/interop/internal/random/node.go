package random

import (
	"cmp"
	"slices"
	"strings"
)

// kind is what a node can stand for: nodes of one kind can replace each other.
type kind byte

const (
	fixed     kind = iota // stays
	number                // an expression that is likely a number
	text                  // one that is likely a text
	statement             // can be left out
	option                // likewise: a header line, a transformation
)

// node is a piece of a program: texts and nodes, one after the other.
type node struct {
	kind  kind
	parts []any // string or *node
}

func leaf(k kind, s string) *node { return &node{kind: k, parts: []any{s}} }

// make a node of parts, which are strings and nodes.
func of(k kind, parts ...any) *node { return &node{kind: k, parts: parts} }

func (n *node) write(b *strings.Builder) {
	for _, p := range n.parts {
		switch p := p.(type) {
		case string:
			b.WriteString(p)
		case *node:
			p.write(b)
		}
	}
}

func (n *node) String() string {
	var b strings.Builder
	n.write(&b)
	return b.String()
}

// simple is what a node of a kind is replaced by in the end.
var simple = map[kind][]string{
	number:    {"1", "$var(i)"},
	text:      {`"a"`, "$var(t)"},
	statement: {"", ";"},
	option:    {""},
}

// each visits all nodes, and what is below them, with a function that replaces the node in a copy of the whole.
func (n *node) each(replace func(*node) *node, visit func(at *node, replace func(*node) *node)) {
	visit(n, replace)
	for i, p := range n.parts {
		child, ok := p.(*node)
		if !ok {
			continue
		}
		child.each(func(by *node) *node {
			parts := slices.Clone(n.parts)
			parts[i] = by
			return replace(&node{kind: n.kind, parts: parts})
		}, visit)
	}
}

// below are the nodes of a kind inside of n.
func (n *node) below(k kind) []*node {
	var out []*node
	for _, p := range n.parts {
		if child, ok := p.(*node); ok {
			if child.kind == k {
				out = append(out, child)
			}
			out = append(out, child.below(k)...)
		}
	}
	return out
}

// smaller are versions of a tree with a node replaced, the shortest first.
func smaller(root *node) []*node {
	size := len(root.String())
	seen := map[string]bool{}
	var out []*node
	root.each(func(n *node) *node { return n }, func(at *node, replace func(*node) *node) {
		if at.kind == fixed {
			return
		}
		var by []*node
		for _, s := range simple[at.kind] {
			by = append(by, leaf(at.kind, s))
		}
		for _, n := range append(by, at.below(at.kind)...) {
			whole := replace(n)
			if s := whole.String(); len(s) < size && !seen[s] {
				seen[s] = true
				out = append(out, whole)
			}
		}
	})
	slices.SortStableFunc(out, func(a, b *node) int { return cmp.Compare(len(a.String()), len(b.String())) })
	return out
}
