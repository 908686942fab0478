//go:build race

package all

const raceOn = true
