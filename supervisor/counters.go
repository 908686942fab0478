package supervisor

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"goser/shm/counter"
)

// saveCounters appends the server's counters to the file of option -s: a line
// with the time, and one for each counter.
func (s *server) saveCounters(why string) {
	if s.StatsFile == "" || s.seat == nil || !s.told {
		return
	}
	if err := s.appendCounters(why); err != nil {
		s.log.Error("statistics cannot be saved", "reason", err.Error())
	}
}

func (s *server) appendCounters(why string) error {
	set, err := counter.Open(s.seat, 0)
	if err != nil {
		return err
	}
	type line struct {
		name  string
		value int64
	}
	var lines []line
	for i := range set.Len() {
		lines = append(lines, line{set.Name(counter.ID(i)), set.Sum(counter.ID(i))})
	}
	slices.SortFunc(lines, func(a, b line) int { return cmp.Compare(a.name, b.name) })
	var b strings.Builder
	fmt.Fprintf(&b, "# %s %s, up %d s\n", time.Now().Format(time.RFC3339), why, int(time.Since(s.born).Seconds()))
	for _, l := range lines {
		fmt.Fprintf(&b, "%s = %d\n", l.name, l.value)
	}
	f, err := os.OpenFile(s.StatsFile, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o640)
	if err != nil {
		return err
	}
	if _, err = f.WriteString(b.String()); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
