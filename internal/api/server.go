package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"

	"github.com/go-chi/chi/v5"

	"patchbay"
)

// Server answers HTTP requests by the route table. Make it with New.
type Server struct {
	o       Options
	router  *chi.Mux
	origins *http.CrossOriginProtection
	limits  *limits
	hub     *hub
	icons   *iconCache
	openAPI []byte

	hosts       []string
	base        string // path of DOMAIN_SERVER, without a slash at its end
	plainCookie string // name of the login cookie on http

	heads    []head // set on every answer
	jsonType []string
}

// head is a header that every answer has. The slice is shared by all answers: nobody
// writes into it, so that a call allocates none of this.
type head struct {
	name   string
	values []string
}

// New builds the router. It starts nothing; the event stream needs Run.
func New(o Options) (*Server, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	s := &Server{
		o:           o,
		origins:     http.NewCrossOriginProtection(),
		limits:      newLimits(),
		hub:         newHub(o.Bus, o.Servers, o.Log),
		icons:       newIconCache(),
		hosts:       hostNames(o.BaseURL, o.Hosts),
		plainCookie: "patchbay_login",
		jsonType:    []string{"application/json"},
		heads: []head{
			{"X-Content-Type-Options", []string{"nosniff"}},
			{"Referrer-Policy", []string{"no-referrer"}},
			{"Content-Security-Policy", []string{"default-src 'none'; frame-ancestors 'none'"}},
			{"Cache-Control", []string{"no-store"}},
		},
	}
	if o.Instance != "" {
		s.plainCookie = "patchbay_" + o.Instance
	}
	if o.BaseURL != nil {
		s.base = strings.TrimRight(o.BaseURL.Path, "/")
		if err := s.origins.AddTrustedOrigin(o.BaseURL.Scheme + "://" + o.BaseURL.Host); err != nil {
			return nil, fmt.Errorf("api: DOMAIN_SERVER: %w", err)
		}
	}
	if err := s.mount(s.routes()); err != nil {
		return nil, err
	}
	return s, nil
}

// Run carries events from the bus to the browsers until ctx ends.
func (s *Server) Run(ctx context.Context) error { return s.hub.run(ctx) }

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer s.recover(w)
	h := w.Header()
	for i := range s.heads {
		h[s.heads[i].name] = s.heads[i].values
	}
	if !s.ours(r.Host) {
		s.fail(w, errMisdirected())
		return
	}
	if s.base != "" {
		if r.URL.Path == s.base {
			http.Redirect(w, r, s.base+"/", http.StatusPermanentRedirect)
			return
		}
		r = s.inside(r)
	}
	s.router.ServeHTTP(w, r)
}

// recover keeps a bug in one handler from being more than one failed request.
func (s *Server) recover(w http.ResponseWriter) {
	v := recover()
	if v == nil {
		return
	}
	if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(v)
	}
	// When the head is out already, this writes nothing that a client takes for an answer.
	s.fail(w, fmt.Errorf("api: panic: %v\n%s", v, debug.Stack()))
}

// mount puts the table into the router, and refuses a row that leaves something open and
// a route that is in no row.
func (s *Server) mount(table []route) error {
	s.router = chi.NewMux()
	s.router.NotFound(s.notFound)
	s.router.MethodNotAllowed(s.notAllowed)
	declared := map[string]bool{}
	doc := newDocument(s, table)
	for i := range table {
		rt := &table[i]
		if err := rt.complete(); err != nil {
			return fmt.Errorf("api: route %s %s: %w", rt.method, rt.pattern, err)
		}
		key := rt.method + " " + rt.pattern
		if declared[key] {
			return fmt.Errorf("api: route %s is declared twice", key)
		}
		declared[key] = true
		doc.add(rt)
	}
	err := chi.Walk(s.router, func(method, pattern string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if !declared[method+" "+pattern] {
			return fmt.Errorf("api: route %s %s is not in the table", method, pattern)
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.openAPI, err = doc.json()
	return err
}

// handle serves a row by a plain handler, behind the guard.
func (s *Server) handle(rt *route, next func(w http.ResponseWriter, r *http.Request, c *caller)) {
	s.router.MethodFunc(rt.method, rt.pattern, func(w http.ResponseWriter, r *http.Request) {
		c, err := s.guard(w, r, rt)
		switch {
		case err != nil && rt.refused != nil && wantsPage(r):
			rt.refused(w, r, err)
			return
		case err != nil && rt.fail != nil:
			rt.fail(w, err)
			return
		case err != nil:
			s.fail(w, err)
			return
		}
		next(w, r, &c)
	})
}

func (s *Server) notFound(w http.ResponseWriter, _ *http.Request) {
	s.fail(w, patchbay.Errorf(patchbay.CodeNotFound, "There is nothing at this path"))
}

func (s *Server) notAllowed(w http.ResponseWriter, r *http.Request) {
	path := r.URL.RawPath
	if path == "" {
		path = r.URL.Path
	}
	var allowed []string
	for _, m := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} {
		if p := s.router.Find(chi.NewRouteContext(), m, path); p != "" && (p != catchAll || !reserved(path)) {
			allowed = append(allowed, m)
		}
	}
	if len(allowed) == 0 {
		s.notFound(w, r)
		return
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	s.fail(w, patchbay.Errorf(patchbay.CodeNotAllowed, "This path takes %s only", strings.Join(allowed, ", ")))
}

// reserved reports whether a path can never be the UI's.
func reserved(path string) bool {
	return path == "/api" || strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/v1/") || path == "/metrics"
}

func unescape(s string) string {
	if out, err := url.PathUnescape(s); err == nil {
		return out
	}
	return s
}
