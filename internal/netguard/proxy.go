package netguard

import (
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// noProxy is a parsed NO_PROXY list.
type noProxy struct {
	all      bool
	prefixes []netip.Prefix
	hosts    []domain // sub is always meant
}

// parseNoProxy reads the list in its customary form and skips what it cannot read, as
// every other program does.
func parseNoProxy(s string) noProxy {
	var n noProxy
	for _, e := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r == ',' || r == ' ' }) {
		if e == "*" {
			n.all = true
			continue
		}
		if p, err := netip.ParsePrefix(e); err == nil {
			n.prefixes = append(n.prefixes, p)
			continue
		}
		if ip, err := netip.ParseAddr(strings.Trim(e, "[]")); err == nil {
			n.prefixes = append(n.prefixes, netip.PrefixFrom(ip.Unmap(), ip.Unmap().BitLen()))
			continue
		}
		d := domain{host: e}
		if host, port, err := net.SplitHostPort(e); err == nil {
			d.host, d.port = host, port
		}
		if d.host = strings.TrimPrefix(strings.TrimPrefix(d.host, "*"), "."); d.host != "" {
			n.hosts = append(n.hosts, d)
		}
	}
	return n
}

// covers reports whether a target goes past the proxy.
func (n *noProxy) covers(host, port string) bool {
	if n.all {
		return true
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		for _, p := range n.prefixes {
			if p.Contains(ip.Unmap()) {
				return true
			}
		}
	}
	for _, d := range n.hosts {
		if (d.port == "" || d.port == port) && (host == d.host || strings.HasSuffix(host, "."+d.host)) {
			return true
		}
	}
	return false
}

// proxyFor returns the proxy that u goes through: the definition's own, else the
// general one, unless the list says otherwise.
func (g *Guard) proxyFor(u, own *url.URL) *url.URL {
	p := own
	if p == nil {
		p = g.proxy
	}
	if p == nil || g.noProxy.covers(strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")), portOf(u)) {
		return nil
	}
	return p
}
