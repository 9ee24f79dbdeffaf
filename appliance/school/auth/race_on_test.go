//go:build race

package auth

// underRace: the detector makes a round twenty times as slow, and finds in
// hundreds of rounds what it finds in thousands.
const underRace = true
