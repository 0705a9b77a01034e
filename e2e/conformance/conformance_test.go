// Package conformance runs the official conformance suite of the protocol against the
// client side of the product: connections, sign-ins and vault, with a follower of
// redirects for a browser (the command in client).
//
// It owns how the suite is run and what must pass. The suite is fetched by npx at a pinned
// version; where that is not possible the test is skipped, under CI=true it fails.
package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// suite is what npx runs, at the versions that the results are stated for.
var suite = []string{"-y", "-p", "node@22", "-p", "@modelcontextprotocol/conformance@0.2.0-alpha.12", "--", "conformance"}

// runLimit bounds one run of the suite; the first also fetches it.
const runLimit = 3 * time.Minute

func conformance(t *testing.T, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), runLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "npx", append(append([]string{}, suite...), args...)...)
	cmd.Dir = t.TempDir()
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// unable skips, or fails where nothing may be left out.
func unable(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("the conformance suite cannot run: %s", why)
	}
	t.Skipf("************ the conformance suite is NOT run: %s ************", why)
}

func TestClient(t *testing.T) {
	if _, err := exec.LookPath("npx"); err != nil {
		unable(t, "there is no npx; install Node.js")
	}
	if out, err := conformance(t, "list", "--requirements", "2025-11-25"); err != nil {
		unable(t, "npx cannot fetch it: "+last(out))
	}
	client := filepath.Join(t.TempDir(), "client")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", client, "patchbay/e2e/conformance/client").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	runs := map[string][]string{
		"2025-11-25": {"--requirements", "2025-11-25"},
		"2026-07-28": {"--requirements", "2026-07-28"},
		"backcompat": {"--suite", "backcompat"},
	}
	for name, args := range runs {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			out, err := conformance(t, append([]string{"client", "--command", client, "-o", dir}, args...)...)
			if err != nil {
				// The suite plays all scenarios at the same time and allows each a few seconds;
				// what a busy machine spoils, the second run does not.
				t.Logf("the first run: %v\n%s%s", err, summary(out), failures(t, dir))
				dir = t.TempDir()
				out, err = conformance(t, append([]string{"client", "--command", client, "-o", dir}, args...)...)
			}
			if err != nil {
				t.Fatalf("%v\n%s%s", err, summary(out), failures(t, dir))
			}
			t.Log(summary(out))
			for _, scenario := range []string{"auth/client-credentials-basic", "auth/client-credentials-jwt"} {
				if strings.Contains(out, "✗ "+scenario+":") { // an extension: run, not required by the suite
					t.Errorf("%s fails\n%s", scenario, summary(out))
				}
			}
		})
	}
}

// summary is the part of the suite's words that says what passed.
func summary(out string) string {
	if _, after, ok := strings.Cut(out, "=== SUITE SUMMARY ==="); ok {
		return after
	}
	return out[max(0, len(out)-4000):]
}

// failures lists the checks that failed.
func failures(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*", "checks.json"))
	if err != nil {
		t.Fatal(err)
	}
	nested, err := filepath.Glob(filepath.Join(dir, "*", "*", "checks.json"))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, file := range append(files, nested...) {
		var checks []struct{ ID, Status, ErrorMessage string }
		data, err := os.ReadFile(file)
		if err != nil || json.Unmarshal(data, &checks) != nil {
			continue // a scenario that was cut off has none
		}
		for _, c := range checks {
			if c.Status == "FAILURE" {
				fmt.Fprintf(&b, "%s: %s: %s\n", filepath.Dir(strings.TrimPrefix(file, dir+"/")), c.ID, c.ErrorMessage)
			}
		}
	}
	return b.String()
}

func last(out string) string {
	lines := strings.Split(strings.TrimSpace(out), "\n")
	return lines[len(lines)-1]
}
