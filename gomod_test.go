package patchbay_test

import (
	"os"
	"path"
	"strings"
	"testing"
)

const dependencyList = "docs/adr/0003-dependencies.md"

// TestDependenciesAreListed: every module that our code imports has a line that says
// what it replaces, so that adding one is a decision somebody wrote down.
func TestDependenciesAreListed(t *testing.T) {
	doc, err := os.ReadFile(dependencyList)
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	modules := requirements(string(mod))
	used := map[string]bool{}
	for _, p := range load(t) {
		for _, f := range p.files {
			for _, imported := range f.imports() {
				if thirdParty(imported) {
					used[moduleOf(imported, modules)] = true
				}
			}
		}
	}
	for module := range used {
		if module == "" {
			t.Errorf("an import belongs to no module of go.mod")
		} else if !strings.Contains(string(doc), "`"+module+"`") {
			t.Errorf("module %s is imported but not listed: add a line to %s that says what it replaces", module, dependencyList)
		}
	}
}

// TestToolsStayOutOfGoMod: the linter is run by its own pinned version, or its
// hundred dependencies would be ours to audit.
func TestToolsStayOutOfGoMod(t *testing.T) {
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for _, tool := range []string{"github.com/golangci/golangci-lint", "mvdan.cc/gofumpt"} {
		if strings.Contains(string(mod), tool) {
			t.Errorf("go.mod requires %s: run it by version in the Makefile instead", tool)
		}
	}
}

// requirements returns the module paths that a go.mod requires.
func requirements(mod string) []string {
	var modules []string
	for _, line := range strings.Split(mod, "\n") {
		fields := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		if len(fields) >= 2 && strings.HasPrefix(fields[1], "v") && strings.Contains(fields[0], ".") {
			modules = append(modules, fields[0])
		}
	}
	return modules
}

// moduleOf returns the longest of modules that an import path lies in.
func moduleOf(imported string, modules []string) string {
	for p := imported; p != "."; p = path.Dir(p) {
		if contains(modules, p) {
			return p
		}
	}
	return ""
}
