package transport

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

// processGroup puts a process into a group of its own. A mortal one is killed when the
// thread that forked it ends.
func processGroup(mortal bool) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if mortal {
		attr.Pdeathsig = syscall.SIGKILL
	}
	return attr
}

// waitExited returns when the process has ended, and leaves it to be reaped.
func waitExited(pid int) {
	for {
		var info unix.Siginfo
		err := unix.Waitid(unix.P_PID, pid, &info, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			return
		}
	}
}
