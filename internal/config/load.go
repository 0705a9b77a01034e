package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"patchbay"
	"patchbay/internal/expand"
)

// LoadOptions are where a configuration comes from. WorkDir and Executable are needed;
// the rest has a default.
type LoadOptions struct {
	File       string   // --config
	WorkDir    string   // absolute
	Home       string   // the user's home folder
	Environ    []string // the process environment, as os.Environ
	Executable string   // this program, for the built-in default's demo server
	Memory     uint64   // bytes; 0: read from the system

	Stat     func(name string) (fs.FileInfo, error) // nil: os.Stat
	ReadFile func(name string) ([]byte, error)      // nil: regular files up to a little over 1 MiB
}

// SystemOptions returns the options of this process.
func SystemOptions(file string) (LoadOptions, error) {
	work, err := os.Getwd()
	if err != nil {
		return LoadOptions{}, fmt.Errorf("config: working folder: %w", err)
	}
	exe, err := os.Executable()
	if err != nil {
		return LoadOptions{}, fmt.Errorf("config: path of this program: %w", err)
	}
	home, err := os.UserHomeDir()
	if err != nil {
		home = "" // no home: one candidate less
	}
	return LoadOptions{File: file, WorkDir: work, Home: home, Environ: os.Environ(), Executable: exe}, nil
}

func (o LoadOptions) withDefaults() LoadOptions {
	if o.Stat == nil {
		o.Stat = os.Stat
	}
	if o.ReadFile == nil {
		o.ReadFile = readRegular
	}
	if o.Memory == 0 {
		o.Memory = systemMemory(o.ReadFile)
	}
	return o
}

// Loaded is everything that was read, together.
type Loaded struct {
	Config   *Config
	Env      *Env
	Location Location
	stamp    stamp // of the watched files, taken before they were read
}

// Load finds and reads the configuration. With a *FileError the result still holds what
// could be read: the location, the environment, the findings.
func Load(o LoadOptions) (*Loaded, error) {
	o = o.withDefaults()
	workEnv := filepath.Join(o.WorkDir, ".env")
	l := &Loaded{stamp: takeStamp(o.Stat, []string{workEnv})}
	// CONFIG_PATH itself may stand in the working folder's `.env`.
	env, findings, err := newEnv(o.Environ, []string{workEnv}, o.ReadFile)
	if err != nil {
		l.Config = failed(err)
		return l, err
	}
	l.Env = env
	l.Location, err = Locate(LocateOptions{File: o.File, WorkDir: o.WorkDir, Home: o.Home, Lookup: env.Lookup, Stat: o.Stat})
	l.stamp = takeStamp(o.Stat, l.watched(workEnv))
	if err != nil {
		l.Config = failed(err)
		return l, err
	}
	if l.Location.Path == "" {
		l.Config = defaultConfig(o, env.Lookup)
	} else if err := l.read(o, workEnv, &findings); err != nil {
		return l, err
	}
	l.Config.Findings = append(append(l.Config.Findings, findings...), l.Location.Findings()...)
	maps.Copy(l.stamp, takeStamp(o.Stat, l.keyFiles()))
	return l, nil
}

// keyFiles lists the files that providers' keys stand in. They are read by whoever takes
// the configuration, so the stamp of what is here is older than what they read.
func (l *Loaded) keyFiles() []string {
	var files []string
	for _, p := range l.Config.Providers {
		for _, use := range expand.ProviderEnv(p) {
			if file := l.Env.Get(use.Name + "_FILE"); file != "" {
				files = append(files, filepath.Clean(file))
			}
		}
	}
	return files
}

// read reads the file and the `.env` beside it.
func (l *Loaded) read(o LoadOptions, workEnv string, findings *[]Finding) error {
	path := l.Location.Path
	beside := filepath.Join(filepath.Dir(path), ".env")
	if beside != workEnv {
		env, found, err := newEnv(o.Environ, []string{beside, workEnv}, o.ReadFile)
		if err != nil {
			l.Config = failed(err)
			return err
		}
		l.Env, *findings = env, found
	}
	data, err := o.ReadFile(path)
	if err != nil {
		ferr := &FileError{Path: path, Message: "cannot be read: " + reasonOf(err), Err: err}
		l.Config = failed(ferr)
		return ferr
	}
	l.Config, err = Parse(data, Options{Path: path, Lookup: l.Env.Lookup, Memory: o.Memory})
	return err
}

// watched lists the files whose change means to read again.
func (l *Loaded) watched(workEnv string) []string {
	paths := []string{workEnv}
	for _, c := range l.Location.Candidates {
		paths = append(paths, c, filepath.Join(filepath.Dir(c), ".env"))
	}
	return paths
}

func failed(err error) *Config {
	f := Finding{Severity: SeverityError, Message: err.Error()}
	var ferr *FileError
	if errors.As(err, &ferr) {
		f = ferr.Finding()
	}
	return &Config{Path: f.File, Findings: []Finding{f}}
}

func reasonOf(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

// defaultConfig is what runs when there is no file: the demo server of this program, and
// the providers that the environment has keys for.
func defaultConfig(o LoadOptions, lookup func(string) (string, bool)) *Config {
	s := &patchbay.Server{
		ID: patchbay.YAMLServerID("demo"), Name: "demo", Title: "Demo", Source: patchbay.SourceYAML,
		Description: "patchbay's own demo server, there because no librechat.yaml was found",
		Transport:   patchbay.TransportStdio, Inferred: true,
		Command: o.Executable, Args: []string{"demo-server"}, Stderr: patchbay.StderrInherit,
		CallTimeout: DefaultCallTimeout, ConnectTimeout: DefaultConnectTimeout, SSEReadTimeout: DefaultSSEReadTimeout,
		Startup: true, ChatMenu: true, Instructions: patchbay.Instructions{FromServer: true},
		Access: patchbay.Access{
			View: []patchbay.Grantee{{Kind: patchbay.GranteeEveryone}},
			Use:  []patchbay.Grantee{{Kind: patchbay.GranteeEveryone}},
		},
	}
	s.Hash = Hash(s, nil)
	r := &reader{cfg: &Config{
		Settings: defaultSettings(o.Memory), Agents: defaultAgents(), Interface: defaultInterface(),
		Servers: []*patchbay.Server{s}, ModelSpecs: ModelSpecs{Prioritize: true},
	}}
	r.finishProviders(lookup)
	return r.cfg
}

// readRegular reads a regular file, never more than a little over the largest that is
// taken: a device or a pipe would block or never end.
func readRegular(name string) (data []byte, err error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // read only: closing cannot lose anything
	return io.ReadAll(io.LimitReader(f, maxFile+1))
}

// systemMemory returns the memory of this machine or container in bytes, 0 when it
// cannot be known.
func systemMemory(readFile func(string) ([]byte, error)) uint64 {
	var total uint64
	if data, err := readFile("/proc/meminfo"); err == nil {
		for line := range strings.Lines(string(data)) {
			if rest, ok := strings.CutPrefix(line, "MemTotal:"); ok {
				n, _ := strconv.ParseUint(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
				total = n << 10
			}
		}
	}
	if data, err := readFile("/sys/fs/cgroup/memory.max"); err == nil {
		if n, err := strconv.ParseUint(strings.TrimSpace(string(data)), 10, 64); err == nil && n > 0 && (total == 0 || n < total) {
			total = n
		}
	}
	return total
}
