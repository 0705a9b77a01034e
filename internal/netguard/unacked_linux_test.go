package netguard

import (
	"net"
	"testing"

	"golang.org/x/sys/unix"

	"patchbay"
)

func TestConnectionsBreakWhenNothingIsAcknowledged(t *testing.T) {
	g, err := New(Policy{AllowedAddresses: []string{"127.0.0.0/8"}})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	for _, trust := range []patchbay.Trust{patchbay.TrustOperator, patchbay.TrustPerson} {
		c, err := g.DialContext(trust, nil)(t.Context(), "tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		raw, err := c.(*net.TCPConn).SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		var ms int
		err = raw.Control(func(fd uintptr) { ms, _ = unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT) })
		if err != nil || ms != int(unackedTimeout.Milliseconds()) {
			t.Errorf("%s: %d ms, %v", trust, ms, err)
		}
	}
}
