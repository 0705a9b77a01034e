package transport

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"sync"
	"syscall"
)

// RunReaper is the body of the reaper, a process of ours that outlives us by a moment:
// it reads "+GROUP" and "-GROUP" lines and, when they end because the other side is
// gone, kills every group still listed. A parent-death signal alone would leave the
// children's children behind.
func RunReaper(r io.Reader) error {
	// A signal to all of us must not take the reaper before its work is done.
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	groups := map[int]bool{}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		line := lines.Text()
		if len(line) < 2 {
			continue
		}
		group, err := strconv.Atoi(line[1:])
		if err != nil || group <= 1 {
			continue
		}
		switch line[0] {
		case '+':
			groups[group] = true
		case '-':
			delete(groups, group)
		}
	}
	for group := range groups {
		_ = syscall.Kill(-group, syscall.SIGKILL) // gone is as good
	}
	return lines.Err()
}

// reaperLink keeps the reaper informed, and alive.
type reaperLink struct {
	spawner *Spawner

	mu     sync.Mutex
	groups map[int]bool
	cmd    *exec.Cmd
	to     *os.File
	failed bool // could not be started: said once
}

func (l *reaperLink) add(group int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.groups == nil {
		l.groups = map[int]bool{}
	}
	l.groups[group] = true
	if l.to == nil {
		l.start()
		return
	}
	l.say('+', group)
}

func (l *reaperLink) remove(group int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.groups, group)
	if l.to != nil {
		l.say('-', group)
	}
}

// say writes one line; a reaper that died is replaced.
func (l *reaperLink) say(op byte, group int) {
	line := append(strconv.AppendInt([]byte{op}, int64(group), 10), '\n')
	if _, err := l.to.Write(line); err != nil {
		l.stop()
		l.start()
	}
}

// start forks the reaper and tells it all groups.
func (l *reaperLink) start() {
	r, w, err := os.Pipe()
	if err == nil {
		argv := l.spawner.opts.Reaper
		cmd := &exec.Cmd{Path: argv[0], Args: argv, Stdin: r, Env: []string{}, SysProcAttr: processGroup(false)}
		err = l.spawner.start(cmd)
		_ = r.Close() // the reaper has its own
		if err == nil {
			l.cmd, l.to = cmd, w
			for group := range l.groups {
				if _, err := w.WriteString("+" + strconv.Itoa(group) + "\n"); err != nil {
					break // the next line will find out too, and try again
				}
			}
			return
		}
		_ = w.Close() // nobody reads it
	}
	if !l.failed {
		l.failed = true
		l.spawner.opts.Logger.Warn("The reaper could not be started: after a crash child processes may be left behind", "error", err)
	}
}

func (l *reaperLink) stop() {
	if l.to == nil {
		return
	}
	_ = l.to.Close() // this is what ends the reaper
	_ = l.cmd.Wait() // how it ended does not matter
	l.to, l.cmd = nil, nil
}

func (l *reaperLink) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stop()
}
