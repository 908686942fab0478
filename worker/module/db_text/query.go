package dbtext

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"goser/worker/module/api/db"
)

// cond is a condition whose column is found and whose value is of its type.
type cond struct {
	col   int
	op    db.Op
	value db.Value
}

// conditions makes them ready. One whose value cannot be of the column's type never
// holds: never is true then.
func (t *table) conditions(where []db.Cond) (cs []cond, never bool, err error) {
	for _, w := range where {
		i, err := t.find(w.Column)
		if err != nil {
			return nil, false, err
		}
		c := cond{col: i, op: w.Op}
		if w.Op != db.IsNull && w.Op != db.NotNull {
			if c.value, err = t.cols[i].fit(w.Value); err != nil || c.value.IsNull() {
				never = true
			}
		}
		cs = append(cs, c)
	}
	return cs, never, nil
}

func holds(row []db.Value, cs []cond) bool {
	for i := range cs {
		if !cs[i].holds(&row[cs[i].col]) {
			return false
		}
	}
	return true
}

func (c *cond) holds(v *db.Value) bool {
	switch {
	case c.op == db.IsNull:
		return v.IsNull()
	case v.IsNull():
		return false
	}
	n := compare(v, &c.value)
	switch c.op {
	case db.Equal:
		return n == 0
	case db.NotEqual:
		return n != 0
	case db.Less:
		return n < 0
	case db.LessEqual:
		return n <= 0
	case db.Greater:
		return n > 0
	case db.GreaterEqual:
		return n >= 0
	}
	return true // NotNull
}

// compare orders two values of one column. NULL is the least.
func compare(x, y *db.Value) int {
	switch {
	case x.IsNull() || y.IsNull():
		return cmp.Compare(min(x.Kind, 1), min(y.Kind, 1))
	case x.Kind == db.Int:
		return cmp.Compare(x.Int, y.Int)
	case x.Kind == db.Double:
		return cmp.Compare(x.Double, y.Double)
	}
	return strings.Compare(x.Text, y.Text)
}

// choose finds rows.
func (t *table) choose(q *db.Select) (*db.Result, error) {
	cols, r, err := t.pick(q.Columns)
	if err != nil {
		return nil, err
	}
	cs, never, err := t.conditions(q.Where)
	if err != nil {
		return nil, err
	}
	rows, err := t.sorted(q.Order)
	if err != nil || never {
		return r, err
	}
	for _, row := range rows {
		if q.Limit > 0 && len(r.Rows) == q.Limit {
			break
		}
		if !holds(row, cs) {
			continue
		}
		if len(r.Rows) == int(maxResultRows) {
			return nil, fmt.Errorf("more than %d rows: max_result_rows of db_text allows no more", maxResultRows)
		}
		out := make([]db.Value, len(cols))
		for i, k := range cols {
			out[i] = row[k]
		}
		r.Rows = append(r.Rows, out)
	}
	return r, nil
}

// pick finds the columns of a result.
func (t *table) pick(names []string) (cols []int, r *db.Result, err error) {
	r = &db.Result{}
	if names == nil {
		for i := range t.cols {
			cols, r.Columns = append(cols, i), append(r.Columns, t.cols[i].name)
		}
		return cols, r, nil
	}
	for _, name := range names {
		i, err := t.find(name)
		if err != nil {
			return nil, nil, err
		}
		cols, r.Columns = append(cols, i), append(r.Columns, t.cols[i].name)
	}
	return cols, r, nil
}

func (t *table) sorted(by []db.Order) ([][]db.Value, error) {
	if len(by) == 0 {
		return t.rows, nil
	}
	cols := make([]int, len(by))
	for i, o := range by {
		var err error
		if cols[i], err = t.find(o.Column); err != nil {
			return nil, err
		}
	}
	rows := slices.Clone(t.rows)
	slices.SortStableFunc(rows, func(x, y []db.Value) int {
		for i, k := range cols {
			if n := compare(&x[k], &y[k]); n != 0 {
				if by[i].Descending {
					n = -n
				}
				return n
			}
		}
		return 0
	})
	return rows, nil
}
