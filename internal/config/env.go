package config

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Env is a snapshot of the environment: the process's, over the `.env` files'. It
// refuses no name by itself; expand.IsSecretEnv says what no definition may read.
type Env struct {
	values   map[string]string
	from     map[string]string // file that a value came from; absent: the process
	readFile func(string) ([]byte, error)
}

// NewEnv makes a snapshot of process ("K=V", as os.Environ) over files, the earlier
// file winning over the later. Files that are not there are skipped.
func NewEnv(process []string, files ...string) (*Env, []Finding, error) {
	return newEnv(process, files, os.ReadFile)
}

func newEnv(process, files []string, readFile func(string) ([]byte, error)) (*Env, []Finding, error) {
	e := &Env{values: map[string]string{}, from: map[string]string{}, readFile: readFile}
	var findings []Finding
	for _, kv := range process {
		if k, v, ok := strings.Cut(kv, "="); ok && k != "" {
			e.values[k] = v
		}
	}
	for _, file := range files {
		data, err := readFile(file)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return nil, nil, &FileError{Path: file, Message: "cannot be read; check its permissions", Err: err}
		}
		if len(data) > maxFile {
			return nil, nil, &FileError{Path: file, Message: "is larger than 1 MiB"}
		}
		vars, bad := parseDotenv(data)
		for i := range bad {
			bad[i].File = file
		}
		findings = append(findings, bad...)
		for _, k := range slices.Sorted(maps.Keys(vars)) {
			if _, taken := e.values[k]; !taken {
				e.values[k], e.from[k] = vars[k], file
			}
		}
	}
	return e, findings, nil
}

// Lookup returns the value of name.
func (e *Env) Lookup(name string) (string, bool) {
	v, ok := e.values[name]
	return v, ok
}

// Get returns the value of name, trimmed, or "".
func (e *Env) Get(name string) string { return strings.TrimSpace(e.values[name]) }

// Names lists every name that is set, sorted.
func (e *Env) Names() []string { return slices.Sorted(maps.Keys(e.values)) }

// Secret returns the value of a secret variable: name itself, or the content of the
// file that name_FILE names, without its last line break. Empty means not set. Both
// being set is an error, because one of them would be silently ignored.
func (e *Env) Secret(name string) (string, error) {
	value, file := e.Get(name), e.Get(name+"_FILE")
	if file == "" {
		return value, nil
	}
	if value != "" {
		return "", fmt.Errorf("%s and %s_FILE are both set; keep one", name, name)
	}
	data, err := e.readFile(filepath.Clean(file))
	if err != nil {
		return "", fmt.Errorf("%s_FILE: %w", name, err)
	}
	if len(data) > 64<<10 {
		return "", fmt.Errorf("%s_FILE: %s is larger than 64 KiB; it should hold the value alone", name, file)
	}
	return strings.TrimSpace(string(data)), nil
}

// SecretLookup is Lookup for names whose value may stand in a file of NAME_FILE. A file
// that cannot be read is as if it were not set.
func (e *Env) SecretLookup(name string) (string, bool) {
	if v, ok := e.Lookup(name); ok && strings.TrimSpace(v) != "" {
		return v, true
	}
	v, err := e.Secret(name)
	if err != nil || v == "" {
		return e.Lookup(name)
	}
	return v, true
}

// Changed lists the names whose values differ between two snapshots, sorted.
func (e *Env) Changed(other *Env) []string {
	var names []string
	for k, v := range e.values {
		if w, ok := other.values[k]; !ok || v != w {
			names = append(names, k)
		}
	}
	for k := range other.values {
		if _, ok := e.values[k]; !ok {
			names = append(names, k)
		}
	}
	slices.Sort(names)
	return names
}
