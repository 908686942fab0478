//go:build race

package table

import "flag"

// The models are slow under the race detector, and the same.
func init() { _ = flag.Set("rapid.checks", "10") }
