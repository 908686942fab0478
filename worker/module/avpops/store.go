package avpops

import (
	"fmt"
	"strconv"
	"strings"

	"goser/worker/module"
	"goser/worker/module/api/db"
)

// The type of a row tells what its AVP is.
const (
	valueIsNumber = 1 << iota
	nameIsNumber
)

// load makes AVPs of rows, in their order, so that the last one is the newest. Rows that are no AVP are passed over.
func load(c *module.Ctx, a *module.Args) int {
	k := a.Fixed.(*storing)
	who, err := k.of(c)
	if err != nil {
		return c.Fail(-1, err.Error())
	}
	q := db.Select{Table: k.tableName()}
	if k.scheme != nil {
		q.Columns = []string{or(k.scheme.value, columns.value)}
		q.Where = who.where(k.scheme, nil)
	} else {
		q.Columns = []string{columns.value, columns.attribute, columns.typ}
		q.Where = k.named(who.where(&scheme{}, nil))
	}
	r, err := database.Select(c, &q)
	if err != nil {
		return c.Fail(-1, err.Error())
	}
	n := 0
	for _, row := range r.Rows {
		name, v, err := k.avpOf(row)
		switch {
		case err != nil:
			c.Complain(err.Error())
		case !k.wants(name):
		case !c.AVPs.Push(name, v):
			return c.Fail(-1, module.ErrTooManyAVPs.Error())
		default:
			n++
		}
	}
	return truth(n > 0)
}

// named adds the condition for the name of one AVP.
func (k *chosen) named(where []db.Cond) []db.Cond {
	if k.avp == "" {
		return where
	}
	return append(where, db.Is(columns.attribute, db.TextValue(k.avp[2:])))
}

// avpOf reads a row: value, name, type, or with a scheme the value alone.
func (k *chosen) avpOf(row []db.Value) (name string, v module.Value, err error) {
	typ := int64(0)
	if k.scheme != nil {
		if name = k.avp; k.scheme.number {
			typ = valueIsNumber
		}
	} else {
		if typ = row[2].Int; row[1].IsNull() {
			return "", v, fmt.Errorf("a row without %s is no AVP", columns.attribute)
		}
		if name, err = nameOf(row[1].String(), typ); err != nil {
			return "", v, err
		}
	}
	text := row[0].String()
	switch {
	case row[0].IsNull():
		return "", v, fmt.Errorf("a row without %s is no AVP", or(k.valueColumn(), columns.value))
	case typ&valueIsNumber == 0:
		return name, module.StrValue(text), nil
	}
	number, ok := decimal(text)
	if !ok {
		return "", v, fmt.Errorf("the value of AVP %s in the database is no number", name[2:])
	}
	return name, module.IntValue(number), nil
}

// decimal is stricter than the language: no 0x10, as in the original.
func decimal(s string) (int32, bool) {
	n, err := strconv.ParseInt(s, 10, 32)
	return int32(n), err == nil
}

func (k *chosen) valueColumn() string {
	if k.scheme == nil {
		return ""
	}
	return k.scheme.value
}

func nameOf(s string, typ int64) (string, error) {
	if typ&nameIsNumber == 0 {
		return "s:" + s, nil
	}
	n, ok := decimal(s)
	if !ok {
		return "", fmt.Errorf("the name of an AVP in the database is no number: %q", s)
	}
	return fmt.Sprintf("i:%d", n), nil
}

// store writes AVPs, newest first, a row each.
func store(c *module.Ctx, a *module.Args) int {
	k := a.Fixed.(*storing)
	who, err := k.of(c)
	if err != nil {
		return c.Fail(-1, err.Error())
	}
	var avps []module.AVP
	c.AVPs.Each(func(name string, v module.Value) {
		if k.wants(name) {
			avps = append(avps, module.AVP{Name: name, Value: v})
		}
	})
	n := 0
	for _, avp := range avps {
		if err := database.Insert(c, k.tableName(), who.row(c, avp)); err != nil {
			c.Complain(err.Error())
		} else {
			n++
		}
	}
	return truth(n > 0)
}

// row is the row of an AVP.
func (p *person) row(c *module.Ctx, avp module.AVP) []db.Cell {
	typ := int64(0)
	if avp.Value.Kind == module.KindInt {
		typ |= valueIsNumber
	}
	if strings.HasPrefix(avp.Name, "i:") {
		typ |= nameIsNumber
	}
	return []db.Cell{
		{Column: columns.uuid, Value: db.TextValue(p.uuid)},
		{Column: columns.attribute, Value: db.TextValue(avp.Name[2:])},
		{Column: columns.value, Value: db.TextValue(c.Text(avp.Value))},
		{Column: columns.typ, Value: db.IntValue(typ)},
		{Column: columns.user, Value: db.TextValue(p.user)},
		{Column: columns.domain, Value: db.TextValue(p.domain)},
	}
}

// discard deletes rows. None is no failure.
func discard(c *module.Ctx, a *module.Args) int {
	k := a.Fixed.(*storing)
	who, err := k.of(c)
	if err != nil {
		return c.Fail(-1, err.Error())
	}
	where := k.named(who.where(&scheme{}, nil))
	switch k.kinds {
	case "s":
		where = append(where, db.Cond{Column: columns.typ, Op: db.Less, Value: db.IntValue(nameIsNumber)})
	case "i":
		where = append(where, db.Cond{Column: columns.typ, Op: db.GreaterEqual, Value: db.IntValue(nameIsNumber)})
	}
	if _, err := database.Delete(c, k.tableName(), where); err != nil {
		return c.Fail(-1, err.Error())
	}
	return 1
}
