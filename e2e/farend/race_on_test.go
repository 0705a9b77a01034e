//go:build race

package farend_test

// raceEnabled tells that times are not those of the product.
const raceEnabled = true
