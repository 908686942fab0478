package dbtext

import (
	"fmt"
	"strconv"
	"strings"

	"goser/worker/module/api/db"
)

// column is one word of the header: name(type[,null][,auto]).
type column struct {
	name string
	typ  string // as written: str stays str
	kind db.Kind
	null bool
	auto bool
}

// table is what a file holds. It is never changed: what changes it makes another.
type table struct {
	cols []column
	rows [][]db.Value
	next []int64 // what an auto column counts on with
}

// find returns the number of a column; case says nothing.
func (t *table) find(name string) (int, error) {
	for i := range t.cols {
		if strings.EqualFold(t.cols[i].name, name) {
			return i, nil
		}
	}
	return 0, fmt.Errorf("no column %q: there are %s", name, t.names())
}

func (t *table) names() string {
	names := make([]string, len(t.cols))
	for i := range t.cols {
		names[i] = t.cols[i].name
	}
	return strings.Join(names, " ")
}

// fit makes a value one of the column's type.
func (c *column) fit(v db.Value) (db.Value, error) {
	if v.IsNull() || v.Kind == db.Text && v.Text == "" && c.emptyIsNull() {
		if c.null {
			return db.Value{}, nil
		}
		return v, fmt.Errorf("column %s: no value; it would have to be %s(%s,null)", c.name, c.name, c.typ)
	}
	switch c.kind {
	case db.Int:
		switch v.Kind {
		case db.Int, db.Time:
			return db.IntValue(v.Int), nil
		case db.Text:
			if n, ok := wholeNumber(v.Text); ok {
				return db.IntValue(n), nil
			}
		}
	case db.Double:
		switch v.Kind {
		case db.Double:
			return v, nil
		case db.Int, db.Time:
			return db.Value{Kind: db.Double, Double: float64(v.Int)}, nil
		case db.Text:
			if x, ok := decimal(v.Text); ok {
				return db.Value{Kind: db.Double, Double: x}, nil
			}
		}
	default:
		return db.Value{Kind: c.kind, Text: v.String()}, nil
	}
	return v, fmt.Errorf("column %s is %s: %s is no such number", c.name, c.typ, quoted(v.String()))
}

// emptyIsNull tells what an empty field means. A text that has to be there may be empty:
// it is written so, and must be read again.
func (c *column) emptyIsNull() bool {
	switch c.kind {
	case db.Text, db.Blob:
		return c.null && emptyString == 0
	}
	return true
}

// quoted is a value for a message: not more than a line of it.
func quoted(s string) string {
	const most = 40
	if len(s) > most {
		return strconv.Quote(s[:most]) + "..."
	}
	return strconv.Quote(s)
}

// wholeNumber reads digits behind a minus or none, as 5.6.3 does.
func wholeNumber(s string) (int64, bool) {
	if strings.HasPrefix(s, "+") {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// decimal reads digits with one point or none behind a minus or none.
func decimal(s string) (float64, bool) {
	digits := strings.TrimPrefix(s, "-")
	for i := range len(digits) {
		if c := digits[i]; (c < '0' || c > '9') && c != '.' {
			return 0, false
		}
	}
	x, err := strconv.ParseFloat(s, 64)
	return x, err == nil
}
