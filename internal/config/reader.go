package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"patchbay"
	"patchbay/internal/expand"
)

// reader walks values by the table of keys and gathers what they say. One reader reads
// one file or one definition.
type reader struct {
	cfg    *Config
	fatal  []Finding // mistakes that make the whole file unusable
	person bool      // a definition made by a person, from JSON

	table   []key            // of an entry, built once
	s       *patchbay.Server // the entry being read; nil outside mcpServers
	entry   string           // path of the entry: "mcpServers.foo"
	root    []key            // table of the entry or section being read
	places  map[string]place // path below the entry -> where it stands
	scratch scratch
	hints   int // nearest keys looked for

	// blame takes a mistake in the entry being read, when it is not a server; nil outside
	// entries, where a mistake refuses the file.
	blame   func(f Finding)
	written map[*patchbay.Provider]writtenProvider
	p       *patchbay.Provider  // the provider being read
	group   *azureGroup         // the group of its deployments being read
	spec    *patchbay.ModelSpec // the model spec being read
	specs   []readSpec
}

// maxHints bounds the search for nearest keys in one file. A file of ten thousand
// unknown keys is not a configuration with slips in it.
const maxHints = 100

// scratch holds what is decided only when the whole entry has been read.
type scratch struct {
	obo       bool
	badAccess bool
	hasView   bool
	hasUse    bool
	scopeBoth string
}

type place struct{ line, col int }

func at(v *value) place { return place{v.line, v.col} }

func (r *reader) add(sev Severity, p place, path, format string, args ...any) Finding {
	f := Finding{
		Severity: sev, File: r.cfg.Path, Line: p.line, Column: p.col, Path: printable(path),
		Message: fmt.Sprintf(format, args...),
	}
	if r.s != nil {
		f.Server = r.s.Name
	}
	r.cfg.Findings = append(r.cfg.Findings, f)
	return f
}

// printable keeps control characters of a name out of terminals and logs.
func printable(path string) string {
	if !strings.ContainsFunc(path, unicode.IsControl) {
		return path
	}
	quoted := strconv.QuoteToGraphic(path)
	return quoted[1 : len(quoted)-1]
}

func (r *reader) warn(p place, path, format string, args ...any) {
	r.add(SeverityWarning, p, path, format, args...)
}

// fail reports an error. In an entry it makes that server unusable, outside the file.
func (r *reader) fail(p place, path, format string, args ...any) {
	r.failFor(patchbay.ReasonBadDefinition, p, path, format, args...)
}

func (r *reader) failFor(reason patchbay.Reason, p place, path, format string, args ...any) {
	f := r.add(SeverityError, p, path, format, args...)
	switch {
	case r.s == nil && r.blame != nil:
		r.blame(f)
		return
	case r.s == nil:
		r.fatal = append(r.fatal, f)
		return
	}
	if r.s.Problem == nil {
		message := f.Message
		if below := strings.TrimPrefix(strings.TrimPrefix(path, r.entry), "."); below != "" {
			message = below + ": " + message
		}
		r.s.Problem = &patchbay.Problem{Reason: reason, Message: message, Line: p.line, Column: p.col}
	}
}

// object reads the pairs of a map by their keys.
func (r *reader) object(keys []key, v *value, path string) {
	for _, p := range v.pairs {
		k := lookup(keys, p.key)
		where := place{p.line, p.col}
		if k == nil {
			r.unknown(p.key, keys, where, path)
			continue
		}
		r.key(k, p.value, join(path, p.key), where)
	}
}

// join makes a path. A name with a dot or a space is still readable in one.
func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func (r *reader) unknown(name string, keys []key, p place, path string) {
	var hint string
	if r.hints < maxHints {
		r.hints++
		hint = suggest(name, keys, r.root)
	}
	switch {
	case hint != "":
		r.warn(p, join(path, name), "unknown key, not used; did you mean `%s`?", hint)
	default:
		r.warn(p, join(path, name), "unknown key, not used")
	}
}

