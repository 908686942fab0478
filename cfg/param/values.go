package param

// Values holds one value for each parameter. Make it with NewValues, fill it with Set and Override, call
// Finish once, then read: Int, Bool and Text are an index and a load. It must not be changed while others
// read it.
type Values struct {
	ints     [count]int32
	texts    [count]string
	state    [count]state
	warnings []Warning
}

type state uint8

const (
	assigned state = 1 << iota // by the file
	locked                     // by the command line: the file no longer decides
)

// A Warning is something accepted that will not do what its author may expect.
type Warning struct {
	ID   ID
	Text string
}

// NewValues returns the defaults.
func NewValues() *Values {
	v := &Values{}
	for i := range table {
		p := table[i]
		v.ints[i] = int32(p.Default.Num)
		v.texts[i] = p.Default.Text
		if p.Type == Enum || p.Type == Proto || p.Type == TOSNumber {
			v.ints[i] = int32(choiceValue(p, p.Default))
		}
	}
	return v
}

// Int returns the number a parameter holds: of an Enum the Choice's value, of a Bool 0 or 1.
func (v *Values) Int(id ID) int { return int(v.ints[id]) }

// Bool reports whether a parameter is on.
func (v *Values) Bool(id ID) bool { return v.ints[id] != 0 }

// Text returns the string a parameter holds, of an Enum the name.
func (v *Values) Text(id ID) string { return v.texts[id] }

// IsSet reports whether the file or the command line assigned the parameter.
func (v *Values) IsSet(id ID) bool { return v.state[id] != 0 }

// SetInt stores a number unchecked; the supervisor uses it for what it finds out about the machine.
func (v *Values) SetInt(id ID, n int) { v.ints[id] = int32(n) }

// Assigned returns the parameters the file or the command line assigned.
func (v *Values) Assigned() []*Param {
	return filter(func(p *Param) bool { return v.IsSet(p.ID) })
}

// Warnings returns what Set, Override and Finish found odd, in that order.
func (v *Values) Warnings() []Warning { return v.warnings }

func (v *Values) warn(p *Param, text string) {
	v.warnings = append(v.warnings, Warning{p.ID, p.Name + ": " + text})
}
