//go:build !race

package transport_test

// raceEnabled tells that allocations are not those of the product.
const raceEnabled = false
