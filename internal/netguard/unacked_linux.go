package netguard

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// boundUnacked makes a connection break when what was sent on it stays unacknowledged
// for unackedTimeout: keepalive says nothing while data is on its way, and by itself the
// kernel sends it again for a quarter of an hour.
func boundUnacked(c syscall.RawConn) {
	_ = c.Control(func(fd uintptr) {
		// Without it the connection works, and is found broken later.
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(unackedTimeout.Milliseconds()))
	})
}
