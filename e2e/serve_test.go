package e2e

import (
	"fmt"
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
	instance *process
	answer   []byte
	browsers map[string]*http.Client // by the script's name for them
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

// process is a running instance.
type process struct {
	cmd    *exec.Cmd
	exited chan struct{} // closed when it is gone
	log    *logBuffer
}

// start runs `patchbay serve` on a free port.
func start(dir string, env []string, args ...string) (*process, error) {
	cmd := exec.Command(filepath.Join(os.Getenv(binaryEnv), "patchbay"), append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	p := &process{cmd: cmd, exited: make(chan struct{}), log: &logBuffer{}}
	cmd.Dir, cmd.Env = dir, env
	cmd.Stdout, cmd.Stderr = p.log, p.log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = cmd.Wait() // how it ended is read from ProcessState
		close(p.exited)
	}()
	return p, nil
}

func (p *process) running() bool {
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

// awaitReady waits until the instance says that it is ready, and returns what it left for
// the shell.
func (p *process) awaitReady(dataDir string) (client.Local, error) {
	var local client.Local
	ready := poll(readyLimit, func() bool {
		if !p.running() {
			return true
		}
		var err error
		if local, err = client.ReadLocal(dataDir); err != nil {
			return false
		}
		resp, err := http.Get(local.Address + "/readyz")
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	if !ready || !p.running() {
		return local, fmt.Errorf("not ready\n%s", p.log)
	}
	return local, nil
}

// stop asks the instance to end, as a service manager does, and wants exit code 0.
func (p *process) stop() error {
	if !p.running() {
		return fmt.Errorf("it ended by itself: %s\n%s", p.cmd.ProcessState, p.log)
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	if !poll(stopLimit, func() bool { return !p.running() }) {
		return fmt.Errorf("still running after %s\n%s", stopLimit, p.log)
	}
	if !p.cmd.ProcessState.Success() {
		return fmt.Errorf("%s\n%s", p.cmd.ProcessState, p.log)
	}
	return nil
}

// kill ends what a failed test left.
func (p *process) kill() {
	if p.running() {
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // it may be gone by now
		<-p.exited
	}
}

// cmdServe starts an instance and waits until it is ready. It sets URL. With !, the
// instance must end by itself with an error, which stderr then shows.
func cmdServe(ts *testscript.TestScript, neg bool, args []string) {
	s := storyOf(ts)
	if s.instance != nil && s.instance.running() {
		ts.Fatalf("serve: an instance runs already")
	}
	p, err := start(ts.MkAbs("."), environment(ts), args...)
	ts.Check(err)
	s.instance = p
	if neg {
		if !poll(readyLimit, func() bool { return !p.running() }) {
			ts.Fatalf("serve: still running\n%s", p.log)
		}
		if p.cmd.ProcessState.Success() {
			ts.Fatalf("serve: ended without an error")
		}
		_, err := ts.Stderr().Write([]byte(p.log.String()))
		ts.Check(err)
		return
	}
	local, err := p.awaitReady(ts.Getenv("PATCHBAY_DATA"))
	ts.Check(err)
	ts.Setenv("URL", strings.TrimSuffix(local.Address, "/"))
	ts.Setenv("ADDRESS", strings.TrimPrefix(ts.Getenv("URL"), "http://"))
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

// log is what the script's instance printed so far.
func (s *story) log() string {
	if s.instance == nil {
		return ""
	}
	return s.instance.log.String()
}

// cmdStop ends the instance in an orderly way.
func cmdStop(ts *testscript.TestScript, _ bool, _ []string) {
	s := storyOf(ts)
	if s.instance == nil {
		ts.Fatalf("stop: nothing was started")
	}
	ts.Check(s.instance.stop())
}

func (s *story) kill() {
	if s.instance != nil {
		s.instance.kill()
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
		if line := re.FindString(s.log()); line != "" {
			ts.Fatalf("logs: %q is there\n%s", line, s.log())
		}
		return
	}
	var found []string
	if !poll(10*time.Second, func() bool { found = re.FindStringSubmatch(s.log()); return found != nil }) {
		ts.Fatalf("logs: nothing matches %s\n%s", re, s.log())
	}
	if len(args) == 2 {
		ts.Setenv(args[1], found[len(found)-1])
	}
}
