package farend_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"patchbay"
	"patchbay/internal/client"
	"patchbay/internal/testkit/hostkit"
)

// Bounds of waiting, for a machine that is busy with other tests.
const (
	readyLimit = 60 * time.Second
	stopLimit  = 40 * time.Second
	pollEvery  = 10 * time.Millisecond
	// askEvery is for the status, which a person may ask for so often only.
	askEvery = 150 * time.Millisecond
)

// poll asks until done says yes or the limit is over.
func poll(limit time.Duration, done func() bool) bool { return pollAt(pollEvery, limit, done) }

// patiently is poll for what costs the instance something.
func patiently(limit time.Duration, done func() bool) bool { return pollAt(askEvery, limit, done) }

func pollAt(every, limit time.Duration, done func() bool) bool {
	return hostkit.Poll(every, limit, done)
}

// pause waits for a time that is part of a scenario, not for something to be ready.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// instance is a running patchbay.
type instance struct {
	dir, data, config string
	cmd               *exec.Cmd
	exited            chan struct{}
	log               *hostkit.Log
	local             client.Local
	gauge             *http.Client // nil for the program itself
	users             []*person
}

// place is where an instance is going to run: a folder with accounts in its data.
type place struct {
	dir, data, home string
	tokens          []string
	env             []string // beside PATH and HOME
}

// boot starts this binary as an instance on a configuration, and stops it at the end of
// the test, which fails when the stop is not orderly or anything is left. users is how
// many accounts there are; the first is the administrator.
func boot(t *testing.T, yaml string, users int) *instance {
	t.Helper()
	p := newPlace(t, users)
	p.write(t, yaml)
	return p.boot(t)
}

func newPlace(t *testing.T, users int) *place {
	t.Helper()
	dir := t.TempDir()
	p := &place{dir: dir, data: filepath.Join(dir, "data"), home: filepath.Join(dir, "home")}
	if err := os.Mkdir(p.home, 0o700); err != nil {
		t.Fatal(err)
	}
	p.tokens = seed(t, p.data, users)
	return p
}

func (p *place) config() string { return filepath.Join(p.dir, "librechat.yaml") }

// write saves a file as editors do: in one step.
func (p *place) write(t *testing.T, yaml string) { hostkit.Save(t, p.config(), yaml) }

// environ is what an instance sees of the environment.
func (p *place) environ() []string {
	return append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + p.home, "TMPDIR=" + p.dir, "NO_PROXY=127.0.0.1"}, p.env...)
}

func (p *place) boot(t *testing.T) *instance {
	t.Helper()
	// A socket's path is short: the test's folder may be too deep.
	sockets, err := os.MkdirTemp("", "pb")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(sockets) })
	s := setup{Data: p.data, WorkDir: p.dir, Home: p.home, Gauge: filepath.Join(sockets, "g")}
	arg, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	in := p.start(t, executable, asInstance, string(arg))
	in.gauge = &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", s.Gauge)
	}}}
	in.await(t)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the end of the log:\n%s", tail(in.log.String(), 4000))
			return
		}
		in.stop(t)
	})
	return in
}

// start runs a program in the place and ends it at the latest with the test.
func (p *place) start(t *testing.T, path string, args ...string) *instance {
	t.Helper()
	in := &instance{dir: p.dir, data: p.data, config: p.config(), exited: make(chan struct{}), log: &hostkit.Log{}}
	in.cmd = exec.Command(path, args...)
	in.cmd.Dir, in.cmd.Env = p.dir, p.environ()
	in.cmd.Stdout, in.cmd.Stderr = in.log, in.log
	in.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	// A grandchild that lives on must not keep Wait from returning.
	in.cmd.WaitDelay = time.Second
	if err := in.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = in.cmd.Wait() // how it ended is read from ProcessState
		close(in.exited)
	}()
	t.Cleanup(in.kill)
	in.users = p.people()
	return in
}

