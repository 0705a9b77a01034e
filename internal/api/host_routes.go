package api

import (
	"context"
	"net/http"
	"path/filepath"

	"patchbay"
	"patchbay/internal/httpkit"
)

type configOutput struct{ Body ConfigState }

func (s *Server) getConfig(context.Context, *callerInput) (*configOutput, error) {
	state := s.o.Config.ConfigState()
	if state.Findings == nil {
		state.Findings = []Finding{}
	}
	return &configOutput{state}, nil
}

func (s *Server) healthz(w http.ResponseWriter, _ *http.Request, _ *caller) {
	httpkit.WriteJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

// readyz is asked by load balancers and by the shell: 503 with the reason until ready.
func (s *Server) readyz(w http.ResponseWriter, _ *http.Request, _ *caller) {
	if err := s.o.Ready(); err != nil {
		if patchbay.CodeOf(err) == patchbay.CodeInternal { // a plain reason, made to be shown
			err = &patchbay.Error{Code: patchbay.CodeUnavailable, Message: err.Error()}
		}
		s.fail(w, err)
		return
	}
	httpkit.WriteJSON(w, http.StatusOK, map[string]string{"status": "ready"})
}

func (s *Server) metrics(w http.ResponseWriter, r *http.Request, _ *caller) {
	if s.o.Metrics == nil {
		s.notFound(w, r)
		return
	}
	s.o.Metrics.ServeHTTP(w, r)
}

// ui serves everything that is not ours to answer.
func (s *Server) ui(w http.ResponseWriter, r *http.Request, _ *caller) {
	if reserved(r.URL.Path) {
		s.notFound(w, r)
		return
	}
	s.o.Web.ServeHTTP(w, r)
}

// later keeps the place of a route that this build has not got: whoever may not use it is
// told so, whoever may is told that it is not there yet.
func (s *Server) later(what string) handler {
	return handler{plain: func(w http.ResponseWriter, _ *http.Request, _ *caller) {
		s.fail(w, errNotYet(what))
	}}
}

func errNotYet(what string) *patchbay.Error {
	return patchbay.Errorf(patchbay.CodeNotImplemented, "%s is not available in this build yet", what)
}

func (s *Server) errInFile(def *patchbay.Server) *patchbay.Error {
	file := filepath.Base(s.o.Config.ConfigState().Path)
	if file == "." {
		file = "the built-in default"
	}
	return patchbay.Errorf(patchbay.CodeForbidden, "MCP server '%s' is defined in %s and is changed there only", def.Name, file)
}
