//go:build !race

package wheel

const raceOn = false
