package param

import "strings"

// Suggest returns the name or alias that most resembles a mistyped one, or nothing if none does.
func Suggest(name string) string {
	const longest = 64
	if name == "" || len(name) > longest {
		return ""
	}
	given := fold(name)
	best, bestCost := "", 1+max(1, len(given)/4)
	for i := range table {
		if table[i].RTOnly {
			continue
		}
		for _, known := range append([]string{table[i].Name}, table[i].Aliases...) {
			if c := distance(given, fold(known)); c < bestCost {
				best, bestCost = known, c
			}
		}
	}
	return best
}

// fold drops what people mix up most: case and where the underscores are.
func fold(s string) string {
	return strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(s))
}

// distance counts the letters to insert, delete, replace, or swap with their neighbour to get from a to b.
func distance(a, b string) int {
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		row, above, over := rows[i%3], rows[(i+2)%3], rows[(i+1)%3]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+differ(a[i-1], b[j-1]))
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], over[j-2]+1)
			}
		}
	}
	return rows[len(a)%3][len(b)]
}

func differ(a, b byte) int {
	if a == b {
		return 0
	}
	return 1
}
