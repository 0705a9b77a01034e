package netguard

import (
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Policy is what the operator's file says about outbound addresses.
type Policy struct {
	// AllowedDomains, when not empty, is an allow-list for every class: host, *.host,
	// optionally with a scheme in front and a port behind.
	AllowedDomains []string
	// AllowedAddresses are exceptions to "public addresses only": host:port, ip:port,
	// an IP address, or a CIDR.
	AllowedAddresses []string
	// Strict guards the operator's own definitions too.
	Strict bool
	// Proxy is the proxy of everything that names none of its own (`PROXY`); nil for none.
	Proxy *url.URL
	// NoProxy lists what goes past either proxy (`NO_PROXY`): hosts and their
	// subdomains, addresses, CIDRs, each optionally with a port, or *.
	NoProxy string
	// Resolver looks names up; the system's when nil.
	Resolver *net.Resolver
	// RootCAs are the authorities that certificates are trusted by; the system's when nil.
	RootCAs *x509.CertPool
}

// Equal reports whether two policies judge alike.
func (p Policy) Equal(q Policy) bool {
	proxy := func(u *url.URL) string {
		if u == nil {
			return ""
		}
		return u.String()
	}
	return slices.Equal(p.AllowedDomains, q.AllowedDomains) && slices.Equal(p.AllowedAddresses, q.AllowedAddresses) &&
		p.Strict == q.Strict && proxy(p.Proxy) == proxy(q.Proxy) && p.NoProxy == q.NoProxy && p.Resolver == q.Resolver
}

// domain is one entry of AllowedDomains.
type domain struct {
	scheme, host, port string
	sub                bool
}

// allowed are the entries of AllowedAddresses, sorted by what they compare with.
type allowed struct {
	names    map[string]bool // "host:port", lower case
	ports    map[netip.AddrPort]bool
	prefixes []netip.Prefix
}

func parseDomains(list []string) ([]domain, error) {
	var out []domain
	for _, s := range list {
		d := domain{}
		rest := strings.ToLower(strings.TrimSpace(s))
		if scheme, after, ok := strings.Cut(rest, "://"); ok {
			d.scheme, rest = scheme, after
		}
		rest, d.sub = strings.CutPrefix(strings.TrimSuffix(rest, "/"), "*.")
		d.host = rest
		if ip, err := netip.ParseAddr(strings.Trim(rest, "[]")); err == nil {
			d.host = ip.Unmap().String()
		} else if host, port, err := net.SplitHostPort(rest); err == nil {
			d.host, d.port = host, port
		}
		if d.host == "" || strings.ContainsAny(d.host, "/*@ ") || (d.port != "" && !validPort(d.port)) {
			return nil, fmt.Errorf("mcpSettings.allowedDomains: %q is not a domain; write host, *.host or https://host:port", s)
		}
		out = append(out, d)
	}
	return out, nil
}

func parseAddresses(list []string) (allowed, error) {
	a := allowed{names: map[string]bool{}, ports: map[netip.AddrPort]bool{}}
	for _, s := range list {
		v := strings.ToLower(strings.TrimSpace(s))
		if p, err := netip.ParsePrefix(v); err == nil {
			a.prefixes = append(a.prefixes, p.Masked())
			continue
		}
		if ip, err := netip.ParseAddr(v); err == nil {
			ip = ip.Unmap()
			a.prefixes = append(a.prefixes, netip.PrefixFrom(ip, ip.BitLen()))
			continue
		}
		host, port, err := net.SplitHostPort(v)
		if err != nil || host == "" || !validPort(port) || strings.ContainsAny(host, "/*@ ") {
			return a, fmt.Errorf("mcpSettings.allowedAddresses: %q is not an address; write host:port, ip:port or a CIDR like 10.0.0.0/8", s)
		}
		if ip, err := netip.ParseAddr(host); err == nil {
			n, _ := strconv.ParseUint(port, 10, 16) // validPort has looked
			a.ports[netip.AddrPortFrom(ip.Unmap(), uint16(n))] = true
			continue
		}
		a.names[strings.TrimSuffix(host, ".")+":"+port] = true
	}
	return a, nil
}

func validPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}

// name reports whether host:port is listed as written.
func (a *allowed) name(host, port string) bool { return a.names[host+":"+port] }

// address reports whether a resolved address is listed.
func (a *allowed) address(ap netip.AddrPort) bool {
	ip := ap.Addr().Unmap()
	if a.ports[netip.AddrPortFrom(ip, ap.Port())] {
		return true
	}
	for _, p := range a.prefixes {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}

// matches reports whether the URL's parts fit the entry.
func (d *domain) matches(scheme, host, port string) bool {
	if d.scheme != "" && d.scheme != scheme {
		return false
	}
	if d.port != "" && d.port != port {
		return false
	}
	if d.sub {
		return strings.HasSuffix(host, "."+d.host)
	}
	return host == d.host
}
