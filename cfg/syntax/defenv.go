package syntax

import "strings"

// defineEnv carries out #!defenv NAME, #!defenv NAME=VARIABLE and their like:
// the define's body is what an environment variable holds; those with an s at
// the end put it in quotes. The forms with try go on without the variable.
func (l *lexer) defineEnv(word string, at Span) {
	name, nameAt := l.directiveName(word, at)
	variable := name
	if l.peek(0) == '=' {
		l.take(1)
		start := l.here()
		variable = l.wordAt(0)
		l.take(len(variable))
		nameAt = nameAt.To(l.since(start))
	}
	l.restOfLine(word)
	if name == "" {
		return
	}
	if variable == "" {
		l.errorf(nameAt, KindPrep, "write #!"+word+" "+name+"=VARIABLE", "#!%s needs the name of an environment variable after =", word)
		return
	}
	value, ok := l.opt.getenv(variable)
	switch _, exists := l.defines[name]; {
	case exists:
		l.alreadyDefined(name, nameAt)
	case !ok && strings.HasPrefix(word, "try"):
	case !ok:
		l.errorf(nameAt, KindPrep, "#!try"+word+" goes on without it", "there is no environment variable %s", clip(variable, 60))
	case strings.ContainsAny(value, "\r\n\x00") && !strings.HasSuffix(word, "s"):
		l.errorf(nameAt, KindPrep, "#!"+word+"s puts it in quotes", "the environment variable %s holds more than one line", clip(variable, 60))
	case len(value) > MaxDefineLength:
		l.errorf(nameAt, KindLimit, "", "the environment variable %s is longer than %d bytes", clip(variable, 60), MaxDefineLength)
	case strings.HasSuffix(word, "s"):
		l.addDefine(name, Quote(value), nameAt)
	default:
		l.addDefine(name, value, nameAt)
	}
}
