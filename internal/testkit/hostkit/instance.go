package hostkit

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"patchbay/internal/client"
)

// Bounds of waiting, for a machine that is busy with other tests.
const (
	ReadyLimit = 60 * time.Second
	StopLimit  = 40 * time.Second
	PollEvery  = 10 * time.Millisecond
)

// Place is where an instance runs: a folder with its configuration and data.
type Place struct {
	Dir, Data string
	Env       []string // beside PATH, HOME, NO_PROXY and the data folder
}

// NewPlace makes a folder with a configuration in it.
func NewPlace(t testing.TB, yaml string, env ...string) *Place {
	t.Helper()
	dir := t.TempDir()
	p := &Place{Dir: dir, Data: filepath.Join(dir, "data"), Env: env}
	for _, d := range []string{p.Data, p.home()} {
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	p.Write(t, yaml)
	return p
}

func (p *Place) home() string { return filepath.Join(p.Dir, "home") }

// Write saves the configuration as editors do: in one step.
func (p *Place) Write(t testing.TB, yaml string) {
	t.Helper()
	Save(t, filepath.Join(p.Dir, "librechat.yaml"), yaml)
}

// Save writes a file in one step.
func Save(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path+".new", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// Instance is a running patchbay.
type Instance struct {
	URL string
	Log *Log

	place  *Place
	cmd    *exec.Cmd
	exited chan struct{}
}

// Serve starts the program in a place and waits until it is ready. It ends at the latest
// with the test.
func (p *Place) Serve(t testing.TB, program string, args ...string) *Instance {
	t.Helper()
	in := &Instance{place: p, Log: &Log{}, exited: make(chan struct{})}
	in.cmd = exec.Command(program, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	in.cmd.Dir = p.Dir
	in.cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + p.home(), "TMPDIR=" + p.Dir, "NO_PROXY=127.0.0.1,localhost", "PATCHBAY_DATA=" + p.Data,
	}, p.Env...)
	in.cmd.Stdout, in.cmd.Stderr = in.Log, in.Log
	in.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	in.cmd.WaitDelay = time.Second // a grandchild that lives on must not keep Wait from returning
	if err := in.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = in.cmd.Wait() // how it ended is read from ProcessState
		close(in.exited)
	}()
	t.Cleanup(in.Kill)
	in.await(t)
	return in
}

// await waits until the instance says that it is ready.
func (in *Instance) await(t testing.TB) {
	t.Helper()
	ready := Poll(PollEvery, ReadyLimit, func() bool {
		local, err := client.ReadLocal(in.place.Data)
		if err != nil || local.PID != in.cmd.Process.Pid {
			return !in.Running()
		}
		in.URL = local.Address
		resp, err := http.Get(in.URL + "/readyz")
		if err != nil {
			return !in.Running()
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK || !in.Running()
	})
	if !ready || !in.Running() {
		t.Fatalf("not ready\n%s", Tail(in.Log.String(), 8000))
	}
}

// Running reports whether it has not ended.
func (in *Instance) Running() bool {
	select {
	case <-in.exited:
		return false
	default:
		return true
	}
}

// Stop asks the instance to end and wants an orderly end.
func (in *Instance) Stop(t testing.TB) {
	t.Helper()
	_ = in.cmd.Process.Signal(syscall.SIGTERM) // it may be gone: ProcessState says how
	select {
	case <-in.exited:
	case <-time.After(StopLimit):
		t.Fatalf("still running after %s\n%s", StopLimit, Tail(in.Log.String(), 8000))
	}
	if !in.cmd.ProcessState.Success() {
		t.Errorf("%s\n%s", in.cmd.ProcessState, Tail(in.Log.String(), 8000))
	}
}

// Kill ends the instance without a chance to clean up.
func (in *Instance) Kill() {
	if in.Running() {
		_ = syscall.Kill(-in.cmd.Process.Pid, syscall.SIGKILL) // it may be gone by now
		<-in.exited
	}
}
