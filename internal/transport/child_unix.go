//go:build unix && !linux

package transport

import "syscall"

// processGroup puts a process into a group of its own. There is no parent-death signal
// on this system; the reaper alone cleans up.
func processGroup(bool) *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// waitExited has no way here to wait without reaping.
func waitExited(int) {}
