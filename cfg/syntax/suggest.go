package syntax

import "strings"

// Suggest returns the candidate nearest to name, or "" if none is near: at most
// one difference per three letters.
func Suggest(name string, candidates []string) string {
	best, bestDist := "", len(name)/3+1
	better := func(c string) bool { // of two that are equally near
		cd, bd := caseDiff(name, c), caseDiff(name, best)
		return cd < bd || cd == bd && c < best
	}
	if len(name) > 64 {
		return ""
	}
	for _, c := range candidates {
		d := distance(name, c, bestDist+1)
		if c != name && (d < bestDist || d == bestDist && best != "" && better(c)) {
			best, bestDist = c, d
		}
	}
	return best
}

// caseDiff counts letters of b that a does not have.
func caseDiff(a, b string) int {
	n := 0
	for i := range len(b) {
		if strings.IndexByte(a, b[i]) < 0 {
			n++
		}
	}
	return n
}

// distance counts insertions, deletions, replacements and swaps of neighbours,
// ignoring case, giving up at limit.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	var rows [3][65]int
	if len(b) > 64 {
		return limit
	}
	prev2, prev, cur := rows[0][:len(b)+1], rows[1][:len(b)+1], rows[2][:len(b)+1]
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if lower(a[i-1]) == lower(b[j-1]) {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && lower(a[i-1]) == lower(b[j-2]) && lower(a[i-2]) == lower(b[j-1]) {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)]
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 32
	}
	return c
}
