//go:build !race

package all

const raceOn = false
