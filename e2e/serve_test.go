package e2e

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"patchbay/internal/client"
)

// Bounds of waiting. They are for a machine that is busy with other tests.
const (
	readyLimit = 60 * time.Second
	stopLimit  = 40 * time.Second
	pollEvery  = 20 * time.Millisecond
)

// story is the state of one script: its running instance, and the last answer.
type story struct {
	cmd    *exec.Cmd
	exited chan struct{} // closed when the process is gone
	log    *logBuffer
	answer []byte
}

type storyKey struct{}

func storyOf(ts *testscript.TestScript) *story { return ts.Value(storyKey{}).(*story) }

// logBuffer collects what the instance prints.
type logBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// poll asks until done says yes or the limit is over.
func poll(limit time.Duration, done func() bool) bool {
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for !done() {
		select {
		case <-deadline.C:
			return done()
		case <-tick.C:
		}
	}
	return true
}

// cmdServe starts an instance on a free port and waits until it is ready. It sets URL.
// With !, the instance must end by itself with an error, which stderr then shows.
func cmdServe(ts *testscript.TestScript, neg bool, args []string) {
	s := storyOf(ts)
	if s.running() {
		ts.Fatalf("serve: an instance runs already")
	}
	cmd := exec.Command(filepath.Join(os.Getenv(binaryEnv), "patchbay"), append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = environment(ts)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	s.log = &logBuffer{}
	cmd.Stdout, cmd.Stderr = s.log, s.log
	ts.Check(cmd.Start())
	s.cmd, s.exited = cmd, make(chan struct{})
	exited := s.exited
	go func() {
		_ = cmd.Wait() // its state is read from ProcessState
		close(exited)
	}()
	if neg {
		if !poll(readyLimit, func() bool { return !s.running() }) {
			ts.Fatalf("serve: still running\n%s", s.log)
		}
		if cmd.ProcessState.Success() {
			ts.Fatalf("serve: ended without an error")
		}
		_, _ = ts.Stderr().Write([]byte(s.log.String()))
		return
	}
	var local client.Local
	ready := poll(readyLimit, func() bool {
		if !s.running() {
			return true
		}
		var err error
		if local, err = client.ReadLocal(ts.Getenv("PATCHBAY_DATA")); err != nil {
			return false
		}
		resp, err := http.Get(local.Address + "/readyz")
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	if !ready || !s.running() {
		ts.Fatalf("serve: not ready\n%s", s.log)
	}
	ts.Setenv("URL", strings.TrimSuffix(local.Address, "/"))
}

// environment is what the script's commands see.
func environment(ts *testscript.TestScript) []string {
	var env []string
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "PATCHBAY_DATA", "NO_PROXY", "WORK"} {
		if value := ts.Getenv(name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	for _, name := range strings.Fields(ts.Getenv("SERVE_ENV")) { // further ones, by name
		env = append(env, name+"="+ts.Getenv(name))
	}
	return env
}

func (s *story) running() bool {
	if s.cmd == nil {
		return false
	}
	select {
	case <-s.exited:
		return false
	default:
		return true
	}
}

// cmdStop asks the instance to end, as a service manager does, and wants exit code 0.
func cmdStop(ts *testscript.TestScript, _ bool, _ []string) {
	s := storyOf(ts)
	if !s.running() {
		ts.Fatalf("stop: nothing runs\n%s", s.log)
	}
	ts.Check(s.cmd.Process.Signal(syscall.SIGTERM))
	if !poll(stopLimit, func() bool { return !s.running() }) {
		ts.Fatalf("stop: still running after %s\n%s", stopLimit, s.log)
	}
	if !s.cmd.ProcessState.Success() {
		ts.Fatalf("stop: %s\n%s", s.cmd.ProcessState, s.log)
	}
}

// kill ends what a failed script left.
func (s *story) kill() {
	if s.running() {
		_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL) // it may be gone by now
		<-s.exited
	}
}

// cmdLogs waits for a line of the instance's log that matches: logs REGEXP [VAR]. The
// first group goes to VAR. With !, no line may match now.
func cmdLogs(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: logs REGEXP [VAR]")
	}
	s := storyOf(ts)
	re, err := regexp.Compile(args[0])
	ts.Check(err)
	if neg {
		if line := re.FindString(s.log.String()); line != "" {
			ts.Fatalf("logs: %q is there\n%s", line, s.log)
		}
		return
	}
	var found []string
	if !poll(10*time.Second, func() bool { found = re.FindStringSubmatch(s.log.String()); return found != nil }) {
		ts.Fatalf("logs: nothing matches %s\n%s", re, s.log)
	}
	if len(args) == 2 {
		ts.Setenv(args[1], found[len(found)-1])
	}
}
