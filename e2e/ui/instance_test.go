package ui

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	readyLimit = 60 * time.Second
	stopLimit  = 40 * time.Second
)

// binaryEnv names the folder of a program under test that is there already.
const binaryEnv = "PATCHBAY_E2E_BIN"

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	if os.Getenv(binaryEnv) != "" {
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "patchbay-ui-")
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
	return m.Run()
}

// instance is a running patchbay with a data folder of its own.
type instance struct {
	url       string
	setupLink string
	dir       string

	mu  sync.Mutex
	log strings.Builder
}

var (
	readyLine = regexp.MustCompile(`Ready url=(\S+)`)
	setupLine = regexp.MustCompile(`link=(\S+/setup#token=\S+)`)
)

// startInstance runs an instance until the test ends. config is its librechat.yaml; empty:
// the built-in default, which is the demo server.
func startInstance(t *testing.T, config string) *instance {
	t.Helper()
	i := &instance{dir: t.TempDir()}
	if config != "" {
		if err := os.WriteFile(filepath.Join(i.dir, "librechat.yaml"), []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(filepath.Join(os.Getenv(binaryEnv), "patchbay"), "serve", "--listen", "127.0.0.1:0", "--data", filepath.Join(i.dir, "data"))
	cmd.Dir = i.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + i.dir, "ALLOW_REGISTRATION=true", "NO_PROXY=127.0.0.1,localhost"}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		i.read(bufio.NewScanner(stderr), ready)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may be gone already
		kill := time.AfterFunc(stopLimit, func() { _ = cmd.Process.Kill() })
		<-ended
		kill.Stop()
		_ = cmd.Wait() // how it ended is not what is tested here
		if t.Failed() {
			i.mu.Lock()
			t.Log(i.log.String())
			i.mu.Unlock()
		}
	})
	select {
	case <-ready:
	case <-ended:
		t.Fatal("patchbay ended before it was ready:\n" + i.log.String())
	case <-time.After(readyLimit):
		t.Fatal("patchbay was not ready in time")
	}
	return i
}

// read collects what the instance prints, and closes ready when it can be used and set up.
func (i *instance) read(lines *bufio.Scanner, ready chan struct{}) {
	told := false
	for lines.Scan() {
		line := lines.Text()
		i.mu.Lock()
		i.log.WriteString(line + "\n")
		i.mu.Unlock()
		if told {
			continue
		}
		if m := readyLine.FindStringSubmatch(line); m != nil {
			i.url = m[1]
		}
		if m := setupLine.FindStringSubmatch(line); m != nil {
			i.setupLink = m[1]
		}
		if i.url != "" && i.setupLink != "" {
			told = true
			close(ready)
		}
	}
}
