//go:build !race

package extract

const costs = 1

const addressSpace = 0 // the default
