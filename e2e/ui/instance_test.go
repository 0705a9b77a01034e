package ui

import (
	"bufio"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
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

// instance is a patchbay with a data folder of its own.
type instance struct {
	url       string
	setupLink string
	dir       string

	cmd   *exec.Cmd
	ended chan struct{} // closed when cmd has printed its last line

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
	t.Cleanup(func() {
		i.stop()
		if t.Failed() {
			t.Log(i.printed())
		}
	})
	if err := i.start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	return i
}

func (i *instance) start(listen string) error {
	cmd := exec.Command(filepath.Join(os.Getenv(binaryEnv), "patchbay"), "serve", "--listen", listen, "--data", filepath.Join(i.dir, "data"))
	cmd.Dir = i.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + i.dir, "ALLOW_REGISTRATION=true", "NO_PROXY=127.0.0.1,localhost"}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	ready, ended := make(chan struct{}), make(chan struct{})
	i.cmd, i.ended = cmd, ended
	go func() {
		defer close(ended)
		i.read(bufio.NewScanner(stderr), ready)
	}()
	select {
	case <-ready:
		return nil
	case <-ended:
		return errors.New("patchbay ended before it was ready")
	case <-time.After(readyLimit):
		return errors.New("patchbay was not ready in time")
	}
}

func (i *instance) stop() {
	if i.cmd == nil {
		return
	}
	_ = i.cmd.Process.Signal(syscall.SIGTERM) // it may be gone already
	kill := time.AfterFunc(stopLimit, func() { _ = i.cmd.Process.Kill() })
	<-i.ended
	kill.Stop()
	_ = i.cmd.Wait() // how it ended is not what is tested here
	i.cmd = nil
}

// remote lets the browser's script stop the instance, and start it again where it was.
func (i *instance) remote(t *testing.T) string {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /stop", func(http.ResponseWriter, *http.Request) { i.stop() })
	mux.HandleFunc("POST /start", func(w http.ResponseWriter, _ *http.Request) {
		if err := i.start(strings.TrimPrefix(i.url, "http://")); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

func (i *instance) printed() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.log.String()
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
		m := readyLine.FindStringSubmatch(line)
		if m == nil && i.setupLink != "" {
			continue // a later start is ready when it says so
		}
		if m != nil {
			i.url = m[1]
		}
		if m := setupLine.FindStringSubmatch(line); m != nil {
			i.setupLink = m[1]
		}
		// At the first start the link follows; later there is none.
		if i.url != "" && i.setupLink != "" {
			told = true
			close(ready)
		}
	}
}
