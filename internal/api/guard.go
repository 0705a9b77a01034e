package api

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"patchbay"
	"patchbay/internal/httpkit"
)

// guard enforces a row of the table, in this order: size, other sites, who, scope, limit,
// permission. It returns who calls; on an error the handler must not run.
func (s *Server) guard(w http.ResponseWriter, r *http.Request, rt *route) (caller, error) {
	if r.ContentLength > rt.body {
		return caller{}, httpkit.TooLarge(rt.body)
	}
	if rt.body == noBody {
		r.Body = http.MaxBytesReader(w, r.Body, rt.body)
	}
	if rt.who == public {
		if rt.cross == crossSameOrigin {
			return caller{r: r}, s.sameOrigin(r)
		}
		return caller{r: r}, rt.there()
	}
	c, err := s.actor(r)
	if err != nil {
		return c, err
	}
	c.r = r
	if c.cookie && rt.cross == crossSameOrigin {
		if err := s.sameOrigin(r); err != nil {
			return c, err
		}
	}
	if err := admit(&c.actor, rt); err != nil {
		return c, err
	}
	if rt.limit == limitUser {
		if err := s.limits.take(&c.actor); err != nil {
			return c, err
		}
	}
	if rt.perm != 0 {
		c.server, err = s.o.Servers.Authorise(c.actor, param(r, "serverName"), rt.perm)
		return c, err
	}
	return c, rt.there()
}

// there tells whoever may call a route that this host has not got what it needs.
func (rt *route) there() error {
	if rt.missing == "" {
		return nil
	}
	return errNotYet(rt.missing)
}

// admit decides whether an actor may call a route at all.
func admit(a *patchbay.Actor, rt *route) error {
	operator := a.Kind == patchbay.ActorOperator
	switch {
	case rt.scope != "" && !a.Has(rt.scope):
		return patchbay.Errorf(patchbay.CodeForbidden, "This token lacks the scope %s; make one that has it", rt.scope)
	case rt.who == admin && !operator && !a.Admin():
		return patchbay.Errorf(patchbay.CodeForbidden, "Only an admin may do this")
	case operator && a.User == nil && !rt.operator:
		return errActAsFirst()
	}
	return nil
}

// sameOrigin refuses what a page of another site sends with our visitor's cookie.
func (s *Server) sameOrigin(r *http.Request) error {
	if err := s.origins.Check(r); err != nil {
		return errOtherSite(err)
	}
	return nil
}

func errOtherSite(err error) *patchbay.Error {
	return &patchbay.Error{
		Code:    patchbay.CodeForbidden,
		Message: "Requests of other sites are refused here; if this page is ours, set DOMAIN_SERVER to its address",
		Err:     err,
	}
}

// fromElsewhere reports whether a browser says that another site made this request.
func fromElsewhere(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "cross-site", "same-site":
		return true
	}
	return false
}

// param returns a path parameter, decoded once.
func param(r *http.Request, name string) string {
	value := chi.URLParam(r, name)
	if r.URL.RawPath == "" {
		return value // the path is decoded already
	}
	return unescape(value)
}
