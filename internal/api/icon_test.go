package api

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"patchbay"
	"patchbay/internal/acl"
	"patchbay/internal/registry"
)

var pngBytes = []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")

type fakeIcons struct {
	data  []byte
	err   error
	asked int
}

func (f *fakeIcons) Icon(context.Context, *patchbay.Server, int64) ([]byte, error) {
	f.asked++
	return f.data, f.err
}

func TestIcon(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	svg := []byte("\xef\xbb\xbf<?xml version=\"1.0\"?>\n<!-- a > b --><!DOCTYPE svg>\n<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>")
	tests := map[string]struct {
		path   string
		source patchbay.Source
		want   string // Content-Type; empty: 404
	}{
		"data URI":           {"data:image/png;base64,iVBORw0KGgoAAAANSUhEUg==", patchbay.SourceUser, "image/png"},
		"data URI as text":   {"data:image/svg+xml,%3Csvg%3E%3C/svg%3E", patchbay.SourceUser, "image/svg+xml"},
		"file of the YAML":   {file("a.png", pngBytes), patchbay.SourceYAML, "image/png"},
		"svg":                {file("a.svg", svg), patchbay.SourceYAML, "image/svg+xml"},
		"remote":             {"https://icons.example.test/x.png", patchbay.SourceUser, "image/png"},
		"file of a person":   {file("b.png", pngBytes), patchbay.SourceUser, ""},
		"a page called .png": {file("c.png", []byte("<html><script>alert(1)</script>")), patchbay.SourceYAML, ""},
		"a secret file":      {file("d.env", []byte("CREDS_KEY=fake")), patchbay.SourceYAML, ""},
		"too large":          {file("e.png", append(bytes.Clone(pngBytes), make([]byte, maxIcon)...)), patchbay.SourceYAML, ""},
		"a folder":           {dir, patchbay.SourceYAML, ""},
		"missing":            {filepath.Join(dir, "none.png"), patchbay.SourceYAML, ""},
		"none":               {"", patchbay.SourceYAML, ""},
		"broken data URI":    {"data:image/png;base64,???", patchbay.SourceYAML, ""},
		"HTML as a data URI": {"data:text/html,<script>alert(1)</script>", patchbay.SourceUser, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(o *Options) { o.Icons = &fakeIcons{data: pngBytes} })
			def := *definitions()[0]
			def.IconPath, def.Source = test.path, test.source
			def.Grants = acl.GrantsOf(def.Access) // as those of the file, for one that a person made
			w.registry.Replace([]*patchbay.Server{&def}, registry.Rules{})
			rec := w.request(t, "GET", "/api/mcp/github-mcp/icon", tokAnn, "")
			if test.want == "" {
				wantError(t, rec, 404, patchbay.CodeNotFound, "has no icon")
				return
			}
			h := rec.Header()
			if rec.Code != 200 || h.Get("Content-Type") != test.want || h.Get("Content-Security-Policy") != "sandbox; default-src 'none'" || h.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%d %v", rec.Code, h)
			}
		})
	}
}

// A page that shows a server does not make us ask its host each time, be it there or not.
func TestIconCache(t *testing.T) {
	for _, from := range []*fakeIcons{{data: pngBytes}, {err: errors.New("fake: gone")}} {
		c := newIconCache()
		def := &patchbay.Server{ID: "x", IconPath: "https://icons.example.test/x.png"}
		for range 3 {
			_, _ = c.get(t.Context(), from, def)
		}
		if from.asked != 1 {
			t.Errorf("asked %d times", from.asked)
		}
		for i := range maxIcons * 2 {
			_, _ = c.get(t.Context(), from, &patchbay.Server{ID: patchbay.ServerID(strings.Repeat("y", i+1)), IconPath: def.IconPath})
		}
		if len(c.kept) > maxIcons {
			t.Errorf("%d icons are kept", len(c.kept))
		}
	}
}
