// Package policy decides when a dead process is started again. It makes no
// system calls and knows no clock: times come in, decisions go out.
//
// The rules: a process that has served for a while is started again at once. One that dies young
// (within Young of its birth) is started again at once the first time, and then
// after a pause that doubles from FirstPause up to LongestPause as long as it
// keeps dying young. Nothing here ever gives up, and nothing here can end the
// server: a row that cannot be filled costs its own share of the work only.
package policy

import "time"

const (
	// Young is the age below which a death counts as a failure to live.
	Young = time.Second
	// FirstPause is the pause after the second early death in a row.
	FirstPause = 50 * time.Millisecond
	// LongestPause bounds the pause: a cause that went away is noticed this soon.
	LongestPause = 5 * time.Second
)

// Row is the history of one row of the process table. The zero Row is one that
// never had a process.
type Row struct {
	born  time.Time
	early int // deaths in infancy since the last process that lived
}

// Born records that a process took the row.
func (r *Row) Born(now time.Time) { r.born = now }

// Died records its death and returns how long the row stays empty.
func (r *Row) Died(now time.Time) time.Duration {
	if now.Sub(r.born) >= Young {
		r.early = 0
		return 0
	}
	r.early++
	return pause(r.early)
}

// Early is the number of early deaths in a row, for the log.
func (r *Row) Early() int { return r.early }

func pause(early int) time.Duration {
	if early <= 1 {
		return 0
	}
	const doublings = 7 // 50 ms << 7 is above LongestPause
	return min(FirstPause<<min(early-2, doublings), LongestPause)
}
