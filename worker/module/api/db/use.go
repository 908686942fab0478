package db

import (
	"strings"

	"goser/worker/module"
)

// wait runs f while c waits. With a nil c, when a module starts, it just runs.
func (db *DB) wait(c *module.Ctx, f func(Conn) error) (err error) {
	run := func() {
		var conn Conn
		if conn, err = db.connection(); err == nil {
			err = f(conn)
		}
	}
	if c == nil {
		run()
		return err
	}
	if werr := c.Env.Wait(c, run); werr != nil {
		return werr
	}
	return err
}

// Select finds rows.
func (db *DB) Select(c *module.Ctx, q *Select) (r *Result, err error) {
	own := *q
	own.Table, own.Where = strings.Clone(q.Table), cloneConds(q.Where)
	err = db.wait(c, func(conn Conn) (err error) {
		r, err = conn.Select(&own)
		return err
	})
	return r, err
}

// Insert adds a row; columns that are not named are NULL, or number themselves.
func (db *DB) Insert(c *module.Ctx, table string, row []Cell) error {
	row = cloneCells(row)
	return db.wait(c, func(conn Conn) error { return conn.Insert(table, row) })
}

// Replace puts a row in the place of those that agree with it in the columns keys.
func (db *DB) Replace(c *module.Ctx, table string, row []Cell, keys []string) error {
	row = cloneCells(row)
	return db.wait(c, func(conn Conn) error { return conn.Replace(table, row, keys) })
}

// Update changes rows and tells how many there were.
func (db *DB) Update(c *module.Ctx, table string, set []Cell, where []Cond) (n int64, err error) {
	set, where = cloneCells(set), cloneConds(where)
	err = db.wait(c, func(conn Conn) (err error) {
		n, err = conn.Update(table, set, where)
		return err
	})
	return n, err
}

// Delete deletes rows and tells how many there were.
func (db *DB) Delete(c *module.Ctx, table string, where []Cond) (n int64, err error) {
	where = cloneConds(where)
	err = db.wait(c, func(conn Conn) (err error) {
		n, err = conn.Delete(table, where)
		return err
	})
	return n, err
}

// Run runs a statement in the database's own language; r is nil if it is none that has
// a result.
func (db *DB) Run(c *module.Ctx, statement string) (r *Result, err error) {
	statement = strings.Clone(statement)
	err = db.wait(c, func(conn Conn) (err error) {
		r, err = conn.Run(statement)
		return err
	})
	return r, err
}
