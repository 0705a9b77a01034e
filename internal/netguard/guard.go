package netguard

import (
	"crypto/x509"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"

	"patchbay"
)

// Guard decides what may be reached and hands out the clients that reach it.
type Guard struct {
	domains []domain
	allowed allowed
	strict  bool
	proxy   *url.URL
	noProxy noProxy
	names   *net.Resolver
	roots   *x509.CertPool

	mu         sync.Mutex
	transports map[poolKey]*http.Transport
	followers  map[followerKey]*follower
}

// New returns a guard for the policy. The error names the entry that cannot be read.
func New(p Policy) (*Guard, error) {
	g := &Guard{strict: p.Strict, proxy: p.Proxy, names: p.Resolver, roots: p.RootCAs, transports: map[poolKey]*http.Transport{}, followers: map[followerKey]*follower{}}
	var err error
	if g.domains, err = parseDomains(p.AllowedDomains); err != nil {
		return nil, err
	}
	if g.allowed, err = parseAddresses(p.AllowedAddresses); err != nil {
		return nil, err
	}
	g.noProxy = parseNoProxy(p.NoProxy)
	return g, nil
}

// class is what a trust class comes to once the policy and the origin are known.
type class uint8

const (
	open    class = iota // any address
	guarded              // public addresses and the listed exceptions
)

// origin is the definition that an address belongs to, or that led to it.
type origin struct {
	url   *url.URL
	trust patchbay.Trust
}

// classOf judges by name only: a learned address on the definition's own host is
// trusted like the definition, since the definition talks to that host anyway.
func (g *Guard) classOf(host string, trust patchbay.Trust, o origin) class {
	if trust == patchbay.TrustLearned && o.url != nil && sameHost(host, o.url.Hostname()) {
		trust = o.trust
	}
	if trust == patchbay.TrustOperator && !g.strict {
		return open
	}
	return guarded
}

func sameHost(a, b string) bool {
	return strings.EqualFold(strings.TrimSuffix(a, "."), strings.TrimSuffix(b, "."))
}

// Check judges a URL by what can be seen without asking the DNS: its scheme, the
// allow-list, and literal addresses. It is for telling early; what counts is the
// judgement at connect. origin is the definition's URL when trust is learned, else nil.
// A refusal is a *BlockedError.
func (g *Guard) Check(u *url.URL, trust patchbay.Trust, origin *url.URL) error {
	// The definition's own literal address, if it may not be reached, was refused when
	// the definition was checked; so here its host is taken as reachable.
	_, err := g.judge(u, trust, originOf(origin, patchbay.TrustOperator), false)
	return err
}

func originOf(u *url.URL, trust patchbay.Trust) origin { return origin{url: u, trust: trust} }

// judge returns the class of u, or why it may not be asked for at all.
func (g *Guard) judge(u *url.URL, trust patchbay.Trust, o origin, proxied bool) (class, error) {
	host, port := strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")), portOf(u)
	target := host + ":" + port
	if strings.Contains(host, ":") {
		target = "[" + host + "]:" + port
	}
	if host == "" || port == "" {
		return guarded, &BlockedError{Target: u.Scheme + "://" + u.Host, Why: "only http, https, ws and wss URLs with a host can be reached"}
	}
	c := g.classOf(host, trust, o)
	ip, numeric := literal(host)
	listed := g.allowed.name(host, port) || (ip.IsValid() && ip.Zone() == "" && g.allowed.address(addrPort(ip, port)))
	if len(g.domains) > 0 && !listed && !g.domainListed(u.Scheme, host, port) {
		return c, &BlockedError{Target: target, Why: "it is not in the list of allowed domains", Line: yamlLine("allowedDomains", host)}
	}
	if c == open || listed {
		return c, nil
	}
	line := yamlLine("allowedAddresses", target)
	switch {
	case numeric && !isPublic(ip):
		return c, &BlockedError{Target: target, Why: "it is not a public address", Line: line}
	case numeric:
		return c, nil
	case host == "localhost" || strings.HasSuffix(host, ".localhost"):
		loopback4, loopback6 := netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()
		if g.allowed.address(addrPort(loopback4, port)) || g.allowed.address(addrPort(loopback6, port)) {
			return c, nil
		}
		return c, &BlockedError{Target: target, Why: "it is not a public address", Line: line}
	case proxied:
		// The proxy would look the name up itself, past the judgement at connect.
		return c, &BlockedError{Target: target, Why: "a name cannot be judged when a proxy resolves it", Line: line}
	}
	return c, nil
}

func (g *Guard) domainListed(scheme, host, port string) bool {
	switch scheme { // an entry for https://host covers its websocket
	case "ws":
		scheme = "http"
	case "wss":
		scheme = "https"
	}
	for i := range g.domains {
		if g.domains[i].matches(scheme, host, port) {
			return true
		}
	}
	return false
}

func yamlLine(key, value string) string { return `mcpSettings: {` + key + `: ["` + value + `"]}` }

// portOf returns the port of u, "" when the scheme is not one of ours.
func portOf(u *url.URL) string {
	def := ""
	switch u.Scheme {
	case "http", "ws":
		def = "80"
	case "https", "wss":
		def = "443"
	default:
		return ""
	}
	if p := u.Port(); p != "" {
		return p
	}
	return def
}

// CloseIdle closes the connections that are not in use, for a guard that was replaced.
func (g *Guard) CloseIdle() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, t := range g.transports {
		t.CloseIdleConnections()
	}
}
