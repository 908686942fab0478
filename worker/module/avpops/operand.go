package avpops

import (
	"fmt"
	"strings"

	"goser/cfg/check"
	"goser/cfg/ere"
	"goser/worker/module"
)

// operand is the second argument "operation/value/flags".
type operand struct {
	op    string
	value module.Value
	v     *module.VarUse // instead of value
	avp   string         // of the AVP that v is; "" none
	re    *ere.Regexp    // of re
	flags string
}

func (o *operand) has(flag byte) bool { return strings.IndexByte(o.flags, flag) >= 0 }

func (o *operand) get(c *module.Ctx) module.Value {
	if o.v != nil {
		return o.v.Get(c)
	}
	return o.value
}

// parseOperand knows the operations in known. A value is a variable, i:number,
// s:text or text.
func parseOperand(s, known, flags string) (*operand, error) {
	op, rest, ok := strings.Cut(s, "/")
	o := &operand{op: strings.TrimSpace(op)}
	if !ok || o.op == "" || !strings.Contains(" "+known+" ", " "+o.op+" ") {
		return nil, fmt.Errorf("%q: expected operation/value, with one of %s", s, known)
	}
	if o.op == "re" {
		return o, o.expression(rest, flags)
	}
	value := rest
	if i := strings.LastIndexByte(rest, '/'); i >= 0 {
		value, o.flags = rest[:i], rest[i+1:]
	}
	if err := checkFlags(o.flags, flags); err != nil {
		return nil, err
	}
	return o, o.operandValue(value)
}

// expression is a regular one; flags may stand behind its last slash.
func (o *operand) expression(s, flags string) error {
	if i := strings.LastIndexByte(s, '/'); i >= 0 && checkFlags(s[i+1:], flags) == nil {
		s, o.flags = s[:i], s[i+1:]
	}
	s = strings.ReplaceAll(strings.TrimPrefix(s, "s:"), "$$", "$")
	if strings.HasPrefix(s, "$") && len(s) > 1 {
		var err error
		o.v, err = module.ParseVar(s)
		return err
	}
	re, err := ere.Compile(s, true)
	if err != nil {
		return fmt.Errorf("bad expression %q: %w", s, err)
	}
	o.re = re
	return nil
}

func (o *operand) operandValue(s string) error {
	switch {
	case strings.HasPrefix(s, "i:"):
		n, ok := module.ParseInt(s[2:])
		if !ok {
			return fmt.Errorf("%q is no number", s[2:])
		}
		o.value = module.IntValue(n)
	case strings.HasPrefix(s, "$$"):
		o.value = module.StrValue(s[1:])
	case strings.HasPrefix(s, "$"):
		o.avp, _ = module.ParseAVP(s) // "" for other variables
		var err error
		o.v, err = module.ParseVar(s)
		return err
	default:
		o.value = module.StrValue(strings.TrimPrefix(s, "s:"))
	}
	return nil
}

// checking is avp_check's two arguments.
type checking struct {
	avp string         // or
	v   *module.VarUse // any variable
	*operand
}

const comparisons = "eq ne lt le gt ge re fm and or xor"

func fixCheck(a []check.Arg) (any, error) {
	k := &checking{}
	name := strings.TrimSpace(a[0].Str)
	var err error
	if k.avp, err = module.ParseAVP(name); err != nil {
		if k.v, err = module.ParseVar(name); err != nil {
			return nil, at(0, err)
		}
	}
	k.operand, err = parseOperand(a[1].Str, comparisons, "gi")
	return k, at(1, err)
}

// wanted are the values that one call compares with.
var wanted []module.Value

// want gathers what to compare with: all values of an AVP, else one.
func (o *operand) want(c *module.Ctx) []module.Value {
	wanted = wanted[:0]
	if o.avp == "" {
		wanted = append(wanted, o.get(c))
		return wanted
	}
	c.AVPs.Each(func(name string, v module.Value) {
		if name == o.avp {
			wanted = append(wanted, v)
		}
	})
	return wanted
}

// checkValue compares the newest value, with g any; values of the other type are
// passed over. A variable that is undefined is an empty text.
func checkValue(c *module.Ctx, a *module.Args) int {
	k := a.Fixed.(*checking)
	want := k.want(c)
	if k.re == nil && len(want) == 1 && want[0].IsUndef() {
		return -1
	}
	if k.v != nil {
		v := k.v.Get(c)
		if v.IsUndef() {
			v = module.StrValue("")
		}
		return truth(k.any(c, v, want))
	}
	for i := 0; ; i++ {
		v := c.AVPs.Get(k.avp, i)
		if v == nil {
			return -1
		}
		if k.any(c, v.Value, want) {
			return 1
		}
		if !k.has('g') {
			return -1
		}
	}
}

// any tells whether the operation holds with one of the wanted values.
func (o *operand) any(c *module.Ctx, v module.Value, want []module.Value) bool {
	for i := range want {
		if o.holds(c, v, want[i]) {
			return true
		}
	}
	return false
}

