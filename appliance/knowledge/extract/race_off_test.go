//go:build !race

package extract

const costs = 1
