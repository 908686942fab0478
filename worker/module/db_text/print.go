package dbtext

import (
	"strconv"

	"goser/worker/module/api/db"
)

// print is the file of a table.
func (t *table) print() []byte {
	var b []byte
	for i := range t.cols {
		if i > 0 {
			b = append(b, ' ')
		}
		b = t.cols[i].print(b)
	}
	b = append(b, '\n')
	for _, row := range t.rows {
		for i := range row {
			if i > 0 {
				b = append(b, delim[0])
			}
			b = printField(b, &row[i])
		}
		b = append(b, '\n')
	}
	return b
}

func (c *column) print(b []byte) []byte {
	b = append(append(append(b, c.name...), '('), c.typ...)
	if c.null {
		b = append(b, ",null"...)
	}
	if c.auto {
		b = append(b, ",auto"...)
	}
	return append(b, ')')
}

func printField(b []byte, v *db.Value) []byte {
	switch v.Kind {
	case db.Null:
		return b
	case db.Int:
		return strconv.AppendInt(b, v.Int, 10)
	case db.Double:
		return strconv.AppendFloat(b, v.Double, 'f', -1, 64)
	}
	for i := range len(v.Text) {
		switch c := v.Text[i]; c {
		case '\n':
			b = append(b, `\n`...)
		case '\r':
			b = append(b, `\r`...)
		case '\t':
			b = append(b, `\t`...)
		case 0:
			b = append(b, `\0`...)
		case '\\', delim[0]:
			b = append(b, '\\', c)
		default:
			b = append(b, c)
		}
	}
	return b
}
