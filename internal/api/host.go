package api

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"patchbay"
)

// ours reports whether a Host header names us: an address, a localhost name, the host of
// DOMAIN_SERVER or one of Options.Hosts. Any other name may be a page of somebody else's
// whose name was made to lead here (DNS rebinding).
func (s *Server) ours(host string) bool {
	name := host
	if i := strings.LastIndexByte(host, ':'); i >= 0 && strings.IndexByte(host[i:], ']') < 0 {
		name = host[:i]
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	if _, err := netip.ParseAddr(name); err == nil {
		return true
	}
	name = strings.TrimSuffix(name, ".")
	if strings.EqualFold(name, "localhost") || len(name) > 10 && strings.EqualFold(name[len(name)-10:], ".localhost") {
		return true
	}
	for _, h := range s.hosts {
		if strings.EqualFold(name, h) {
			return true
		}
	}
	return false
}

func hostNames(base *url.URL, more []string) []string {
	names := make([]string, 0, len(more)+1)
	if base != nil {
		names = append(names, base.Hostname())
	}
	for _, h := range more {
		if name, _, err := net.SplitHostPort(h); err == nil {
			h = name
		}
		names = append(names, h)
	}
	return names
}

func errMisdirected() *patchbay.Error {
	return patchbay.Errorf(patchbay.CodeMisdirected, "This host name is not ours; set DOMAIN_SERVER to the address that people use")
}

// https reports whether the browser speaks https to us.
func (s *Server) https(r *http.Request) bool {
	if s.o.BaseURL != nil {
		return s.o.BaseURL.Scheme == "https"
	}
	scheme, _ := s.o.Proxies.Forwarded(r)
	return scheme == "https"
}

// inside takes the base path off the request's path. A proxy may have done so already;
// the path is then left as it is.
func (s *Server) inside(r *http.Request) *http.Request {
	path, ok := cutBase(r.URL.Path, s.base)
	if !ok {
		return r
	}
	raw, ok := cutBase(r.URL.RawPath, s.base)
	if !ok {
		raw = ""
	}
	r2 := new(http.Request)
	*r2 = *r
	u := *r.URL
	u.Path, u.RawPath = path, raw
	r2.URL = &u
	return r2
}

func cutBase(path, base string) (string, bool) {
	rest, ok := strings.CutPrefix(path, base)
	if !ok || rest != "" && rest[0] != '/' {
		return path, false
	}
	if rest == "" {
		rest = "/"
	}
	return rest, true
}
