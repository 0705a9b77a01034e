package web

import (
	"embed"
	"io/fs"
	"slices"
	"strings"
)

//go:embed all:dist
var dist embed.FS

//go:embed pages
var pages embed.FS

// signInPages is the folder of pages that are the same with and without the built UI.
const signInPages = "oauth"

// source returns what to serve: the built UI with the pages of signing in, or the plain
// pages.
func source() (fs.FS, error) {
	built, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, err
	}
	if _, err := fs.Stat(built, indexFile); err == nil {
		return both{built}, nil
	}
	return fs.Sub(pages, "pages")
}

// both is the built UI, beside the pages of signing in.
type both struct{ fs.FS }

// Open implements fs.FS.
func (b both) Open(name string) (fs.File, error) {
	if name == signInPages || strings.HasPrefix(name, signInPages+"/") {
		return pages.Open("pages/" + name)
	}
	return b.FS.Open(name)
}

// ReadDir implements fs.ReadDirFS.
func (b both) ReadDir(name string) ([]fs.DirEntry, error) {
	if name == signInPages || strings.HasPrefix(name, signInPages+"/") {
		return fs.ReadDir(pages, "pages/"+name)
	}
	entries, err := fs.ReadDir(b.FS, name)
	if err != nil || name != "." {
		return entries, err
	}
	own, err := fs.ReadDir(pages, "pages")
	if err != nil {
		return nil, err
	}
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return e.Name() == signInPages })
	for _, e := range own {
		if e.Name() == signInPages {
			entries = append(entries, e)
		}
	}
	return entries, nil
}
