package logger

import "time"

// Limiter bounds the lines that strangers can cause: PerSecond in any one
// second, and then one line that tells how many were kept back. It belongs to
// one goroutine at a time.
type Limiter struct {
	PerSecond int // 0: no limit
	second    int64
	used      int
	held      uint64
}

// Allow tells whether a line may be written now, and how many were held back
// since the last that was.
func (l *Limiter) Allow(now time.Time) (ok bool, held uint64) {
	if l.PerSecond <= 0 {
		return true, 0
	}
	if s := now.Unix(); s != l.second {
		l.second, l.used = s, 0
	}
	if l.used >= l.PerSecond {
		l.held++
		return false, 0
	}
	l.used++
	held, l.held = l.held, 0
	return true, held
}
