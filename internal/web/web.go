package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strings"
	"time"
)

const indexFile = "index.html"

// policy lets pages load from here only, and run no script that is written into them.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'"

// Cache classes.
const (
	cacheNever   = "no-store"                            // pages: they name the assets that fit them
	cacheForever = "public, max-age=31536000, immutable" // files with a digest of their content in the name
	cacheAnHour  = "public, max-age=3600"                // the rest
)

// hashed is how the build names what never changes: name-XXXXXXXX.ext under assets/.
var hashed = regexp.MustCompile(`^assets/.+-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$`)

// Options is what a Site is made of.
type Options struct {
	BasePath string // path of DOMAIN_SERVER, without a slash at its end; empty: the root
	Files    fs.FS  // nil: those inside the binary
}

// Site answers requests for the UI.
type Site struct {
	files map[string]*file
	index *file
}

type file struct {
	name, contentType, cache, etag string
	data                           []byte
}

// New reads the files once. Pages get the base path in place of {{base}}.
func New(o Options) (*Site, error) {
	from := o.Files
	if from == nil {
		var err error
		if from, err = source(); err != nil {
			return nil, fmt.Errorf("web: %w", err)
		}
	}
	s := &Site{files: map[string]*file{}}
	err := fs.WalkDir(from, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(path.Base(name), ".") {
			return err
		}
		data, err := fs.ReadFile(from, name)
		if err != nil {
			return err
		}
		s.files[name] = newFile(name, data, o.BasePath)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	if s.index = s.files[indexFile]; s.index == nil {
		return nil, fmt.Errorf("web: there is no %s", indexFile)
	}
	return s, nil
}

// types are those of the files a UI is built of: the system's own list differs from
// machine to machine.
var types = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon", ".webp": "image/webp", ".woff2": "font/woff2",
	".json": "application/json", ".webmanifest": "application/manifest+json", ".txt": "text/plain; charset=utf-8",
}

func newFile(name string, data []byte, base string) *file {
	f := &file{name: name, data: data, contentType: types[path.Ext(name)], cache: cacheAnHour}
	if f.contentType == "" {
		f.contentType = "application/octet-stream"
	}
	switch {
	case path.Ext(name) == ".html":
		f.cache = cacheNever
		f.data = bytes.ReplaceAll(data, []byte("{{base}}"), []byte(base))
	case hashed.MatchString(name):
		f.cache = cacheForever
	}
	sum := sha256.Sum256(f.data)
	f.etag = `"` + hex.EncodeToString(sum[:8]) + `"`
	return f
}

// ServeHTTP answers GET and HEAD. The path is inside the base path.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "This path takes GET and HEAD only", http.StatusMethodNotAllowed)
		return
	}
	f := s.find(r.URL.Path)
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Frame-Options", "DENY") // for what is older than frame-ancestors
	h.Set("Content-Security-Policy", policy)
	if f == nil {
		h.Set("Cache-Control", cacheNever)
		http.Error(w, "There is nothing at this path", http.StatusNotFound)
		return
	}
	h.Set("Content-Type", f.contentType)
	h.Set("Cache-Control", f.cache)
	h.Set("ETag", f.etag)
	http.ServeContent(w, r, f.name, time.Time{}, bytes.NewReader(f.data))
}

// find returns the file for a path: the file itself, the page of that name, or for a path
// that looks like a page's the index, which knows what to show. Nothing below /api or
// beside the probes is ever a page.
func (s *Site) find(url string) *file {
	name := strings.TrimPrefix(path.Clean("/"+url), "/")
	if f := s.files[name]; f != nil {
		return f
	}
	first, _, _ := strings.Cut(name, "/")
	switch first {
	case "api", "healthz", "readyz", "metrics":
		return nil
	}
	if path.Ext(name) != "" {
		return nil
	}
	if f := s.files[name+".html"]; f != nil {
		return f
	}
	return s.index
}
