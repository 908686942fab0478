package script

import (
	"fmt"
	"regexp"
	"strings"

	"goser/cfg/ere"
)

// maxPattern bounds a regular expression that a script computes, and
// maxPatterns how many compiled ones a process keeps.
const (
	maxPattern  = 1024
	maxPatterns = 256
)

// regexpCache keeps the regular expressions that scripts compute: a pattern in
// a variable is mostly the same again.
type regexpCache struct{ m map[string]*regexp.Regexp }

func (rc *regexpCache) get(pattern string) (*regexp.Regexp, error) {
	if re := rc.m[pattern]; re != nil {
		return re, nil
	}
	if len(pattern) > maxPattern {
		return nil, fmt.Errorf("a computed regular expression is longer than %d bytes", maxPattern)
	}
	pattern = strings.Clone(pattern) // it may be a view of the message
	re, bad := ere.Compile(pattern, true)
	if bad != nil { // not returned as it is: a nil *ere.Error is no nil error
		return nil, bad
	}
	if len(rc.m) >= maxPatterns {
		clear(rc.m)
	}
	rc.m[pattern] = re
	return re, nil
}
