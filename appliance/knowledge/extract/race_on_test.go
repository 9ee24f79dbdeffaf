//go:build race

package extract

// costs is how many times as much memory and time a child takes that is built
// with the race detector.
const costs = 10
