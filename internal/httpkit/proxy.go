package httpkit

import (
	"errors"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
)

// Proxies says whose X-Forwarded-* headers count (`TRUST_PROXY`). The zero value trusts
// nobody.
type Proxies struct {
	hops int            // trust that many hops in front of us
	nets []netip.Prefix // or those addresses
}

// maxHops bounds how many entries of X-Forwarded-For are looked at.
const maxHops = 32

var namedNets = map[string][]string{
	"loopback":    {"127.0.0.0/8", "::1/128"},
	"linklocal":   {"169.254.0.0/16", "fe80::/10"},
	"uniquelocal": {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"},
}

// proxyForms says what TRUST_PROXY may be, for errors.
const proxyForms = "give the number of proxies in front (0 to 32), or their addresses (10.0.0.1, 10.0.0.0/8, loopback, linklocal, uniquelocal) separated by commas"

// ParseProxies reads the value of TRUST_PROXY: empty, 0 or false (nobody), a number of
// hops, or a comma-separated list of addresses, networks and the names loopback,
// linklocal, uniquelocal. LibreChat's true is refused, because any client could then say
// where it is. Errors go on after the variable's name.
func ParseProxies(value string) (Proxies, error) {
	value = strings.TrimSpace(value)
	switch strings.ToLower(value) {
	case "", "false":
		return Proxies{}, nil
	case "true":
		return Proxies{}, errors.New("must not be true: any client could then say where it is; " + proxyForms)
	}
	if n, err := strconv.Atoi(value); err == nil {
		if n < 0 || n > maxHops {
			return Proxies{}, errors.New("cannot be read: " + proxyForms)
		}
		return Proxies{hops: n}, nil
	}
	var p Proxies
	for part := range strings.SplitSeq(value, ",") {
		nets, err := parseNets(strings.TrimSpace(part))
		if err != nil {
			return Proxies{}, err
		}
		p.nets = append(p.nets, nets...)
	}
	return p, nil
}

func parseNets(s string) ([]netip.Prefix, error) {
	names, ok := namedNets[strings.ToLower(s)]
	if !ok {
		names = []string{s}
	}
	var nets []netip.Prefix
	for _, n := range names {
		if prefix, err := netip.ParsePrefix(n); err == nil {
			nets = append(nets, prefix.Masked())
		} else if addr, err := netip.ParseAddr(n); err == nil {
			nets = append(nets, netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen()))
		} else {
			return nil, errors.New("cannot be read: " + proxyForms)
		}
	}
	return nets, nil
}

// ClientIP returns the address of the client: the nearest hop that is not trusted. It is
// the zero Addr when the connection has none (a socket file).
func (p Proxies) ClientIP(r *http.Request) netip.Addr {
	remote := remoteAddr(r)
	if !p.trusts(remote, 0) {
		return remote
	}
	client := remote
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := 1; i <= min(len(hops), maxHops); i++ {
		addr, err := netip.ParseAddr(strings.TrimSpace(hops[len(hops)-i]))
		if err != nil {
			break
		}
		client = addr.Unmap()
		if !p.trusts(client, i) {
			break
		}
	}
	return client
}

// Forwarded returns the scheme and host that the browser used, as a trusted proxy says;
// what it does not say is taken from the request.
func (p Proxies) Forwarded(r *http.Request) (scheme, host string) {
	scheme, host = "http", r.Host
	if r.TLS != nil {
		scheme = "https"
	}
	if !p.trusts(remoteAddr(r), 0) {
		return scheme, host
	}
	if s := first(r.Header.Get("X-Forwarded-Proto")); s == "http" || s == "https" {
		scheme = s
	}
	if h := first(r.Header.Get("X-Forwarded-Host")); h != "" {
		host = h
	}
	return scheme, host
}

func (p Proxies) trusts(addr netip.Addr, hop int) bool {
	if hop < p.hops {
		return true
	}
	for _, n := range p.nets {
		if n.Contains(addr) {
			return true
		}
	}
	return false
}

func remoteAddr(r *http.Request) netip.Addr {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap()
}

func first(list string) string {
	s, _, _ := strings.Cut(list, ",")
	return strings.ToLower(strings.TrimSpace(s))
}
