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
	testName = regexp.MustCompile("`((?:Test|Fuzz|Benchmark)[A-Z][A-Za-z0-9_]*)`")
	testFunc = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)[A-Za-z0-9_]+)\(`)
)

// TestDocumentsPointSomewhere: links and file names in the documents lead to files that
// are there, and the tests that they name exist.
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
	tests := testNames(t)
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
		for _, m := range testName.FindAllStringSubmatch(string(data), -1) {
			if !tests[m[1]] {
				t.Errorf("%s names %s, which no file has", document, m[1])
			}
		}
	}
}

// testNames are the tests, fuzz targets and benchmarks of the whole tree.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == ".git"):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(name, "_test.go"):
			return nil
		}
		data, err := os.ReadFile(name)
		for _, m := range testFunc.FindAllStringSubmatch(string(data), -1) {
			names[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func mustExist(t *testing.T, document, name string) {
	t.Helper()
	if _, err := os.Stat(name); err != nil {
		t.Errorf("%s points to %s, which is not there", document, name)
	}
}