// key reads the value of one key: its type by the table, the rest by its set function.
func (r *reader) key(k *key, v *value, path string, keyAt place) {
	r.remember(path, at(v))
	if v.kind == isNull && k.typ != tAny {
		r.add(SeverityNote, keyAt, path, "has no value; it is read as if it were not there")
		return
	}
	if r.s != nil && !k.appliesTo(r.s.Transport) {
		r.warn(keyAt, path, "is for %s and not used by a server of type %s", transports(k.only), r.s.Transport)
		return
	}
	form := k.form(v)
	if form == nil {
		if k.within != nil && r.blame == nil && r.s == nil {
			// An entry of its own: the others are taken.
			r.add(SeverityError, at(v), path, "must be %s%s", k.says(), hintFor(k, v))
			return
		}
		r.fail(at(v), path, "must be %s%s", k.says(), hintFor(k, v))
		return
	}
	if !r.check(form, k, v, path) {
		return
	}
	if form.set != nil {
		form.set(r, v, path)
	}
	parts := func() { r.parts(form, v, path) }
	if form.within != nil {
		form.within(r, v, path, parts)
		return
	}
	parts()
}

// parts reads what a map or a list of entries holds.
func (r *reader) parts(form *key, v *value, path string) {
	switch form.typ {
	case tObject:
		r.object(form.keys, v, path)
	case tMapOf:
		for _, p := range v.pairs {
			r.remember(join(path, p.key), place{p.line, p.col})
			element := *form.of
			element.name = p.key
			r.key(&element, p.value, join(path, p.key), place{p.line, p.col})
		}
	case tListOf:
		for i, item := range v.items {
			r.key(form.of, item, fmt.Sprintf("%s[%d]", path, i), at(item))
		}
	default:
	}
}

// remember keeps the place of a path below the entry, for findings made later.
func (r *reader) remember(path string, p place) {
	if below, ok := strings.CutPrefix(path, r.entry+"."); ok && r.places != nil {
		r.places[below] = p
	}
}

// placeOf returns the place of a path below the entry, or of the nearest one above it.
func (r *reader) placeOf(below string) place {
	for below != "" {
		if p, ok := r.places[below]; ok {
			return p
		}
		i := strings.LastIndexAny(below, ".[")
		if i < 0 {
			break
		}
		below = below[:i]
	}
	return r.places[""]
}

// check looks into a value whose shape is right.
func (r *reader) check(form, k *key, v *value, path string) bool {
	switch form.typ {
	case tEnum:
		if !slices.Contains(form.enum, v.text) {
			r.fail(at(v), path, "must be %s%s", k.says(), hintFor(form, v))
			return false
		}
	case tInt, tMillis:
		n, _ := v.integer()
		low, high := form.min, form.max
		if form.typ == tMillis {
			low, high = 1, dayMillis
		}
		if n < low || high > 0 && n > high {
			if high > 0 {
				r.fail(at(v), path, "must be from %d to %d", low, high)
			} else {
				r.fail(at(v), path, "must be %d or more", low)
			}
			return false
		}
	case tNumber:
		f, _ := v.float()
		if f < float64(form.min) || form.max > 0 && f > float64(form.max) {
			r.fail(at(v), path, "must be from %d to %d", form.min, form.max)
			return false
		}
	case tStrings:
		for i, item := range v.items {
			p := fmt.Sprintf("%s[%d]", path, i)
			r.remember(p, at(item))
			if !item.scalar() {
				r.fail(at(item), p, "must be a text, not %s", item.kind)
				return false
			}
		}
	case tMap:
		for _, p := range v.pairs {
			r.remember(join(path, p.key), at(p.value))
			if !p.value.scalar() {
				r.fail(at(p.value), join(path, p.key), "must be a text, not %s", p.value.kind)
				return false
			}
		}
	default:
	}
	return true
}

func hintFor(k *key, v *value) string {
	switch {
	case k.typ == tEnum && v.scalar() && len(v.text) > 2:
		if best := expand.Nearest(v.text, k.enum); best != "" {
			return "; did you mean `" + best + "`?"
		}
	case k.typ == tBool && v.kind == isString && slices.Contains([]string{"yes", "no", "on", "off"}, strings.ToLower(v.text)):
		return "; YAML reads yes, no, on and off as texts"
	case k.typ == tStrings && v.scalar():
		return "; write it as a list: [\"…\"]"
	}
	return ""
}

func transports(ts []patchbay.Transport) string {
	names := make([]string, len(ts))
	for i, t := range ts {
		names[i] = string(t)
	}
	return strings.Join(names, ", ")
}

func texts(v *value) []string {
	out := make([]string, 0, len(v.items))
	for _, item := range v.items {
		out = append(out, item.text)
	}
	return out
}

func textMap(v *value) map[string]string {
	out := make(map[string]string, len(v.pairs))
	for _, p := range v.pairs {
		out[p.key] = p.value.text
	}
	return out
}
