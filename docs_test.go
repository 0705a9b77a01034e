package patchbay_test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	markdownLink = regexp.MustCompile(`\]\(([^)#\s]+)(?:#[^)]*)?\)`)
	// codePath is a path of ours in backticks that names a file by its ending.
	codePath = regexp.MustCompile("`((?:internal|cmd|e2e|docs|bench|scripts)/[^`*<>{} ]+\\.(?:go|txtar|md|yaml|sql))`")
)

// TestDocumentsPointSomewhere: links and file names in the documents lead to files that
// are there.
func TestDocumentsPointSomewhere(t *testing.T) {
	documents := []string{"README.md", "CHANGELOG.md"}
	err := filepath.WalkDir("docs", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && path.Ext(name) == ".md" {
			documents = append(documents, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, document := range documents {
		data, err := os.ReadFile(document)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range markdownLink.FindAllStringSubmatch(string(data), -1) {
			if !strings.Contains(m[1], ":") {
				mustExist(t, document, path.Join(path.Dir(document), m[1]))
			}
		}
		for _, m := range codePath.FindAllStringSubmatch(string(data), -1) {
			mustExist(t, document, m[1])
		}
	}
}

func mustExist(t *testing.T, document, name string) {
	t.Helper()
	if _, err := os.Stat(name); err != nil {
		t.Errorf("%s points to %s, which is not there", document, name)
	}
}