func (o *operand) holds(c *module.Ctx, v, want module.Value) bool {
	switch {
	case o.op == "re":
		re := o.re
		if re == nil {
			re, _ = expressions.Get(c.Text(want))
		}
		return re != nil && re.MatchString(c.Text(v))
	case o.op == "fm":
		return module.Fnmatch(c.Text(want), c.Text(v), o.has('i'))
	case v.Kind != want.Kind:
		return false
	case v.Kind == module.KindInt:
		return o.numbers(v.Int, want.Int)
	}
	x, y := v.Str, want.Str
	if o.has('i') || o.op != "eq" && o.op != "ne" { // as 5.6.3: which is the greater does not depend on case
		x, y = strings.ToLower(x), strings.ToLower(y)
	}
	return o.ordered(strings.Compare(x, y))
}

func (o *operand) numbers(x, y int32) bool {
	switch o.op {
	case "and":
		return x&y != 0
	case "or":
		return x|y != 0
	case "xor":
		return x^y != 0
	}
	switch {
	case x < y:
		return o.ordered(-1)
	case x > y:
		return o.ordered(1)
	}
	return o.ordered(0)
}

func (o *operand) ordered(n int) bool {
	switch o.op {
	case "eq":
		return n == 0
	case "ne":
		return n != 0
	case "lt":
		return n < 0
	case "le":
		return n <= 0
	case "gt":
		return n > 0
	case "ge":
		return n >= 0
	}
	return false
}

// expressions are those that variables brought.
var expressions ere.Cache

// computing is avp_op's two arguments: the results go to another name, or to the
// same.
type computing struct {
	from, to string
	*operand
}

const arithmetic = "add sub mul div mod and or xor not"

func fixOp(a []check.Arg) (any, error) {
	name, to := cutFlags(a[0].Str)
	k := &computing{}
	var err error
	if k.from, err = module.ParseAVP(name); err != nil {
		return nil, at(0, err)
	}
	if k.to = k.from; to != "" {
		if k.to, err = module.ParseAVP(to); err != nil {
			return nil, at(0, err)
		}
	}
	k.operand, err = parseOperand(a[1].Str, arithmetic, "gd")
	return k, at(1, err)
}

// compute pushes a result for each number there is, newest first; d deletes what
// was computed with. An operand of several values is applied one value after the
// other, and each step pushes its result.
//
// KAMAILIO: 5.6.3 does so with and without g.
func compute(c *module.Ctx, a *module.Args) int {
	k := a.Fixed.(*computing)
	with := k.want(c)
	n, rc, pushed := c.AVPs.Count(k.from), -1, 0
	for i := range n {
		j := i
		if k.from == k.to {
			j += pushed
		}
		v := c.AVPs.Get(k.from, j).Value
		if v.Kind != module.KindInt {
			continue
		}
		more, ok := k.steps(c, v.Int, with)
		if !ok {
			return c.Fail(-1, module.ErrTooManyAVPs.Error())
		}
		if pushed += more; more > 0 {
			rc = 1
		}
		if k.has('d') && k.avp == k.from {
			with = with[1:] // this value is gone
		}
	}
	if k.has('d') && rc == 1 {
		k.removeNumbers(c, n)
	}
	return rc
}

// steps pushes what x becomes with one number after the other; how many they are.
func (k *computing) steps(c *module.Ctx, x int32, with []module.Value) (pushed int, ok bool) {
	for _, w := range with {
		if w.Kind != module.KindInt {
			continue
		}
		if x, ok = k.apply(x, w.Int); !ok {
			c.Complain("avp_op: division by zero")
		}
		if !c.AVPs.Push(k.to, module.IntValue(x)) {
			return pushed, false
		}
		pushed++
	}
	return pushed, true
}

// removeNumbers deletes what was computed from: the numbers among the n oldest values.
func (k *computing) removeNumbers(c *module.Ctx, n int) {
	for i := c.AVPs.Count(k.from) - 1; n > 0; i, n = i-1, n-1 {
		if c.AVPs.Get(k.from, i).Value.Kind == module.KindInt {
			c.AVPs.Remove(k.from, i)
		}
	}
}

func (k *computing) apply(x, y int32) (n int32, ok bool) {
	switch k.op {
	case "add":
		return x + y, true
	case "sub":
		return x - y, true
	case "mul":
		return x * y, true
	case "div", "mod":
		if y == 0 {
			return 0, false
		}
		if y == -1 { // the one quotient that does not fit
			if k.op == "mod" {
				return 0, true
			}
			return -x, true
		}
		if k.op == "mod" {
			return x % y, true
		}
		return x / y, true
	case "and":
		return x & y, true
	case "or":
		return x | y, true
	case "xor":
		return x ^ y, true
	}
	return ^y, true
}
