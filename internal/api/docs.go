package api

import (
	"embed"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"
)

//go:embed docs
var docsFiles embed.FS

const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func (s *Server) openAPIJSON(w http.ResponseWriter, _ *http.Request, _ *caller) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(s.openAPI)))
	_, _ = w.Write(s.openAPI) // the client is gone: nobody to tell
}

// docs serves the page to try the API: our own files, no script of anybody else.
func (s *Server) docs(w http.ResponseWriter, r *http.Request, _ *caller) {
	name := chi.URLParam(r, "file")
	if name == "" {
		name = "index.html"
	}
	data, err := fs.ReadFile(docsFiles, path.Join("docs", path.Base(name)))
	if err != nil {
		s.notFound(w, r)
		return
	}
	h := w.Header()
	switch path.Ext(name) {
	case ".html":
		h.Set("Content-Type", "text/html; charset=utf-8")
		data = []byte(strings.ReplaceAll(string(data), "{{base}}", s.base))
	case ".js":
		h.Set("Content-Type", "text/javascript; charset=utf-8")
	case ".css":
		h.Set("Content-Type", "text/css; charset=utf-8")
	}
	h.Set("Content-Security-Policy", docsPolicy)
	_, _ = w.Write(data) // the client is gone: nobody to tell
}
