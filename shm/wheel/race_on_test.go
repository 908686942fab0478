//go:build race

package wheel

import "flag"

const raceOn = true

// The models are slow under the race detector, and the same.
func init() { _ = flag.Set("rapid.checks", "10") }
