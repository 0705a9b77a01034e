package web

import (
	"bytes"
	"crypto/rand"
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

// Pages load from here only, and run no script that is written into them. Images and sound
// of tools' results come as data; the dialogs' own style needs a nonce.
const (
	policyBefore = "default-src 'none'; script-src 'self'; style-src 'self'"
	policyAfter  = "; img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self'; connect-src 'self'; " +
		"manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

// noncePlace stands in a page where the nonce of each answer goes.
const noncePlace = "{{nonce}}"

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

// file is one file, with the forms of it that the build compressed.
type file struct {
	name, contentType, cache string
	plain                    content
	encoded                  []content // the best first
	nonced                   bool      // it holds noncePlace, and is different in each answer
}

// content is one form of a file.
type content struct {
	encoding, etag string // encoding is empty for the plain form
	data           []byte
}

// encodings are the endings of compressed twins, the best first.
var encodings = [...]struct{ name, ending string }{{"br", ".br"}, {"gzip", ".gz"}}

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
	s.pair()
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
	f := &file{name: name, contentType: types[path.Ext(name)], cache: cacheAnHour}
	if f.contentType == "" {
		f.contentType = "application/octet-stream"
	}
	switch {
	case path.Ext(name) == ".html":
		f.cache = cacheNever
		data = bytes.ReplaceAll(data, []byte("{{base}}"), []byte(base))
		f.nonced = bytes.Contains(data, []byte(noncePlace))
	case hashed.MatchString(name):
		f.cache = cacheForever
	}
	f.plain = newContent("", data)
	return f
}

func newContent(encoding string, data []byte) content {
	sum := sha256.Sum256(data)
	return content{encoding: encoding, etag: `"` + hex.EncodeToString(sum[:8]) + `"`, data: data}
}

// pair takes the compressed twins out of the files and gives them to what they are twins of.
func (s *Site) pair() {
	for _, e := range encodings {
		for name, f := range s.files {
			original, ok := strings.CutSuffix(name, e.ending)
			if of := s.files[original]; ok && of != nil {
				of.encoded = append(of.encoded, newContent(e.name, f.plain.data))
				delete(s.files, name)
			}
		}
	}
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
	nonce := ""
	if f != nil && f.nonced {
		nonce = rand.Text()
	}
	h.Set("Content-Security-Policy", policy(nonce))
	if f == nil {
		h.Set("Cache-Control", cacheNever)
		http.Error(w, "There is nothing at this path", http.StatusNotFound)
		return
	}
	h.Set("Content-Type", f.contentType)
	h.Set("Cache-Control", f.cache)
	if f.nonced {
		data := bytes.ReplaceAll(f.plain.data, []byte(noncePlace), []byte(nonce))
		http.ServeContent(w, r, f.name, time.Time{}, bytes.NewReader(data))
		return
	}
	c := f.best(r.Header.Values("Accept-Encoding"))
	if len(f.encoded) > 0 {
		h.Add("Vary", "Accept-Encoding")
	}
	if c.encoding != "" {
		h.Set("Content-Encoding", c.encoding)
	}
	h.Set("ETag", c.etag)
	http.ServeContent(w, r, f.name, time.Time{}, bytes.NewReader(c.data))
}

// policy is the content security policy of one answer.
func policy(nonce string) string {
	if nonce == "" {
		return policyBefore + policyAfter
	}
	return policyBefore + " 'nonce-" + nonce + "'" + policyAfter
}

// best returns the form of a file that a browser takes.
func (f *file) best(accept []string) content {
	for _, c := range f.encoded {
		if accepts(accept, c.encoding) {
			return c
		}
	}
	return f.plain
}

// accepts reports whether an Accept-Encoding names an encoding and does not refuse it.
func accepts(accept []string, encoding string) bool {
	for _, part := range strings.Split(strings.Join(accept, ","), ",") {
		name, params, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), encoding) {
			continue
		}
		q, ok := strings.CutPrefix(strings.ToLower(strings.ReplaceAll(params, " ", "")), "q=")
		return !ok || strings.Trim(q, "0.") != ""
	}
	return false
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
