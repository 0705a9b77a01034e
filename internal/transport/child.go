package transport

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Spec says what to run.
type Spec struct {
	Argv []string // the command and its arguments; never given to a shell
	Env  []string // "K=V", only the definition's
	Dir  string   // the working folder; ours when empty
	// NoStderr throws the standard error away.
	NoStderr bool
}

// Child is a running process and the ends of its pipes that are ours.
type Child struct {
	Stdin  *os.File
	Stdout *os.File
	Stderr *os.File // nil with NoStderr

	spawner *Spawner
	pid     int
	exited  chan struct{}
	exit    ExitError // valid once exited is closed; without Stderr
}

// Spawn starts a child. Errors are *CommandError.
func (s *Spawner) Spawn(spec Spec) (*Child, error) {
	if len(spec.Argv) == 0 {
		return nil, &CommandError{Err: errors.New("`command` is empty")}
	}
	env := s.environ(spec.Env)
	path, err := lookup(spec.Argv[0], env, spec.Dir)
	if err != nil {
		return nil, err
	}
	if spec.Dir != "" {
		if info, err := os.Stat(spec.Dir); err != nil || !info.IsDir() {
			return nil, &CommandError{Command: spec.Argv[0], Err: errors.New("`cwd` is not a folder: " + spec.Dir)}
		}
	}
	c := &Child{spawner: s, exited: make(chan struct{})}
	cmd := &exec.Cmd{Path: path, Args: spec.Argv, Env: env, Dir: spec.Dir, SysProcAttr: processGroup(true)}
	theirs, err := c.pipes(cmd, spec.NoStderr)
	if err == nil {
		err = s.start(cmd)
	}
	for _, f := range theirs {
		_ = f.Close() // the child has its own copies
	}
	if err != nil {
		c.closePipes()
		var pathError *os.PathError
		if errors.As(err, &pathError) {
			err = pathError.Err // the path is in the sentence already
		}
		return nil, &CommandError{Command: spec.Argv[0], Err: err}
	}
	c.pid = cmd.Process.Pid
	if s.reaper != nil {
		s.reaper.add(c.pid)
	}
	go c.wait(cmd)
	return c, nil
}

// pipes makes the child's pipes and returns its ends.
func (c *Child) pipes(cmd *exec.Cmd, noStderr bool) (theirs []*os.File, err error) {
	pipe := func() (r, w *os.File) {
		if err == nil {
			r, w, err = os.Pipe()
		}
		return r, w
	}
	var in, out, errs *os.File
	in, c.Stdin = pipe()
	c.Stdout, out = pipe()
	if !noStderr {
		c.Stderr, errs = pipe()
	}
	for _, f := range []*os.File{in, out, errs} {
		if f != nil {
			theirs = append(theirs, f)
		}
	}
	cmd.Stdin, cmd.Stdout = in, out
	if errs != nil {
		cmd.Stderr = errs
	}
	return theirs, err
}

func (c *Child) closePipes() {
	for _, f := range []*os.File{c.Stdin, c.Stdout, c.Stderr} {
		if f != nil {
			_ = f.Close() // closing twice is fine, and there is nothing to lose
		}
	}
}

// wait reaps the process and kills whatever is left of its group.
func (c *Child) wait(cmd *exec.Cmd) {
	waitExited(c.pid)
	// The leader is dead but not reaped, so its number still means this group.
	c.signal(unix.SIGKILL)
	err := cmd.Wait()
	var exit *exec.ExitError
	state := cmd.ProcessState
	switch {
	case err != nil && !errors.As(err, &exit):
		c.exit = ExitError{Code: -1}
	case state != nil:
		c.exit = ExitError{Code: state.ExitCode()}
		if ws, ok := state.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
			c.exit.Signal = unix.SignalName(ws.Signal())
		}
	}
	if c.spawner.reaper != nil {
		c.spawner.reaper.remove(c.pid)
	}
	close(c.exited)
}

// signal sends to the whole group.
func (c *Child) signal(sig syscall.Signal) {
	_ = syscall.Kill(-c.pid, sig) // nobody left to signal is what was wanted
}

// stop ends the child: its standard input is closed; after patience TERM; after the
// spawner's grace KILL, each to the whole group. It returns when the child is reaped.
func (c *Child) stop(patience time.Duration) {
	_ = c.Stdin.Close() // closing twice is fine
	if c.exitedWithin(patience) {
		return
	}
	c.signal(unix.SIGTERM)
	if c.exitedWithin(c.spawner.opts.Grace) {
		return
	}
	c.signal(unix.SIGKILL)
	<-c.exited
}

// Pid is the process id of the child, and the id of its group.
func (c *Child) Pid() int { return c.pid }

// Stop ends the child as a wire does when it is closed, and returns when it is reaped.
func (c *Child) Stop() {
	c.stop(patience)
	c.closePipes()
}

func (c *Child) exitedWithin(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-c.exited:
		return true
	case <-timer.C:
		return false
	}
}
