package oauth

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// httpForm turns the URL of a websocket into the http URL of the same place, where the
// well-known documents are. It returns a copy.
func httpForm(u *url.URL) *url.URL {
	if u == nil {
		return nil
	}
	v := *u
	switch strings.ToLower(u.Scheme) {
	case "ws":
		v.Scheme = "http"
	case "wss":
		v.Scheme = "https"
	default:
		v.Scheme = strings.ToLower(u.Scheme)
	}
	return &v
}

// resourceURL is the MCP server's URL as RFC 8707 wants a resource: absolute, without
// fragment, and without query, which may hold what is nobody's business.
func resourceURL(u *url.URL) *url.URL {
	v := httpForm(u)
	if v == nil {
		return nil
	}
	v.User, v.RawQuery, v.ForceQuery, v.Fragment, v.RawFragment = nil, "", false, "", ""
	v.Host = strings.ToLower(v.Host)
	return v
}

// originOf returns scheme, host and port, the port always written.
func originOf(u *url.URL) string {
	port := u.Port()
	if port == "" {
		switch strings.ToLower(u.Scheme) {
		case "http", "ws":
			port = "80"
		case "https", "wss":
			port = "443"
		}
	}
	return strings.ToLower(u.Scheme) + "://" + net.JoinHostPort(hostOf(u), port)
}

func hostOf(u *url.URL) string { return strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")) }

// loopback reports whether host is this machine by its name alone.
func loopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// webURL reads an absolute http or https address. The error is a clause.
func webURL(s string) (*url.URL, error) {
	if len(s) > maxURL {
		return nil, errors.New("is longer than 2048 bytes")
	}
	u, err := url.Parse(s)
	if err != nil || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '\\' }) {
		return nil, errors.New("is not a URL")
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("does not begin with https://")
	case u.Host == "" || u.Hostname() == "" || u.Opaque != "":
		return nil, errors.New("has no host")
	case u.User != nil:
		return nil, errors.New("holds a user name")
	case u.Fragment != "" || strings.HasSuffix(s, "#"):
		return nil, errors.New("has a fragment")
	}
	return u, nil
}

// namedEndpoint reads an address of the operator's own, who may use plain http.
func namedEndpoint(s string) (*url.URL, error) { return webURL(s) }

// learnedEndpoint reads an address that somebody else wrote: https, or http on this
// machine.
func learnedEndpoint(s string) (*url.URL, error) {
	u, err := webURL(s)
	if err == nil && u.Scheme != "https" && !loopback(hostOf(u)) {
		return nil, errors.New("is not https")
	}
	return u, err
}
