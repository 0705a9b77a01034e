package demo

import (
	"net"
	"net/http"
	"net/url"
	"strings"
)

// guard keeps web pages out: the Host must be an address or a localhost name, or a
// page could reach us by a name of its own that it points here (DNS rebinding), and
// an Origin, which browsers send, must be our own (2025-11-25, basic/transports). It
// judges GET too, because the event stream and the websocket begin with one.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !hostAllowed(r.Host) {
			http.Error(w, "this Host is not served here; use the IP address or localhost", http.StatusMisdirectedRequest)
			return
		}
		if origin := r.Header.Get("Origin"); origin != "" {
			u, err := url.Parse(origin)
			if err != nil || !strings.EqualFold(u.Host, r.Host) {
				http.Error(w, "requests from other web pages are refused", http.StatusForbidden)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

func hostAllowed(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || net.ParseIP(host) != nil
}
