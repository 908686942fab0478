package param

import (
	"fmt"
	"net/netip"
	"strings"
)

// Set assigns a value of the configuration file. The command line has precedence (see Override), user and
// shm keep their first value. Errors are *Error and leave v as it was.
func Set(v *Values, p *Param, val Value) error { return v.assign(p, val, assigned) }

// Override assigns a value of the command line; assignments of the file to the same parameter then have no
// effect, whether they come before or after.
func (v *Values) Override(p *Param, val Value) error { return v.assign(p, val, assigned|locked) }

func (v *Values) assign(p *Param, val Value, as state) error {
	if p.RTOnly {
		return unknown(p.Name)
	}
	stored, err := p.convert(val)
	if err != nil {
		return err
	}
	if as&locked == 0 && v.keeps(p, stored) {
		return nil
	}
	if !p.Strict && p.Type.Numeric() && outside(stored.Num, p.Min, p.Max) {
		v.warn(p, fmt.Sprintf("%d is outside %d..%d", stored.Num, p.Min, p.Max))
	}
	v.store(p.ID, stored, as)
	if p.negates {
		v.store(p.opposite, Num(negation(stored.Num)), as)
	}
	return nil
}

// keeps reports whether an assignment of the file is without effect on what is there.
func (v *Values) keeps(p *Param, val Value) bool {
	had := v.state[p.ID]
	return had&locked != 0 || p.FirstWins && had != 0 || p.Sticky && v.Bool(p.ID) && val.Num == 0
}

func (v *Values) store(id ID, val Value, as state) {
	v.ints[id] = int32(val.Num)
	v.texts[id] = val.Text
	v.state[id] |= as
}

func negation(n int) int {
	if n == 0 {
		return 1
	}
	return 0
}

// convert checks a value against the parameter's type and, where that binds, its range. What it returns has
// a number in Num if the type is numeric and a string in Text if it is not; a name has both.
func (p *Param) convert(val Value) (Value, error) {
	switch p.Type {
	case Bool:
		return p.boolean(val)
	case Int, Flags, IntSigned:
		return p.number(val)
	case String, Format:
		return p.text(val, val.Kind == Text, "string", quotes(val))
	case Any:
		if val.Kind == Number {
			val = Str(val.String())
		}
		return p.text(val, val.Kind != None, "value", "")
	case StringOrID:
		return p.text(val, val.Kind != Number && val.Kind != None, "string or name", quotes(val))
	case Enum, Proto:
		return p.choice(val)
	case TOSNumber:
		if val.Kind == Number {
			return p.number(val)
		}
		return p.choice(val)
	case ListenID:
		return p.text(val, val.Kind != Number && val.Kind != None && val.Text != "", "address or host",
			`write an IP address, a host name, or a "string"`)
	case IPv4, IPv6:
		return p.address(val)
	}
	return Value{}, &Error{p.Name, "this is a statement and takes no single value", "see its description: " + p.Help}
}

func (p *Param) boolean(val Value) (Value, error) {
	n, ok := boolWord(val)
	switch {
	case val.Kind == Number:
		n = val.Num
	case !ok:
		return Value{}, p.expected("boolean", val, "write yes or no, without quotes")
	}
	if n != 0 {
		n = 1
	}
	return Num(n), nil
}

// boolWord reads the words that the language takes for 1 and 0 wherever a number may stand.
func boolWord(val Value) (n int, ok bool) {
	if val.Kind != Word {
		return 0, false
	}
	switch val.Text {
	case "yes", "true", "on", "enable":
		return 1, true
	case "no", "false", "off", "disable":
		return 0, true
	}
	return 0, false
}

func (p *Param) number(val Value) (Value, error) {
	if n, ok := boolWord(val); ok {
		val = Num(n)
	}
	switch {
	case val.Kind != Number:
		return Value{}, p.expected("number", val, p.numberHint())
	case val.Num != int(int32(val.Num)):
		return Value{}, p.expected("number of 32 bits", val, p.numberHint())
	case val.Num < 0 && p.Type != IntSigned && p.Type != Flags:
		return Value{}, p.expected("number without sign", val, p.numberHint())
	case p.Strict && outside(val.Num, p.Min, p.Max):
		return Value{}, p.expected(fmt.Sprintf("number from %d to %d", p.Min, p.Max), val, "")
	}
	return val, nil
}

func (p *Param) numberHint() string {
	hint := "write " + p.Name + "=" + p.example()
	if p.Unit != NoUnit {
		hint += fmt.Sprintf(" (in %s)", p.Unit)
	}
	return hint
}

func (p *Param) example() string {
	if p.Default.Kind == Number && p.Default.Num > 0 {
		return p.Default.String()
	}
	return fmt.Sprint(max(1, p.Min))
}

func (p *Param) text(val Value, ok bool, want, hint string) (Value, error) {
	if !ok {
		return Value{}, p.expected(want, val, hint)
	}
	if strings.ContainsAny(val.Text, "\x00\r\n") {
		return Value{}, p.expected("string of one line", val, "")
	}
	return Value{Text: val.Text}, nil
}

func quotes(val Value) string {
	if val.Kind == None {
		return ""
	}
	return "write it in quotes: \"" + strings.Trim(clip(val.bare()), `"`) + `"`
}

func (p *Param) choice(val Value) (Value, error) {
	if val.Kind == Word || val.Kind == Text {
		for _, c := range p.Choices {
			if c.Name == val.Text || p.Type == TOSNumber && strings.EqualFold(c.Name, val.Text) ||
				p.Type == Proto && strings.ToLower(c.Name) == val.Text {
				return Value{Num: c.Value, Text: c.Name}, nil
			}
		}
	}
	return Value{}, p.expected(p.Type.String(), val, "write one of "+p.choiceNames())
}

func (p *Param) choiceNames() string {
	names := make([]string, len(p.Choices))
	for i, c := range p.Choices {
		names[i] = c.Name
	}
	return strings.Join(names, ", ")
}

// choiceValue is the number a default stands for.
func choiceValue(p *Param, val Value) int {
	for _, c := range p.Choices {
		if c.Name == val.Text {
			return c.Value
		}
	}
	return val.Num
}

func (p *Param) address(val Value) (Value, error) {
	text := val.Text
	if p.Type == IPv6 && strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") {
		text = text[1 : len(text)-1]
	}
	addr, err := netip.ParseAddr(text)
	if val.Kind == Number || err != nil || addr.Is4() != (p.Type == IPv4) || addr.Zone() != "" {
		hint := "write it like 192.0.2.1"
		if p.Type == IPv6 {
			hint = "write it like [2001:db8::1]"
		}
		return Value{}, p.expected(p.Type.String(), val, hint)
	}
	return Value{Text: addr.String()}, nil
}

func outside(n, lo, hi int) bool { return (lo != 0 || hi != 0) && (n < lo || n > hi) }
