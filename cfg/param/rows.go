package param

import "math"

// Shorthands of the rows.

var on, off = Num(1), Num(0)

const (
	maxInt     = math.MaxInt32
	maxTicks   = 1 << 30 // the longest time the timers count, in sixteenths of a second
	maxSeconds = maxTicks / ticksPerSecond

	ticksPerSecond = 16
	bytesPerKB     = 1024

	goser      = "goser" // Since: our own extensions
	osDefault  = "operating system's"
	noneYet    = "none"
	likeUDP    = "as children"
	noDatabase = "no module of this version uses a database"
	tlsInCore  = "TLS lives in the tls module; set it there with modparam"
)

// runtime is a variable that each process takes over at its next message or timer tick.
func runtime(group, name string, lo, hi int) RT {
	return RT{Group: group, Name: name, Min: lo, Max: hi}
}

// atomic is a variable that every process sees at once.
func atomic(group, name string, lo, hi int) RT {
	return RT{Group: group, Name: name, Min: lo, Max: hi, Atomic: true}
}

// readOnly is a variable that can be read at run time.
func readOnly(group, name string) RT {
	return RT{Group: group, Name: name, ReadOnly: true}
}

// scaled has its values stored, and read back, in a smaller unit than they are set in.
func scaled(rt RT, factor int) RT {
	rt.Scale = factor
	return rt
}

func inGroup(g Group, rows []Param) []Param {
	for i := range rows {
		rows[i].Group = g
	}
	return rows
}
