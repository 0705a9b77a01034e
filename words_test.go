package patchbay_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

var (
	postponed = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X|HA` + `CK)\b`)
	// suppression is a directive for a linter; a reason follows it after "//".
	suppression = regexp.MustCompile(`//\s*no` + `lint(:[a-z,]+)?\s*(//\s*\S+)?`)
)

func TestNothingPostponed(t *testing.T) {
	for _, f := range allFiles(t) {
		for i, line := range f.lines {
			if postponed.MatchString(line) {
				t.Errorf("%s:%d: finish it, or write what it lacks into docs/rough-edges.md, where it is read", f.path, i+1)
			}
		}
	}
}

func TestSuppressionsHaveReasons(t *testing.T) {
	for _, f := range allFiles(t) {
		for i, line := range f.lines {
			if m := suppression.FindStringSubmatch(line); m != nil && (m[1] == "" || m[2] == "") {
				t.Errorf("%s:%d: a suppression names its linter and, after //, the reason", f.path, i+1)
			}
		}
	}
}

// TestNoSleepsInTests: a sleep is too short on a busy machine and too long on an
// idle one. In a synctest bubble, time stands still and a sleep is exact.
func TestNoSleepsInTests(t *testing.T) {
	for _, f := range allFiles(t) {
		if !strings.HasSuffix(f.path, "_test.go") || strings.Contains(strings.Join(f.lines, "\n"), `"testing/synctest"`) {
			continue
		}
		for i, line := range f.lines {
			if strings.Contains(line, "time.Sl"+"eep(") {
				t.Errorf("%s:%d: wait for a channel or a condition, or use testing/synctest", f.path, i+1)
			}
		}
	}
}

type textFile struct {
	path  string
	lines []string
}

func allFiles(t *testing.T) []textFile {
	t.Helper()
	var files []textFile
	for _, p := range load(t) {
		for _, f := range p.files {
			data, err := os.ReadFile(f.path)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, textFile{f.path, strings.Split(string(data), "\n")})
		}
	}
	return files
}
