package api

import (
	"net/http"
	"time"
)

// cookieName returns the name of the login cookie. On https the browser itself keeps the
// __Host- one to this host and path; on http, where ports share a jar, the instance's id
// tells hosts apart.
func (s *Server) cookieName(r *http.Request) string {
	if s.https(r) {
		return "__Host-patchbay"
	}
	return s.plainCookie
}

func (s *Server) loginCookie(r *http.Request, token string, expires time.Time) *http.Cookie {
	c := &http.Cookie{
		Name:     s.cookieName(r),
		Value:    token,
		Path:     "/",
		HttpOnly: true,
		Secure:   s.https(r),
		SameSite: http.SameSiteLaxMode,
	}
	if token == "" {
		c.MaxAge = -1
	} else if !expires.IsZero() {
		c.Expires = expires
	}
	return c
}
