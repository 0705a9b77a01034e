package farend_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"

	"patchbay"
	"patchbay/internal/testkit"
)

// script is a misbehaving server on the network.
type script struct {
	Case      testkit.Case
	Transport patchbay.Transport
	Settings  testkit.Settings
}

// serveScripts plays scripts in a process of their own until the test ends, and returns
// their addresses in the same order.
func serveScripts(t *testing.T, scripts []script) []string {
	t.Helper()
	arg, err := json.Marshal(scripts)
	if err != nil {
		t.Fatal(err)
	}
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(executable, asFarEnd, string(arg))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()         // ends it
		_ = cmd.Process.Kill() // at once: a test may have failed because it hangs
		_ = cmd.Wait()         // how it ended does not matter
	})
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		t.Fatalf("the misbehaving servers did not start: %v", err)
	}
	var urls []string
	if err := json.Unmarshal(line, &urls); err != nil {
		t.Fatal(err)
	}
	return urls
}

// runFarEnd serves scripts until standard input ends.
func runFarEnd(arg string) int {
	var scripts []script
	if err := json.Unmarshal([]byte(arg), &scripts); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	st := &stage{}
	urls := make([]string, len(scripts))
	for i, s := range scripts {
		urls[i] = s.Case.Serve(st, s.Transport, s.Settings).URL
	}
	if err := json.NewEncoder(os.Stdout).Encode(urls); err != nil {
		return 1
	}
	_, _ = io.Copy(io.Discard, os.Stdin) // until the test ends
	return 0                             // and what is served with it
}

// stage stands in for a test where testkit wants one.
type stage struct{ testing.TB }

func (*stage) Helper()                  {}
func (*stage) Cleanup(func())           {} // the process ends
func (*stage) Context() context.Context { return context.Background() }
func (*stage) Fatalf(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(2)
}
