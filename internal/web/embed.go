package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

//go:embed pages
var pages embed.FS

// source returns what to serve: the built UI, or the plain pages.
func source() (fs.FS, error) {
	built, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, err
	}
	if _, err := fs.Stat(built, indexFile); err == nil {
		return built, nil
	}
	return fs.Sub(pages, "pages")
}
