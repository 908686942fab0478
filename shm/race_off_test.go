//go:build !race

package shm_test

const raceOn = false
