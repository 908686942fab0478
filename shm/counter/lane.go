//go:build !race

package counter

// Add adds to a counter; an ID that does not exist is ignored. The store is
// plain: an aligned word is written whole, and nobody else writes it.
func (l Lane) Add(id ID, n int64) {
	if int(id) < len(l.v) {
		l.v[id] += n
	}
}
