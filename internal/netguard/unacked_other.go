//go:build !linux

package netguard

import "syscall"

// boundUnacked has no portable way: a broken connection is found by the call's timeout.
func boundUnacked(syscall.RawConn) {}
