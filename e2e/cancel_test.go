package e2e

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"patchbay/internal/testkit"
)

// TestInterruptCancels: Ctrl-C in the shell ends the command with exit code 1, and the
// MCP server hears that nobody waits for the call any more.
func TestInterruptCancels(t *testing.T) {
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	ada := people(t, configurationFor(echo), "ada")[0]
	call := ada.shell("call", "echo", "slow", `{"ms":600000}`)
	var stderr strings.Builder
	call.Stderr = &stderr
	if err := call.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = call.Process.Kill() }) // gone, when all went well
	echo.AwaitInFlight(t, 1)
	if err := call.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	err := call.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 || stderr.String() != "cancelled\n" {
		t.Fatalf("%v; stderr %q", err, stderr.String())
	}
	if !poll(10*time.Second, func() bool { return echo.Cancelled() == 1 }) {
		t.Fatal("the server was not told")
	}
}
