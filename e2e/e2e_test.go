// Package e2e drives the real binary. Each script in testdata is one story: it starts
// `patchbay serve` on a free port with a data folder of its own, and talks to it by HTTP
// and through the shell, as a person would.
//
// It owns the commands that the scripts use (README.md lists them) and nothing of the
// product. Scripts run at the same time and share nothing but the binary.
package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"patchbay/internal/testkit"
)

// binaryEnv names the folder with the program under test, which TestMain builds.
const binaryEnv = "PATCHBAY_E2E_BIN"

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

// testMain builds the program as people run it, without the race detector. A program
// that is there already can be named by PATCHBAY_E2E_BIN (its folder).
func testMain(m *testing.M) int {
	if os.Getenv(binaryEnv) == "" {
		dir, err := os.MkdirTemp("", "patchbay-e2e-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		build := exec.Command("go", "build", "-o", filepath.Join(dir, "patchbay"), "patchbay/cmd/patchbay")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "build: %v\n%s", err, out)
			return 1
		}
		if err := os.Setenv(binaryEnv, dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return m.Run()
}

func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			echo := testkit.NewEcho(t, testkit.EchoOptions{})
			door := testkit.NewAuthServer(t, testkit.AuthServerOptions{}).Protect(t, testkit.NewEcho(t, testkit.EchoOptions{}), testkit.ProtectOptions{})
			testscript.Run(t, testscript.Params{
				Files:               []string{file},
				RequireExplicitExec: true,
				Setup:               func(env *testscript.Env) error { return setup(env, echo, door) },
				Cmds:                commands(echo),
			})
		})
	}
}

func setup(env *testscript.Env, echo *testkit.Echo, door *testkit.Protected) error {
	bin, err := filepath.Abs(os.Getenv(binaryEnv))
	if err != nil {
		return err
	}
	env.Setenv("PATH", bin+string(os.PathListSeparator)+env.Getenv("PATH"))
	env.Setenv("PATCHBAY_DATA", filepath.Join(env.WorkDir, "data"))
	env.Setenv("ECHO_URL", echo.URL())
	env.Setenv("ECHO_BASE", echo.BaseURL())
	env.Setenv("ECHO_ADDRESS", strings.TrimPrefix(echo.BaseURL(), "http://"))
	env.Setenv("DOOR_URL", door.URL())
	env.Setenv("NO_PROXY", "127.0.0.1,localhost")
	s := &story{}
	env.Values[storyKey{}] = s
	env.Defer(s.kill)
	return nil
}

// commands are what scripts can say beside testscript's own words.
func commands(echo *testkit.Echo) map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"serve":    cmdServe,
		"stop":     cmdStop,
		"logs":     cmdLogs,
		"http":     cmdHTTP,
		"json":     cmdJSON,
		"status":   cmdStatus,
		"sessions": cmdSessions(echo),
		"subst":    cmdSubst,
		"capture":  cmdCapture,
		"browser":  cmdBrowser,
	}
}
