package transport_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain is also the scripted child: the test binary runs itself with CHILD set.
func TestMain(m *testing.M) {
	if script := os.Getenv("PATCHBAY_TEST_CHILD"); script != "" {
		child(script)
		return
	}
	goleak.VerifyTestMain(m)
}