// await waits until the instance says that it is ready.
func (in *instance) await(t *testing.T) {
	t.Helper()
	ready := poll(readyLimit, func() bool {
		if !in.running() {
			return true
		}
		var err error
		if in.local, err = client.ReadLocal(in.data); err != nil {
			return false
		}
		resp, err := http.Get(in.local.Address + "/readyz")
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	if !ready || !in.running() {
		t.Fatalf("not ready\n%s", in.log)
	}
	for _, who := range in.users {
		who.connect(t, in.local.Address)
	}
}

func (in *instance) running() bool {
	select {
	case <-in.exited:
		return false
	default:
		return true
	}
}

func (in *instance) pid() int { return in.cmd.Process.Pid }

// stop asks the instance to end and wants an orderly end with nothing left.
func (in *instance) stop(t *testing.T) {
	t.Helper()
	if !in.running() {
		t.Errorf("it ended by itself: %s\n%s", in.cmd.ProcessState, tail(in.log.String(), 8000))
		return
	}
	family := descendants(in.pid())
	if err := in.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if !poll(stopLimit, func() bool { return !in.running() }) {
		t.Errorf("still running after %s\n%s", stopLimit, tail(in.log.String(), 8000))
		return
	}
	if !in.cmd.ProcessState.Success() {
		t.Errorf("%s\n%s", in.cmd.ProcessState, tail(in.log.String(), 30000))
	}
	if left := alive(family); len(left) > 0 {
		t.Errorf("processes were left: %v", left)
	}
}

// kill ends what a failed test left.
func (in *instance) kill() {
	if in.running() {
		_ = syscall.Kill(-in.cmd.Process.Pid, syscall.SIGKILL) // it may be gone by now
		<-in.exited
	}
}

// figures asks the instance for its goroutines and memory.
func (in *instance) figures(t *testing.T) figures {
	t.Helper()
	var f figures
	if err := in.ask(http.MethodGet, "/figures", func(r io.Reader) error { return json.NewDecoder(r).Decode(&f) }); err != nil {
		t.Fatalf("figures: %v\n%s", err, tail(in.log.String(), 8000))
	}
	return f
}

// mark makes the memory of now the one that a peak is compared to, and returns it.
func (in *instance) mark(t *testing.T) uint64 {
	t.Helper()
	if err := in.ask(http.MethodPost, "/mark", func(io.Reader) error { return nil }); err != nil {
		t.Fatalf("mark: %v", err)
	}
	return in.figures(t).Peak
}

func (in *instance) stacks() string {
	var text []byte
	if err := in.ask(http.MethodGet, "/stacks", func(r io.Reader) (err error) { text, err = io.ReadAll(r); return err }); err != nil {
		return err.Error()
	}
	return string(text)
}

func (in *instance) ask(method, path string, read func(io.Reader) error) error {
	req, err := http.NewRequest(method, "http://gauge"+path, nil)
	if err != nil {
		return err
	}
	resp, err := in.gauge.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return read(resp.Body)
}

func tail(s string, n int) string { return hostkit.Tail(s, n) }

// logged waits for a line of the log that contains all parts.
func (in *instance) logged(t *testing.T, limit time.Duration, parts ...string) {
	t.Helper()
	found := poll(limit, func() bool {
		for line := range strings.Lines(in.log.String()) {
			all := true
			for _, part := range parts {
				all = all && strings.Contains(line, part)
			}
			if all {
				return true
			}
		}
		return false
	})
	if !found {
		t.Errorf("the log has no line with %q\n%s", parts, tail(in.log.String(), 4000))
	}
}

// noAnswer stands for the code of a call that the instance did not answer at all.
const noAnswer = "no answer"

// codeOf is the code of a call's error, "ok" for none.
func codeOf(err error) string {
	if err == nil {
		return "ok"
	}
	if errors.Is(err, client.ErrUnreachable) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return noAnswer
	}
	var e *patchbay.Error
	if errors.As(err, &e) {
		return string(e.Code)
	}
	return err.Error()
}
