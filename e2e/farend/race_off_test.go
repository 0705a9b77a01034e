//go:build !race

package farend_test

// raceEnabled tells that times are those of the product.
const raceEnabled = false
