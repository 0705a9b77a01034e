package config

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
)

// Location says which configuration file is used, and why.
type Location struct {
	Path       string   // absolute; empty: the built-in default
	Origin     string   // why this one: "--config", "$CONFIG_PATH", "the working folder", …
	Candidates []string // every path that is looked at, in order
	Smithery   string   // Smithery's file, when it exists and another one is used
}

// Findings says when a file that Smithery's command wrote is there and not used.
func (l Location) Findings() []Finding {
	if l.Smithery == "" {
		return nil
	}
	return []Finding{{Severity: SeverityInfo, Message: fmt.Sprintf(
		"%s is there (Smithery writes it) and not used, because %s comes first (%s); copy its mcpServers over, or remove the other file",
		l.Smithery, l.Path, l.Origin)}}
}

// LocateOptions are where to look.
type LocateOptions struct {
	File    string // --config
	WorkDir string // absolute
	Home    string // empty when there is none
	Lookup  func(name string) (string, bool)
	Stat    func(name string) (fs.FileInfo, error)
}

type candidate struct {
	path     string
	origin   string
	named    bool
	smithery bool
}

// Locate finds the configuration file: the first candidate that is there. A file that
// was named and is not there, or a URL, is an error.
func Locate(o LocateOptions) (Location, error) {
	env := func(name string) string {
		v, _ := o.Lookup(name)
		return strings.TrimSpace(v)
	}
	absolute := func(p string) string {
		if !filepath.IsAbs(p) {
			p = filepath.Join(o.WorkDir, p)
		}
		return filepath.Clean(p)
	}
	var all []candidate
	if o.File != "" {
		all = append(all, candidate{path: o.File, origin: "--config", named: true})
	}
	if p := env("CONFIG_PATH"); p != "" {
		all = append(all, candidate{path: p, origin: "$CONFIG_PATH", named: true})
	}
	all = append(all,
		candidate{path: "librechat.yaml", origin: "the working folder"},
		candidate{path: "/app/librechat.yaml", origin: "/app"})
	if dir := env("LIBRECHAT_CONFIG_DIR"); dir != "" {
		all = append(all, candidate{path: filepath.Join(dir, "LibreChat", "librechat.yaml"), origin: "$LIBRECHAT_CONFIG_DIR", smithery: true})
	}
	if o.Home != "" {
		all = append(all, candidate{path: filepath.Join(o.Home, "LibreChat", "librechat.yaml"), origin: "the home folder", smithery: true})
	}
	var l Location
	for _, c := range all {
		if c.named && (l.Path == "") && strings.Contains(c.path, "://") {
			return l, &FileError{Message: c.origin + " is a URL; patchbay reads a file: download it and name the file"}
		}
		c.path = absolute(c.path)
		l.Candidates = append(l.Candidates, c.path)
		info, err := o.Stat(c.path)
		there := err == nil && !info.IsDir()
		switch {
		case l.Path != "" && there && c.smithery && l.Smithery == "" && c.path != l.Path:
			l.Smithery = c.path
		case l.Path != "":
		case there:
			l.Path, l.Origin = c.path, c.origin
		case c.named && err == nil:
			return l, &FileError{Path: c.path, Message: "is a folder; name the file in it (" + c.origin + ")"}
		case c.named:
			return l, &FileError{Path: c.path, Message: "is not there, or cannot be read (named by " + c.origin + ")", Err: err}
		}
	}
	return l, nil
}
