package dbtext

import (
	"slices"

	"goser/worker/module/api/db"
)

// set is a cell whose column is found and whose value is of its type.
type set struct {
	col   int
	value db.Value
}

func (t *table) cells(cells []db.Cell) ([]set, error) {
	out := make([]set, len(cells))
	for i, c := range cells {
		k, err := t.find(c.Column)
		if err != nil {
			return nil, err
		}
		out[i].col = k
		if out[i].value, err = t.cols[k].fit(c.Value); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// with is the table with other rows.
func (t *table) with(rows [][]db.Value) *table {
	return &table{cols: t.cols, rows: rows, next: slices.Clone(t.next)}
}

// insert puts a row before all others, as the original does: what was stored last is
// read first.
func (t *table) insert(cells []db.Cell) (*table, error) {
	row := make([]db.Value, len(t.cols))
	given := make([]bool, len(t.cols))
	sets, err := t.cells(cells)
	if err != nil {
		return nil, err
	}
	for _, s := range sets {
		row[s.col], given[s.col] = s.value, true
	}
	nt := t.with(append([][]db.Value{row}, t.rows...))
	for i := range t.cols {
		switch {
		case t.cols[i].auto && row[i].IsNull():
			row[i] = db.IntValue(nt.next[i])
		case !given[i]:
			if row[i], err = t.cols[i].fit(db.Value{}); err != nil {
				return nil, err
			}
		}
		if t.cols[i].auto {
			nt.next[i] = max(nt.next[i], row[i].Int+1)
		}
	}
	return nt, nil
}

// update changes the rows for which all conditions hold; n of them.
func (t *table) update(cells []db.Cell, where []db.Cond) (nt *table, n int64, err error) {
	sets, err := t.cells(cells)
	if err != nil {
		return nil, 0, err
	}
	cs, never, err := t.conditions(where)
	if err != nil || never {
		return nil, 0, err
	}
	rows := slices.Clone(t.rows)
	for i, row := range rows {
		if !holds(row, cs) {
			continue
		}
		n++
		rows[i] = slices.Clone(row)
		for _, s := range sets {
			rows[i][s.col] = s.value
		}
	}
	nt = t.with(rows)
	nt.count()
	return nt, n, nil
}

// remove deletes the rows for which all conditions hold; n of them.
func (t *table) remove(where []db.Cond) (nt *table, n int64, err error) {
	cs, never, err := t.conditions(where)
	if err != nil || never {
		return nil, 0, err
	}
	var rows [][]db.Value
	for _, row := range t.rows {
		if holds(row, cs) {
			n++
		} else {
			rows = append(rows, row)
		}
	}
	return t.with(rows), n, nil
}

// replace deletes the rows that agree with the new one in the columns keys, and inserts it.
func (t *table) replace(cells []db.Cell, keys []string) (*table, error) {
	var same []db.Cond
	for _, k := range keys {
		for _, c := range cells {
			if c.Column == k {
				same = append(same, db.Is(k, c.Value))
			}
		}
	}
	if len(same) > 0 {
		nt, _, err := t.remove(same)
		if err != nil {
			return nil, err
		}
		if nt != nil {
			t = nt
		}
	}
	return t.insert(cells)
}
