package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"patchbay"
	"patchbay/internal/expand"
)

// Options are what Parse needs besides the text.
type Options struct {
	Path string // shown in findings
	// Lookup reads the environment, for hashes and for what is not set. Nil: neither is
	// looked at.
	Lookup func(name string) (string, bool)
	// Memory is this machine's memory in bytes, for the default of stdioProcesses; 0 when
	// it is not known.
	Memory uint64
}

// Parse reads the text of a librechat.yaml. Its error is a *FileError: not readable, or
// of the wrong shape outside mcpServers; the configuration that comes with it holds the
// findings and nothing to run. A mistake in one server is a finding and that server's
// Problem; the rest is taken.
func Parse(data []byte, o Options) (*Config, error) {
	cfg := &Config{Path: o.Path, Settings: defaultSettings(o.Memory), Agents: defaultAgents(), Interface: defaultInterface(), ModelSpecs: ModelSpecs{Prioritize: true}}
	r := &reader{cfg: cfg}
	v, ferr := readYAML(data)
	if ferr == nil && v != nil && v.kind != isMap {
		ferr = fileErrorf(v.line, v.col, "must be a map with sections like mcpServers, not %s", v.kind)
	}
	if ferr != nil {
		ferr.Path = o.Path
		cfg.Findings = []Finding{ferr.Finding()}
		return cfg, ferr
	}
	if v == nil {
		v = &value{kind: isMap}
	}
	r.file(v, o)
	sortFindings(cfg.Findings)
	if len(r.fatal) > 0 {
		sortFindings(r.fatal)
		f := r.fatal[0]
		cfg.Servers, cfg.Providers, cfg.ModelSpecs = nil, nil, ModelSpecs{}
		return cfg, &FileError{Path: o.Path, Line: f.Line, Column: f.Column, Message: f.Path + ": " + f.Message}
	}
	return cfg, nil
}

func defaultSettings(memory uint64) Settings {
	children := uint64(64)
	if memory > 0 {
		children = max(1, min(children, memory/2/(150<<20)))
	}
	return Settings{Limits: Limits{
		UserConnections: 50, UserConcurrentCalls: 32, UserCallsPerMinute: 600,
		ServerConnections: 2000, StdioProcesses: int(children),
	}}
}

// file reads the sections. mcpServers is read by its own function, because a mistake in
// an entry stays in it.
func (r *reader) file(v *value, o Options) {
	keys := rootKeys()
	r.root = keys
	modelKeys := map[string]bool{}
	modelKeyNames(v.get("endpoints"), modelKeys)
	for _, p := range v.pairs {
		k := lookup(keys, p.key)
		where := place{p.line, p.col}
		switch {
		case k == nil:
			r.unknown(p.key, keys, where, "")
		case k.name == "mcpServers":
			r.servers(p, o, modelKeys)
			r.root = keys
		default:
			r.root = k.keys
			r.key(k, p.value, p.key, where)
			r.root = keys
		}
		if k != nil {
			r.notUsed(k, p.value, p.key)
		}
	}
	r.finishProviders(o.Lookup)
	r.finishSpecs()
	if len(r.cfg.NotUsed) > 0 {
		r.add(SeverityInfo, place{}, "", "not used here: %s (docs/migrating.md says what to use instead)", strings.Join(r.cfg.NotUsed, ", "))
	}
}

// notUsed notes the keys that are there and change nothing.
func (r *reader) notUsed(k *key, v *value, path string) {
	if k.unused {
		if !slices.Contains(r.cfg.NotUsed, path) {
			r.cfg.NotUsed = append(r.cfg.NotUsed, path)
		}
		return
	}
	for _, p := range v.pairs {
		if below := lookup(k.keys, p.key); below != nil {
			r.notUsed(below, p.value, join(path, p.key))
		}
	}
	if k.typ == tListOf {
		for _, item := range v.items {
			r.notUsed(k.of, item, path)
		}
	}
}

func (r *reader) servers(section pair, o Options, modelKeys map[string]bool) {
	v := section.value
	if v.kind == isNull {
		return
	}
	if v.kind != isMap {
		r.fail(at(v), "mcpServers", "must be a map of servers by their names, not %s", v.kind)
		return
	}
	for _, p := range v.pairs {
		s := r.server(p.key, p.value, place{p.line, p.col})
		r.finish(s, p, o, modelKeys)
		r.cfg.Servers = append(r.cfg.Servers, s)
	}
}

// finish says what needs the environment and the whole entry, and closes it: variables
// that are not set or may not be read, notes, the hash.
func (r *reader) finish(s *patchbay.Server, p pair, o Options, modelKeys map[string]bool) {
	defer r.end()
	for _, use := range expand.EnvUses(s) {
		where, path := r.placeOf(use.Path), r.entry+"."+use.Path
		if isModelKey(modelKeys, use.Name) {
			r.fail(where, path, "${%s} is the key of a model and never given to a server; put the value under another name", use.Name)
			continue
		}
		if o.Lookup == nil {
			continue
		}
		if _, ok := o.Lookup(use.Name); !ok {
			r.add(SeverityNote, where, path, "env_missing: environment variable %s is not set", use.Name)
		}
	}
	if s.Problem == nil {
		r.notes(s, place{p.line, p.col})
	}
	s.Hash = Hash(s, o.Lookup)
}

// notes says what is fine and may still surprise (contract 2, "notes").
func (r *reader) notes(s *patchbay.Server, where place) {
	level := expand.LevelOf(s)
	switch {
	case s.Transport == patchbay.TransportSSE:
		r.add(SeverityNote, where, r.entry, "sse is not recommended in production; use streamable-http when the server offers it")
	case s.Transport == patchbay.TransportStdio && level == patchbay.LevelApp:
		r.add(SeverityNote, where, r.entry, "one process for all users; when the server keeps state, write `level: user` to give each user their own. "+
			"Questions of older servers (elicitation, sampling, roots) are refused at app level")
	case s.Transport == patchbay.TransportStdio:
		r.add(SeverityNote, where, r.entry, "one process for each user who uses it")
	}
	if level == patchbay.LevelApp && s.Transport != patchbay.TransportStdio {
		r.add(SeverityInfo, where, r.entry, "one connection for all users; questions of older servers (elicitation, sampling, roots) are refused at app level")
	}
}

// sortFindings orders findings as the file reads; what has no place comes last.
func sortFindings(fs []Finding) {
	slices.SortStableFunc(fs, func(a, b Finding) int {
		if (a.Line == 0) != (b.Line == 0) {
			return cmp.Compare(b.Line, a.Line)
		}
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// Format writes findings one to a line, as `patchbay check` prints them.
func Format(fs []Finding) string {
	var b strings.Builder
	for _, f := range fs {
		fmt.Fprintln(&b, f)
	}
	return b.String()
}
