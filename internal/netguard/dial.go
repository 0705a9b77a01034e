package netguard

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"patchbay"
)

// dialTimeout bounds one TCP connect, for callers without a deadline of their own.
const dialTimeout = 30 * time.Second

// keepAlive finds a half-open connection within 45 seconds.
var keepAlive = net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 10 * time.Second, Count: 3}

// unackedTimeout is the same for a connection on which something was just sent.
const unackedTimeout = 40 * time.Second

// dialOpen connects without looking at the address.
func (g *Guard) dialOpen(ctx context.Context, network, addr string) (net.Conn, error) {
	d := net.Dialer{Timeout: dialTimeout, KeepAliveConfig: keepAlive, Resolver: g.names, Control: func(_, _ string, c syscall.RawConn) error {
		boundUnacked(c)
		return nil
	}}
	return d.DialContext(ctx, network, addr)
}

// dialGuarded connects to public and listed addresses only. The address that is judged
// is the one that the socket is about to connect to.
func (g *Guard) dialGuarded(ctx context.Context, network, addr string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	if g.allowed.name(strings.ToLower(strings.TrimSuffix(host, ".")), port) {
		return g.dialOpen(ctx, network, addr)
	}
	d := net.Dialer{Timeout: dialTimeout, KeepAliveConfig: keepAlive, Resolver: g.names, Control: func(network, address string, c syscall.RawConn) error {
		boundUnacked(c)
		ap, err := netip.ParseAddrPort(address)
		if err == nil && strings.HasPrefix(network, "tcp") && (isPublic(ap.Addr()) || g.listed(ap)) {
			return nil
		}
		return &BlockedError{Target: addr, Why: "it is not a public address", Line: yamlLine("allowedAddresses", addr)}
	}}
	return d.DialContext(ctx, network, addr)
}

// listed reports whether the operator listed a resolved address. A zone is ours alone
// to reach, never listed.
func (g *Guard) listed(ap netip.AddrPort) bool {
	return ap.Addr().Zone() == "" && g.allowed.address(ap)
}

// DialContext returns the dialer for addresses of a trust class, for protocols other
// than HTTP. origin is the definition's URL when trust is learned, else nil; a learned
// address on the definition's own host is judged like a person's.
func (g *Guard) DialContext(trust patchbay.Trust, origin *url.URL) func(ctx context.Context, network, addr string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		u := &url.URL{Scheme: "https", Host: addr}
		c, err := g.judge(u, trust, originOf(origin, patchbay.TrustPerson), false)
		if err != nil {
			return nil, err
		}
		if c == open {
			return g.dialOpen(ctx, network, addr)
		}
		return g.dialGuarded(ctx, network, addr)
	}
}

func addrPort(ip netip.Addr, port string) netip.AddrPort {
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		n = 0 // matches nothing that is listed
	}
	return netip.AddrPortFrom(ip.Unmap(), uint16(n))
}
