package api

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"patchbay"
	"patchbay/internal/auth"
)

const maxToken = 512 // bytes of a credential; ours are far shorter

// credential returns the token of a request. With an Authorization header, even a bad
// one, the cookie is not read: what a client says it is, it is, or nobody.
func (s *Server) credential(r *http.Request) (token string, cookie bool) {
	if values, ok := r.Header["Authorization"]; ok {
		if len(values) != 1 || len(values[0]) < 7 || !strings.EqualFold(values[0][:7], "Bearer ") {
			return "", false
		}
		return sane(strings.TrimSpace(values[0][7:])), false
	}
	c, err := r.Cookie(s.cookieName(r))
	if err != nil {
		return "", false
	}
	return sane(c.Value), true
}

func sane(token string) string {
	if len(token) > maxToken {
		return ""
	}
	return token
}

func errUnauthenticated() *patchbay.Error {
	return patchbay.Errorf(patchbay.CodeUnauthenticated, "Sign in, or send a valid token (Authorization: Bearer …)")
}

// actor finds out who calls. Only the operator may act as somebody else.
func (s *Server) actor(r *http.Request) (c caller, err error) {
	c.token, c.cookie = s.credential(r)
	if c.token == "" {
		return c, errUnauthenticated()
	}
	c.actor, err = s.o.Auth.Authenticate(r.Context(), c.token)
	if err != nil {
		return c, err
	}
	as := r.Header["X-Patchbay-As"]
	switch {
	case c.actor.Kind == patchbay.ActorOperator:
		if c.cookie { // the operator's token is never in a cookie
			return c, errUnauthenticated()
		}
		c.actor.Door = patchbay.DoorShell
		if len(as) > 0 {
			if len(as) > 1 || len(as[0]) > 320 || !utf8.ValidString(as[0]) {
				return c, patchbay.Errorf(patchbay.CodeBadRequest, "X-Patchbay-As holds one e-mail address")
			}
			c.actor, err = s.o.Auth.ActAs(r.Context(), c.actor, as[0])
			c.actor.Door = patchbay.DoorShell
		}
	case len(as) > 0:
		err = patchbay.Errorf(patchbay.CodeForbidden, "Only the operator may act as somebody else")
	case c.cookie:
		c.actor.Door = patchbay.DoorWeb
	default:
		c.actor.Door = patchbay.DoorAPI
	}
	return c, err
}

// origin says where a request came from, for limits and the list of logins.
func (s *Server) origin(r *http.Request) auth.Origin {
	return auth.Origin{IP: s.o.Proxies.ClientIP(r).String(), UserAgent: r.UserAgent()}
}
