//go:build !race

package auth

const underRace = false
