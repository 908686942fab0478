package dbtext

import (
	"fmt"

	"goser/worker/module/api/db"
)

// statement is a statement taken apart: one of the four.
type statement struct {
	verb   string // select, insert, update, delete
	sel    db.Select
	values []db.Cell // of insert and update
}

// maxDepth bounds parentheses in a condition.
const maxDepth = 32

// parseSQL reads a statement:
//
//	select * | column, ... from table [where condition] [order by column [desc], ...] [limit n]
//	insert into table (column, ...) values (value, ...)
//	update table set column = value, ... where condition
//	delete from table [where condition]
//
// A condition is column = <> != < <= > >= value, column is [not] null, some of them
// joined by and. A value is a number, a text in quotes, or null.
func parseSQL(text string) (*statement, error) {
	p := &parser{text: text}
	p.next()
	s := &statement{}
	for verb, read := range verbs {
		if p.take(verb) {
			s.verb = verb
			read(p, s)
			break
		}
	}
	if s.verb == "" {
		p.failf("expected select, insert, update or delete")
	}
	p.take(";")
	if p.err == nil && !p.atEnd() {
		p.failf("expected the end of the statement")
	}
	return s, p.err
}

var verbs = map[string]func(p *parser, s *statement){
	"select": (*parser).selection, "insert": (*parser).insertion, "update": (*parser).updating, "delete": (*parser).deletion,
}

func (p *parser) selection(s *statement) {
	if !p.take("*") {
		s.sel.Columns = p.names()
	}
	p.expect("from")
	s.sel.Table = p.name("a table")
	p.where(s)
	if p.take("order") {
		p.expect("by")
		for more := true; more; more = p.take(",") {
			o := db.Order{Column: p.name("a column")}
			if o.Descending = p.take("desc"); !o.Descending {
				p.take("asc")
			}
			s.sel.Order = append(s.sel.Order, o)
		}
	}
	if p.take("limit") {
		v := p.value()
		if v.Kind != db.Int || v.Int < 1 || v.Int > 1<<30 {
			p.failf("expected a number of rows behind limit")
		}
		s.sel.Limit = int(v.Int)
	}
}

func (p *parser) insertion(s *statement) {
	p.expect("into")
	s.sel.Table = p.name("a table")
	p.expect("(")
	names := p.names()
	p.expect(")")
	p.expect("values")
	p.expect("(")
	for i := 0; p.err == nil; i++ {
		v := p.value()
		if i >= len(names) {
			p.failf("more values than the %d columns", len(names))
			return
		}
		s.values = append(s.values, db.Cell{Column: names[i], Value: v})
		if !p.take(",") {
			break
		}
	}
	p.expect(")")
	if p.err == nil && len(s.values) < len(names) {
		p.err = fmt.Errorf("insert: %d values for %d columns", len(s.values), len(names))
	}
}

func (p *parser) updating(s *statement) {
	s.sel.Table = p.name("a table")
	p.expect("set")
	for more := true; more && p.err == nil; more = p.take(",") {
		name := p.name("a column")
		p.expect("=")
		s.values = append(s.values, db.Cell{Column: name, Value: p.value()})
	}
	p.where(s)
	if p.err == nil && s.sel.Where == nil {
		p.failf("update needs where")
	}
}

func (p *parser) deletion(s *statement) {
	p.expect("from")
	s.sel.Table = p.name("a table")
	p.where(s)
}

func (p *parser) where(s *statement) {
	if p.take("where") {
		p.conditions(s, 0)
	}
}

func (p *parser) conditions(s *statement, depth int) {
	if depth > maxDepth {
		p.failf("more than %d parentheses", maxDepth)
	}
	for more := true; more && p.err == nil; more = p.take("and") {
		if p.take("(") {
			p.conditions(s, depth+1)
			p.expect(")")
		} else {
			s.sel.Where = append(s.sel.Where, p.condition())
		}
	}
}

var operators = map[string]db.Op{
	"=": db.Equal, "<>": db.NotEqual, "!=": db.NotEqual, "<": db.Less, "<=": db.LessEqual, ">": db.Greater, ">=": db.GreaterEqual,
}

func (p *parser) condition() db.Cond {
	c := db.Cond{Column: p.name("a column")}
	if p.take("is") {
		c.Op = db.IsNull
		if p.take("not") {
			c.Op = db.NotNull
		}
		p.expect("null")
		return c
	}
	op, ok := operators[p.tok]
	if !ok || p.quoted {
		p.failf("expected one of = <> < <= > >= or is null behind the column %s", quoted(c.Column))
		return c
	}
	p.next()
	c.Op, c.Value = op, p.value()
	return c
}

func (p *parser) names() (list []string) {
	for more := true; more && p.err == nil; more = p.take(",") {
		list = append(list, p.name("a column"))
	}
	return list
}

// Run implements db.Conn.
func (d *directory) Run(text string) (*db.Result, error) {
	s, err := parseSQL(text)
	if err != nil {
		return nil, err
	}
	switch s.verb {
	case "select":
		return d.Select(&s.sel)
	case "insert":
		return nil, d.Insert(s.sel.Table, s.values)
	case "update":
		_, err = d.Update(s.sel.Table, s.values, s.sel.Where)
	case "delete":
		_, err = d.Delete(s.sel.Table, s.sel.Where)
	}
	return nil, err
}
