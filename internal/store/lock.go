package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

const lockFile = "patchbay.lock"

// LockedError says that another process has the data folder.
type LockedError struct {
	Dir string
	PID int // 0 when it is not known
}

// Error says who has the folder and what to do.
func (e *LockedError) Error() string {
	who := "another patchbay"
	if e.PID != 0 {
		who = fmt.Sprintf("another patchbay (process %d)", e.PID)
	}
	return fmt.Sprintf("data folder %s is in use by %s; stop that one, or give this one a folder of its own with --data", e.Dir, who)
}

// folderLock is an advisory lock on a file. The kernel drops it when the process
// ends, however it ends.
type folderLock struct{ f *os.File }

func lockFolder(dir string) (*folderLock, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(abs, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock of the data folder: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		e := &LockedError{Dir: abs, PID: readPID(f)}
		return nil, errors.Join(e, f.Close())
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock of the data folder: %w", err), f.Close())
	}
	// Who has it is only for the message of others: not being able to say is no failure.
	if f.Truncate(0) == nil {
		_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	return &folderLock{f: f}, nil
}

func readPID(r io.Reader) int {
	text, err := io.ReadAll(io.LimitReader(r, 32))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0
	}
	return pid
}

// release gives the folder back. The file stays: removing it would let two processes
// hold locks on two files of one name.
func (l *folderLock) release() error { return l.f.Close() }
