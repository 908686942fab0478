package module

import (
	"fmt"
	"strings"
)

// maxEvalText bounds a text that is compiled while messages are handled, bytes, and
// maxEvalTexts how many compiled ones a process keeps.
const (
	maxEvalText  = 8192
	maxEvalTexts = 64
)

// evalTexts keeps them: a text that scripts compute is mostly the same again.
var evalTexts = map[string]*Format{}

// transient tells that a text is compiled while messages are handled.
var transient bool

// Transient tells a Var's Prepare that the text may be anybody's: it must not
// remember its name for longer than the use lives.
func Transient() bool { return transient }

// EvalText expands the variables in a text that is only known now, of a message
// perhaps. What it keeps of it is bounded.
func (c *Ctx) EvalText(s string) (string, error) {
	if strings.IndexByte(s, '$') < 0 {
		return s, nil
	}
	f, err := compileText(s)
	if err != nil {
		return "", err
	}
	out, ok := f.Text(c)
	if !ok {
		return "", errFormatLong
	}
	return out, nil
}

func compileText(s string) (*Format, error) {
	if f := evalTexts[s]; f != nil {
		return f, nil
	}
	if len(s) > maxEvalText {
		return nil, fmt.Errorf("a computed text is longer than %d bytes", maxEvalText)
	}
	s = strings.Clone(s) // it may be a view of the message
	transient = true
	f, err := ParseFormat(s)
	transient = false
	if err != nil {
		return nil, err
	}
	if len(evalTexts) >= maxEvalTexts {
		clear(evalTexts)
	}
	evalTexts[s] = f
	return f, nil
}
