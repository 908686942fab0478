//go:build !race

package tm_test

const raceOn = false
