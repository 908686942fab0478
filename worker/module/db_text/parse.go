package dbtext

import (
	"errors"
	"fmt"
	"strings"

	"goser/worker/module/api/db"
)

// maxColumns bounds the columns of a table.
const maxColumns = 256

// lineError is what is wrong with a file, and where.
type lineError struct {
	line int
	err  error
}

func (e *lineError) Error() string { return fmt.Sprintf("line %d: %v", e.line, e.err) }

func (e *lineError) Unwrap() error { return e.err }

// parse reads a file: a header, and a row on each line that is not empty.
func parse(data []byte) (*table, error) {
	head, rest, _ := strings.Cut(string(data), "\n") // fields are views of this one copy
	cols, err := parseHeader(head)
	if err != nil {
		return nil, &lineError{1, err}
	}
	t := &table{cols: cols, next: make([]int64, len(cols))}
	for line := 2; len(rest) > 0; line++ {
		if rest[0] == '\n' {
			rest = rest[1:]
			continue
		}
		row, n, err := t.parseRow(rest)
		if err != nil {
			return nil, &lineError{line, err}
		}
		t.rows, rest = append(t.rows, row), rest[n:]
	}
	t.count()
	return t, nil
}

func parseHeader(s string) ([]column, error) {
	const want = `expected columns such as "id(int,auto) name(string) note(string,null)"`
	var cols []column
	for s = strings.Trim(s, " \t"); s != ""; s = strings.TrimLeft(s, " \t") {
		name, rest, ok := strings.Cut(s, "(")
		spec, rest, closed := strings.Cut(rest, ")")
		name = strings.TrimSpace(name)
		if !ok || !closed || name == "" || strings.ContainsAny(name, " \t\r:,") {
			return nil, fmt.Errorf("header: %s: %s", quoted(s), want)
		}
		c := column{name: name}
		if err := c.describe(spec); err != nil {
			return nil, fmt.Errorf("header: column %s: %w", name, err)
		}
		for i := range cols {
			if strings.EqualFold(cols[i].name, name) {
				return nil, fmt.Errorf("header: column %s is there twice", name)
			}
		}
		if len(cols) == maxColumns {
			return nil, fmt.Errorf("header: more than %d columns", maxColumns)
		}
		cols, s = append(cols, c), rest
	}
	if len(cols) == 0 {
		return nil, errors.New("the header is missing: " + want)
	}
	return cols, nil
}

// describe reads what stands in the parentheses. The first letter tells the type, as in
// the original: bigint is a blob there.
func (c *column) describe(spec string) error {
	words := strings.Split(spec, ",")
	c.typ = strings.ToLower(strings.TrimSpace(words[0]))
	switch {
	case strings.HasPrefix(c.typ, "i"):
		c.kind = db.Int
	case strings.HasPrefix(c.typ, "s"):
		c.kind = db.Text
	case strings.HasPrefix(c.typ, "d"):
		c.kind = db.Double
	case strings.HasPrefix(c.typ, "b"):
		c.kind = db.Blob
	default:
		return fmt.Errorf("unknown type %q: expected int, double, string or blob", c.typ)
	}
	for _, w := range words[1:] {
		switch strings.ToLower(strings.TrimSpace(w)) {
		case "null":
			c.null = true
		case "auto":
			c.auto = true
		default:
			return fmt.Errorf("%q: expected null or auto behind the type", strings.TrimSpace(w))
		}
	}
	if c.auto && c.kind != db.Int {
		return fmt.Errorf("auto needs the type int, not %s", c.typ)
	}
	return nil
}

// parseRow reads one line; n is how long it is. Fields that are missing at its end are
// NULL.
func (t *table) parseRow(line string) (row []db.Value, n int, err error) {
	row = make([]db.Value, len(t.cols))
	i := 0
	for {
		text, used, end, err := field(line[n:])
		n += used
		if err != nil {
			return nil, 0, fmt.Errorf("field %d: %w", i+1, err)
		}
		if i == len(row) {
			return nil, 0, fmt.Errorf("more than the %d fields of the header: a %q in a text is written \\%s", len(row), delim, delim)
		}
		if row[i], err = t.cols[i].read(text); err != nil {
			return nil, 0, err
		}
		i++
		if end {
			break
		}
	}
	for ; i < len(row); i++ {
		if row[i], err = t.cols[i].read(""); err != nil {
			return nil, 0, err
		}
	}
	return row, n, nil
}

func (c *column) read(s string) (db.Value, error) {
	if s == "" && c.emptyIsNull() {
		return c.fit(db.Value{})
	}
	return c.fit(db.TextValue(s))
}

// field reads up to a delimiter or the end of the line, and what ended it.
func field(s string) (text string, n int, end bool, err error) {
	stop := -1
	plain := true
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' {
			plain = false
			i++
		} else if s[i] == delim[0] || s[i] == '\n' {
			stop = i
			break
		}
	}
	raw := s
	n, end = len(s), true
	if stop >= 0 {
		raw, n, end = s[:stop], stop+1, s[stop] == '\n'
	}
	if len(raw) > int(fileBufferSize) {
		return "", n, end, fmt.Errorf("it is %d bytes long: file_buffer_size of db_text allows %d", len(raw), fileBufferSize)
	}
	if end && len(raw) > 0 && raw[len(raw)-1] == '\r' {
		return "", n, end, errors.New("a carriage return ends the line: lines end with a line feed alone, and one in a text is written \\r")
	}
	if plain {
		return raw, n, end, nil
	}
	text, err = unescape(raw)
	return text, n, end, err
}

func unescape(raw string) (string, error) {
	var b strings.Builder
	b.Grow(len(raw))
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		if c == '\\' {
			i++
			if i == len(raw) {
				return "", errors.New(`a \ with nothing behind it: one in a text is written \\`)
			}
			switch c = raw[i]; c {
			case 'n':
				c = '\n'
			case 'r':
				c = '\r'
			case 't':
				c = '\t'
			case '0':
				c = 0
			case '\\', delim[0]:
			default:
				return "", fmt.Errorf(`unknown escape \%s: expected one of \n \r \t \0 \\ \%s`, strings.Trim(quoted(string(c)), `"`), delim)
			}
		}
		b.WriteByte(c)
	}
	return b.String(), nil
}

// count finds what auto columns go on with.
func (t *table) count() {
	for i := range t.cols {
		if !t.cols[i].auto {
			continue
		}
		t.next[i] = 1
		for _, row := range t.rows {
			t.next[i] = max(t.next[i], row[i].Int+1)
		}
	}
}
