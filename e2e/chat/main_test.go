// Package chat_test plays conversations against the real program: models of every format
// and MCP servers are fakes over HTTP, everything between them is what people run. It kills
// the program where it can hurt, and puts two of them on one database.
//
// It owns the scenarios; processes are hostkit's, fakes testkit's. Counts are those of CI
// unless PATCHBAY_NIGHTLY is set. Tests share nothing but the binary.
package chat_test

import (
	"flag"
	"os"
	"testing"

	"patchbay/internal/testkit/hostkit"
)

// program is the binary as people run it.
var program hostkit.Program

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) {
	code := m.Run()
	program.Clean()
	os.Exit(code)
}

func nightly() bool { return os.Getenv("PATCHBAY_NIGHTLY") != "" }
