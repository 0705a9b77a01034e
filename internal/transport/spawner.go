package transport

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// SpawnerOptions configure a Spawner.
type SpawnerOptions struct {
	// Env looks up a variable of our own environment. Only those of PATH, HOME, USER,
	// LOGNAME, SHELL, TERM, LANG and TMPDIR are asked for.
	Env func(name string) (string, bool)
	// Reaper is the command line of the helper that kills what children leave behind
	// when this process dies without a chance to (see RunReaper). Empty for none.
	Reaper []string
	// Grace is the time between TERM and KILL; five seconds when zero.
	Grace  time.Duration
	Logger *slog.Logger
}

// inherited are the variables of ours that a child gets.
var inherited = []string{"PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "LANG", "TMPDIR"}

// Spawner forks children, each in a process group of its own, from one thread: the
// kernel's parent-death signal follows the thread that forked. It is also the one place
// where a sandbox would put itself between.
type Spawner struct {
	opts   SpawnerOptions
	reaper *reaperLink

	mu     sync.Mutex
	closed bool
	forks  chan fork // nil until the first
	wg     sync.WaitGroup
}

type fork struct {
	cmd *exec.Cmd
	err chan error
}

// NewSpawner returns a spawner. It starts nothing.
func NewSpawner(o SpawnerOptions) *Spawner {
	if o.Env == nil {
		o.Env = func(string) (string, bool) { return "", false }
	}
	if o.Grace <= 0 {
		o.Grace = 5 * time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Spawner{opts: o}
	if len(o.Reaper) > 0 {
		s.reaper = &reaperLink{spawner: s}
	}
	return s
}

// Close ends the forking thread and the reaper. All children are closed before.
func (s *Spawner) Close() {
	s.mu.Lock()
	first := !s.closed
	s.closed = true
	if first && s.forks != nil {
		close(s.forks)
	}
	s.mu.Unlock()
	if first && s.reaper != nil {
		s.reaper.close()
	}
	s.wg.Wait()
}

// start forks cmd on the forking thread. Forks happen one at a time.
func (s *Spawner) start(cmd *exec.Cmd) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	if s.forks == nil {
		s.forks = make(chan fork)
		s.wg.Go(func() {
			// Never unlocked: the thread ends with the goroutine.
			runtime.LockOSThread()
			for f := range s.forks {
				f.err <- f.cmd.Start()
			}
		})
	}
	f := fork{cmd, make(chan error, 1)}
	s.forks <- f
	return <-f.err
}

// environ returns what a child of the definition's env sees: eight variables of ours,
// overlaid by the definition's.
func (s *Spawner) environ(env []string) []string {
	own := map[string]bool{}
	for _, kv := range env {
		name, _, _ := strings.Cut(kv, "=")
		own[name] = true
	}
	out := slices.Clone(env)
	for _, name := range inherited {
		if v, ok := s.opts.Env(name); ok && !own[name] {
			out = append(out, name+"="+v)
		}
	}
	return out
}

var errNotFound = errors.New("no such program in PATH; install it, or write its full path as `command`")

// lookup returns the absolute path of command, by the PATH that the child will have.
func lookup(command string, env []string, dir string) (string, error) {
	if command == "" {
		return "", &CommandError{Err: errors.New("`command` is empty")}
	}
	if strings.ContainsRune(command, filepath.Separator) {
		if !filepath.IsAbs(command) {
			command = filepath.Join(dir, command)
		}
		abs, err := filepath.Abs(command)
		if err == nil {
			err = executable(abs)
		}
		if err != nil {
			return "", &CommandError{Command: command, Err: err}
		}
		return abs, nil
	}
	path := ""
	for _, kv := range env {
		if v, ok := strings.CutPrefix(kv, "PATH="); ok {
			path = v
		}
	}
	found := errNotFound
	for _, d := range filepath.SplitList(path) {
		if !filepath.IsAbs(d) {
			continue // the working folder is not a place to find programs in
		}
		candidate := filepath.Join(d, command)
		err := executable(candidate)
		if err == nil {
			return candidate, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			found = err
		}
	}
	return "", &CommandError{Command: command, Err: found}
}

func executable(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: %s", fs.ErrNotExist, path)
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("%s is a folder", path)
	case info.Mode()&0o111 == 0:
		return fmt.Errorf("%s is not executable", path)
	}
	return nil
}
