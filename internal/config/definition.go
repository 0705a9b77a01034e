package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"patchbay"
	"patchbay/internal/expand"
)

// DefinitionOptions are what ParseDefinition needs besides the body.
type DefinitionOptions struct {
	// AllowStdio is set for an ADMIN where `mcpSettings.allowStdioFromApi` is: the only
	// way to a definition that runs a program (design, decision 11).
	AllowStdio bool
	// Taken reports whether a name is in use, so that one made from the title is free. Nil:
	// none is.
	Taken func(name string) bool
}

// refusedKeys are keys that are the operator's alone, in their file.
var refusedKeys = []string{"startup", "proxy", "cwd", "access", "level"}

// answeredKeys stand in our own answers, so that what GET gave can be posted again.
var answeredKeys = []string{
	"author", "createdAt", "updatedAt", "source", "permissions", "toolCount", "status", "reason", "message",
	"action", "since", "protocolVersion", "icon", "id", "_id",
}

// ParseDefinition reads the JSON body of POST /api/mcp/servers, flat or as {"config": …}.
// The fields it returns are what is wrong with it. Its error is a *patchbay.Error:
// bad_request for what is no JSON object, forbidden for stdio without permission, and
// then the server is still the one that was meant. ID, Author and times are the caller's.
func ParseDefinition(body []byte, o DefinitionOptions) (*patchbay.Server, []patchbay.FieldError, error) {
	v, err := readJSON(body)
	if err != nil {
		return nil, nil, patchbay.Errorf(patchbay.CodeBadRequest, "the body %v", err)
	}
	if v.kind != isMap {
		return nil, nil, patchbay.Errorf(patchbay.CodeBadRequest, "the body must be a JSON object, not %s", v.kind)
	}
	v = unwrapConfig(v)
	d := &definitionReader{reader: &reader{cfg: &Config{}, person: true}}
	d.begin("", patchbay.SourceUser, "body", place{1, 1})
	s := d.s
	d.refuse(v)
	d.name(v, o)
	d.cfg.Findings = nil
	d.definition(withoutKeys(v, append(append([]string{"name"}, refusedKeys...), answeredKeys...)))
	d.declare()
	s.Problem = nil
	fields := d.fields()
	if len(fields) == 0 && s.Transport == patchbay.TransportStdio && !o.AllowStdio {
		return s, nil, patchbay.Errorf(patchbay.CodeForbidden,
			"a server of type stdio runs a program on this machine; only an ADMIN may make one, where the configuration sets mcpSettings.allowStdioFromApi")
	}
	s.Hash = Hash(s, nil)
	return s, fields, nil
}

type definitionReader struct {
	*reader
	wrong []patchbay.FieldError
}

func (d *definitionReader) bad(path, message string) {
	d.wrong = append(d.wrong, patchbay.FieldError{Path: "body." + path, Message: message})
}

// unwrapConfig takes {"config": {…}} for its inside; a name beside it counts.
func unwrapConfig(v *value) *value {
	inner := v.get("config")
	if inner == nil || inner.kind != isMap {
		return v
	}
	merged := *inner
	merged.pairs = slices.Clone(inner.pairs)
	for _, p := range v.pairs {
		if p.key != "config" && inner.get(p.key) == nil {
			merged.pairs = append(merged.pairs, p)
		}
	}
	return &merged
}

func withoutKeys(v *value, names []string) *value {
	kept := *v
	kept.pairs = slices.DeleteFunc(slices.Clone(v.pairs), func(p pair) bool { return slices.Contains(names, p.key) })
	return &kept
}

func (d *definitionReader) refuse(v *value) {
	for _, k := range refusedKeys {
		if v.get(k) != nil {
			d.bad(k, "is for the operator's configuration file only")
		}
	}
}

var nameRule = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)

// ValidName reports whether a person may give a server this name.
func ValidName(name string) bool {
	return nameRule.MatchString(name) && !slices.Contains(reservedNames, name)
}

func (d *definitionReader) name(v *value, o DefinitionOptions) {
	given, title := v.get("name"), v.get("title")
	switch {
	case given != nil && given.kind != isNull:
		d.s.Name = given.text
		if given.kind != isString || !nameRule.MatchString(given.text) {
			d.bad("name", "must be 1 to 64 of a-z, 0-9 and -")
		} else if !ValidName(given.text) {
			d.bad("name", "is a word of the API's paths; choose another")
		}
	case title != nil && title.kind == isString:
		d.s.Name = NameFromTitle(title.text, o.Taken)
		if d.s.Name == "" {
			d.bad("name", "cannot be made from the title; give one of a-z, 0-9 and -")
		}
	default:
		d.bad("name", "give a name, or a title to make one from")
	}
}

// NameFromTitle makes a free name of a title: letters without their marks, everything
// else a hyphen. Empty when no letter or digit is left.
func NameFromTitle(title string, taken func(string) bool) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(title)) {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			b.WriteRune(r)
		case r == ' ', r == '-', r == '_', r == '.', r == '/':
			b.WriteByte('-')
		}
	}
	words := strings.FieldsFunc(b.String(), func(r rune) bool { return r == '-' })
	base := strings.Join(words, "-")
	if len(base) > 56 {
		base = strings.TrimRight(base[:56], "-")
	}
	if base == "" {
		return ""
	}
	name := base
	for n := 2; !ValidName(name) || taken != nil && taken(name); n++ {
		if n > 10_000 {
			return ""
		}
		name = fmt.Sprintf("%s-%d", base, n)
	}
	return name
}

// declare adds a user variable for each ${NAME}: in a definition made by a person it is
// read as {{NAME}}, and returned as written.
func (d *definitionReader) declare() {
	for _, n := range expand.PersonEnv(d.s) {
		known := func(u patchbay.UserVar) bool { return u.Name == n }
		if !slices.ContainsFunc(d.s.UserVars, known) {
			d.s.UserVars = append(d.s.UserVars, patchbay.UserVar{Name: n, Title: n, Sensitive: true})
		}
	}
}

// fields turns findings into field errors: errors, and unknown keys, which the author
// of a request wants to hear of. A key of another transport is dropped in silence, as
// in the file it is a warning.
func (d *definitionReader) fields() []patchbay.FieldError {
	for _, f := range d.cfg.Findings {
		if f.Severity == SeverityError || f.Severity == SeverityWarning && strings.HasPrefix(f.Message, "unknown key") {
			d.wrong = append(d.wrong, patchbay.FieldError{Path: f.Path, Message: f.Message})
		}
	}
	return d.wrong
}
