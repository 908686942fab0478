// Package db is how modules use databases, and what a driver is.
//
// A driver is a module of its own (db_text): it registers itself for the schemes of a
// db_url. A module that keeps something in a database calls Check where it is given a
// db_url, Open when it starts, and then Select, Insert, Update, Replace, Delete or Run
// of what Open returned. Each of them lets other messages have their turn until the
// database has answered (module.Env.Wait): Func.Waits belongs to such a function.
//
// Names of tables and columns are the operator's; what messages bring travels as
// values, which have types and are never part of a statement.
package db

import (
	"slices"
	"strconv"
	"strings"
)

// Kind is the type of a Value.
type Kind uint8

// The kinds. Text and Blob are both in Value.Text.
const (
	Null Kind = iota
	Int
	Double
	Text
	Blob
	Time
)

// Value is what stands in a field.
type Value struct {
	Text   string
	Int    int64 // of Time: seconds since 1970
	Double float64
	Kind   Kind
}

// IntValue makes a number.
func IntValue(n int64) Value { return Value{Kind: Int, Int: n} }

// TextValue makes a text.
func TextValue(s string) Value { return Value{Kind: Text, Text: s} }

// IsNull tells whether there is no value.
func (v Value) IsNull() bool { return v.Kind == Null }

// String is the value as people read it; NULL is "".
func (v Value) String() string {
	switch v.Kind {
	case Int, Time:
		return strconv.FormatInt(v.Int, 10)
	case Double:
		return strconv.FormatFloat(v.Double, 'f', -1, 64)
	}
	return v.Text
}

// Cell is the value of one column.
type Cell struct {
	Column string
	Value  Value
}

// Op compares a column with a value.
type Op uint8

// The comparisons. NULL never compares, not even with NULL, but by IsNull and NotNull.
const (
	Equal Op = iota
	NotEqual
	Less
	LessEqual
	Greater
	GreaterEqual
	IsNull
	NotNull
)

// Cond is one condition; several must all hold.
type Cond struct {
	Column string
	Op     Op
	Value  Value
}

// Is makes the usual condition.
func Is(column string, v Value) Cond { return Cond{Column: column, Value: v} }

// Select is a question for rows.
type Select struct {
	Table   string
	Columns []string // nil: all, in the order of the table
	Where   []Cond
	Order   []Order
	Limit   int // rows; 0: no limit but the driver's own
}

// Order is a column to sort by.
type Order struct {
	Column     string
	Descending bool
}

// Result is what was found. Rows belong to the driver: they are read, not changed.
type Result struct {
	Columns []string
	Rows    [][]Value
}

// cloned copies values: the texts of messages do not live long.
func cloned[T any](list []T, value func(*T) *Value) []T {
	out := slices.Clone(list)
	for i := range out {
		v := value(&out[i])
		v.Text = strings.Clone(v.Text)
	}
	return out
}

func cloneCells(cells []Cell) []Cell { return cloned(cells, func(c *Cell) *Value { return &c.Value }) }

func cloneConds(conds []Cond) []Cond { return cloned(conds, func(c *Cond) *Value { return &c.Value }) }
