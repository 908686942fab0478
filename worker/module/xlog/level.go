package xlog

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"goser/worker/module"
)

// fixedLevels are the functions that have their level in their name.
var fixedLevels = map[string]int{
	"xalert": -5, "xbug": -4, "xcrit": -3, "xerr": -1, "xwarn": 0, "xnotice": 1, "xinfo": 2, "xdbg": 3,
}

const defaultLevel = -1 // L_ERR

// parseLevel knows L_ALERT and its like by their third letter, as ever.
func parseLevel(s string) (int, error) {
	if len(s) >= 3 && strings.HasPrefix(s, "L_") {
		if n, ok := map[byte]int{'A': -5, 'B': -4, 'C': -3, 'E': -1, 'W': 0, 'N': 1, 'I': 2, 'D': 3}[s[2]]; ok {
			return n, nil
		}
	}
	return 0, fmt.Errorf("unknown level %q: expected L_ALERT L_BUG L_CRIT L_ERR L_WARN L_NOTICE L_INFO L_DBG or a variable", s)
}

// clampLevel brings a number from a variable to a level there is.
func clampLevel(n int32) int {
	switch {
	case n < -5:
		return -5
	case n > 3:
		return 3
	case n == -2:
		return -3
	}
	return int(n)
}

// slogLevels are the levels of package log/slog for -5 to 3, as the server's
// log maps them.
var slogLevels = [...]slog.Level{20, 16, 12, 10, slog.LevelError, slog.LevelWarn, 2, slog.LevelInfo, slog.LevelDebug}

// logged tells whether the server's log takes a level at all.
func logged(c *module.Ctx, level int) bool {
	return c.Env.Log().Enabled(context.Background(), slogLevels[level+5])
}
