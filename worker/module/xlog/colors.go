package xlog

import (
	"errors"
	"fmt"
	"strings"

	"goser/worker/module"
)

var errColors = errors.New(`expected LEVEL=fb, a letter for the text and one for what is behind it, with ; between several: "L_ERR=rx;L_WARN=yx"`)

// setColors reads "L_ERR=cr;L_WARN=yx". The server colours whole lines itself, so
// nothing comes of it.
func setColors(v module.Value) error {
	list := strings.TrimSuffix(v.Str, ";")
	if list == "" {
		return errColors
	}
	for _, item := range strings.Split(list, ";") {
		level, colors, _ := strings.Cut(item, "=")
		if _, err := parseLevel(strings.TrimSpace(level)); err != nil || len(strings.TrimSpace(colors)) != 2 {
			return fmt.Errorf("%q: %w", item, errColors)
		}
	}
	return nil
}
