package logger

import "log/slog"

// The levels of the original, most severe first. A line is written when its
// level is at most the threshold (core parameter debug).
const (
	Alert  = -5
	Bug    = -4
	Crit   = -3
	Err    = -1
	Warn   = 0
	Notice = 1
	Info   = 2
	Debug  = 3
)

// levels are the original's from Alert on: name, level of slog, colour (the
// original's with -e).
var levels = [...]struct {
	name  string
	slog  slog.Level
	color string
}{
	{"ALERT", 20, "1;31"},
	{"BUG", 16, "1;35"},
	{"CRITICAL", 12, "0;33"},
	{"CRITICAL", 10, "0;33"},
	{"ERROR", slog.LevelError, "0;31"},
	{"WARNING", slog.LevelWarn, "0;35"},
	{"NOTICE", 2, "0;32"},
	{"INFO", slog.LevelInfo, "0;36"},
	{"DEBUG", slog.LevelDebug, "0;39"},
}

// row is the index into levels.
func row(l int) int { return min(max(l, Alert), Debug) - Alert }

// Level turns a level of the original into one of slog, where more is worse.
func Level(l int) slog.Level { return levels[row(l)].slog }

// Threshold turns a slog level back; one between two of ours counts as the
// milder.
func Threshold(l slog.Level) int {
	for i := range levels {
		if l >= levels[i].slog {
			return i + Alert
		}
	}
	return Debug
}

func levelName(l int) string { return levels[row(l)].name }
