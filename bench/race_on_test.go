//go:build race

package bench

// raceEnabled tells that allocations are not those of the product.
const raceEnabled = true
