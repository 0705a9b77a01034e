package transport_test

import (
	"io"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"

	"patchbay/internal/transport"
)

// TestReaper lets a reaper's pipe end, as it does when we die, and holds that the groups
// it was told of die, grandchildren included, and no others.
func TestReaper(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	group := func() *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", "sleep 1000 & wait")
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			_ = cmd.Wait()
		})
		return cmd
	}
	doomed, spared := group(), group()
	reaper := exec.CommandContext(t.Context(), exe)
	reaper.Env = []string{"PATCHBAY_TEST_CHILD=reaper"}
	in, err := reaper.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := reaper.Start(); err != nil {
		t.Fatal(err)
	}
	lines := "+" + strconv.Itoa(doomed.Process.Pid) + "\n+" + strconv.Itoa(spared.Process.Pid) + "\n-" + strconv.Itoa(spared.Process.Pid) + "\n+1\nrubbish\n"
	if _, err := io.WriteString(in, lines); err != nil {
		t.Fatal(err)
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	if err := reaper.Wait(); err != nil {
		t.Error(err)
	}
	gone(t, doomed.Process.Pid)
	if !alive(spared.Process.Pid) {
		t.Error("the reaper killed a group it was told to forget")
	}
}

// TestSpawnerReaper holds that a spawner tells its reaper, which ends with it.
func TestSpawnerReaper(t *testing.T) {
	log := t.TempDir() + "/reaper"
	spawn := transport.SpawnerOptions{Env: os.LookupEnv, Reaper: []string{"/bin/sh", "-c", "cat > " + log}}
	s := transport.NewSpawner(spawn)
	c, err := s.Spawn(transport.Spec{Argv: []string{"cat"}})
	if err != nil {
		t.Fatal(err)
	}
	pid := c.Pid()
	c.Stop()
	s.Close()
	got, err := os.ReadFile(log)
	if want := "+" + strconv.Itoa(pid) + "\n-" + strconv.Itoa(pid) + "\n"; err != nil || string(got) != want {
		t.Errorf("the reaper was told %q (%v), want %q", got, err, want)
	}
}
