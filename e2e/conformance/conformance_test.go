// Package conformance runs the official conformance suite of the protocol against the
// client side of the product: connections, sign-ins and vault, with a follower of
// redirects for a browser (the command in client).
//
// It owns how the suite is run and what must pass. The suite is fetched by npx at a pinned
// version; where that is not possible the test is skipped, under CI=true it fails.
package conformance

import (
	"context"
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
			out, err := conformance(t, append([]string{"client", "--command", client, "-o", t.TempDir()}, args...)...)
			if err != nil {
				t.Fatalf("%v\n%s", err, summary(out))
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

func last(out string) string {
	lines := strings.Split(strings.TrimSpace(out), "\n")
	return lines[len(lines)-1]
}
