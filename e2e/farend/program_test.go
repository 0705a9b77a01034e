package farend_test

import "patchbay/internal/testkit/hostkit"

// program is the binary as people run it.
var program hostkit.Program
