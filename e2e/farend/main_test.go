// Package farend_test plays the far ends of testkit against whole instances: every
// failure on every transport, crashes, kills, live changes of the configuration, many
// servers at a start. docs/far-end.md is the table of what each case comes to.
//
// It owns the processes that the scenarios need. Most instances are this test binary
// started again (see TestMain), so that they are built with the race detector when the
// tests are, check themselves for goroutines that were left, and can be measured and
// killed alone; only what cmd/patchbay does with signals is tested on the program
// itself. Misbehaving servers run in processes of their own at the lowest priority, so
// that what they burn is not counted as patchbay's.
//
// Counts and times are a tenth of the full ones unless PATCHBAY_NIGHTLY is set. Tests
// share nothing but the binaries.
package farend_test

import (
	"flag"
	"fmt"
	"os"
	"syscall"
	"testing"

	"patchbay/internal/demo"
	"patchbay/internal/testkit"
	"patchbay/internal/transport"
)

// What this binary is started as, beside a test run.
const (
	asInstance = "farend-instance" // an instance of patchbay
	asFarEnd   = "farend-servers"  // misbehaving servers on the network
	asCounter  = "farend-counter"  // a stdio server that counts its calls
	asReaper   = "reaper"          // as patchbay itself starts it
	asDemo     = "demo-server"     // likewise
)

// sideBySide is how many scenarios run at once.
const sideBySide = "8"

// lowest is the priority of misbehaving servers.
const lowest = 19

func TestMain(m *testing.M) {
	mode := ""
	if len(os.Args) > 1 {
		mode = os.Args[1]
	}
	switch mode {
	case asInstance:
		os.Exit(runInstance(os.Args[2]))
	case asFarEnd:
		yieldProcessor()
		os.Exit(runFarEnd(os.Args[2]))
	case asCounter:
		os.Exit(runCounter(os.Args[2]))
	case asReaper:
		exit(transport.RunReaper(os.Stdin))
	case asDemo:
		exit(demo.Run(interrupted(), demo.Options{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}))
	}
	if isChild() {
		yieldProcessor()
	}
	testkit.Child()
	// Most scenarios wait most of the time: two at once, for two processors, would take
	// the sum of their waits.
	flag.Parse()
	if err := flag.Set("test.parallel", sideBySide); err != nil {
		exit(err)
	}
	code := m.Run()
	program.Clean()
	os.Exit(code)
}

// isChild reports whether testkit started this process as a stdio server.
func isChild() bool { return len(os.Args) > 2 && os.Args[1] == "-test.run=^$" }

func yieldProcessor() {
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, lowest) // without it the figures are worse, not wrong
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// nightly reports whether counts and times are the full ones.
func nightly() bool { return os.Getenv("PATCHBAY_NIGHTLY") != "" }

// scaled returns the full count or time in a nightly run, a tenth of it otherwise.
func scaled[N ~int | ~int64](full N) N {
	if nightly() {
		return full
	}
	return full / 10
}
