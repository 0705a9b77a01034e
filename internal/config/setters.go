package config

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"patchbay"
	"patchbay/internal/expand"
)

func setEnv(r *reader, v *value, where string) {
	r.s.Env = textMap(v)
	for _, p := range v.pairs {
		if p.key == "" || strings.ContainsAny(p.key, "=\x00${") {
			r.fail(place{p.line, p.col}, join(where, p.key), "is not the name of an environment variable")
		}
	}
}

func setStderr(r *reader, v *value, _ string) {
	r.s.Stderr = patchbay.StderrInherit // 1 and 2 are streams of ours: printed
	switch v.text {
	case "pipe":
		r.s.Stderr = patchbay.StderrPipe
	case "ignore":
		r.s.Stderr = patchbay.StderrIgnore
	}
}

func setProxy(r *reader, v *value, where string) {
	r.s.Proxy = v.text
	if strings.Contains(v.text, "${") || strings.Contains(v.text, "{{") {
		return // judged when it is expanded
	}
	u, err := url.Parse(v.text)
	if err != nil || u.Host == "" {
		r.fail(at(v), where, "must be the URL of a proxy, like http://host:port")
		return
	}
	if why := schemeProblem(v.text, "http", "https", "socks5", "socks5h", "socks"); why != "" {
		r.fail(at(v), where, "%s", why)
	}
}

const maxTitle = 200

// setTitle takes any one-line title from the operator, and says when LibreChat would
// not; people get LibreChat's rule, because their titles are shown to others.
func setTitle(r *reader, v *value, where string) {
	title := strings.TrimSpace(v.text)
	switch {
	case title == "":
		r.fail(at(v), where, "is empty; leave it out to show the name")
	case utf8.RuneCountInString(title) > maxTitle || strings.ContainsFunc(title, unicode.IsControl):
		r.fail(at(v), where, "must be one line of at most %d characters", maxTitle)
	case !plainTitle(title) && r.person:
		r.fail(at(v), where, "may hold letters, digits, spaces, apostrophes and hyphens, and begins with a letter or digit")
	case !plainTitle(title):
		r.add(SeverityNote, at(v), where, "LibreChat takes letters, digits, spaces, apostrophes and hyphens only")
	}
	r.s.Title = title
}

func plainTitle(s string) bool {
	for i, c := range s {
		switch {
		case unicode.IsLetter(c), unicode.IsDigit(c):
		case i > 0 && (unicode.IsMark(c) || strings.ContainsRune("'’‘- ", c)):
		default:
			return false
		}
	}
	return true
}

func setIcon(r *reader, v *value, where string) {
	r.s.IconPath = v.text
	scheme, _, hasScheme := strings.Cut(v.text, ":")
	switch {
	case strings.HasPrefix(v.text, "http://"), strings.HasPrefix(v.text, "https://"):
		if u, err := url.Parse(v.text); err != nil || u.Host == "" {
			r.fail(at(v), where, "is not a URL")
		}
	case strings.HasPrefix(v.text, "data:"):
		if !strings.HasPrefix(v.text, "data:image/") {
			r.fail(at(v), where, "must be a data URI of an image: data:image/png;base64,…")
		}
	case r.person:
		r.fail(at(v), where, "must be an http(s) URL or a data URI; files are for the operator's configuration")
	case hasScheme && len(scheme) > 1 && !strings.ContainsAny(scheme, `/\.`):
		r.fail(at(v), where, "must be an http(s) URL, a data URI or a file")
	}
}

func setInstructions(r *reader, v *value, _ string) {
	switch {
	case v.kind == isBool || v.text == "true" || v.text == "false":
		r.s.Instructions = patchbay.Instructions{FromServer: v.bool()}
	default:
		r.s.Instructions = patchbay.Instructions{Text: v.text}
	}
}

func setApproval(r *reader, v *value, _ string) {
	if v.kind != isMap {
		r.s.Approval.Default = v.text
	}
}

func setApprovalRule(r *reader, v *value, where string) {
	glob := strings.TrimPrefix(where, r.entry+".approval.")
	if badGlob(glob) {
		r.fail(at(v), where, "is not a glob: * stands for anything, ? for one character, like delete_*")
		return
	}
	r.s.Approval.Rules = append(r.s.Approval.Rules, patchbay.ApprovalRule{Glob: glob, Mode: v.text})
}

// badGlob reports whether g is no glob of patchbay.MatchGlob, which knows * and ? only:
// a bracket would stand for itself and match nothing.
func badGlob(g string) bool { return g == "" || strings.ContainsAny(g, "[]{}\\") }

func (r *reader) globs(v *value, where string) []string {
	for _, item := range v.items {
		if badGlob(item.text) {
			r.fail(at(item), where, "holds something that is not a glob: * stands for anything, ? for one character, like get_*")
		}
	}
	return texts(v)
}

// headers reads a map of headers. Two names that differ in case only are one header, so
// one of them would be lost in silence.
func (r *reader) headers(v *value, where string) map[string]string {
	seen := map[string]bool{}
	for _, p := range v.pairs {
		spot := place{p.line, p.col}
		switch folded := strings.ToLower(p.key); {
		case !expand.ValidHeaderName(p.key):
			r.fail(spot, join(where, p.key), "is not the name of a header; placeholders may stand in its value only")
		case seen[folded]:
			r.fail(spot, join(where, p.key), "is the same header as one above; names do not differ by case")
		case managedHeader[folded]:
			r.fail(spot, join(where, p.key), "is set by the connection itself; remove it")
		default:
			seen[folded] = true
		}
	}
	return textMap(v)
}

// managedHeader are the headers that say how a message is framed and where it goes.
var managedHeader = map[string]bool{
	"host": true, "content-length": true, "transfer-encoding": true, "connection": true, "upgrade": true,
	"te": true, "trailer": true, "keep-alive": true, "proxy-connection": true,
}

func (r *reader) grantees(v *value, where string) []patchbay.Grantee {
	list := make([]patchbay.Grantee, 0, len(v.items))
	for _, item := range v.items {
		g, why := parseGrantee(item.text)
		if why != "" {
			r.fail(at(item), where, "%s", why)
			r.scratch.badAccess = true
			continue
		}
		if g.Kind == patchbay.GranteeRole && g.Name != string(patchbay.RoleAdmin) && g.Name != string(patchbay.RoleUser) {
			r.warn(at(item), where, "there is no such role; there are role:ADMIN and role:USER")
		}
		list = append(list, g)
	}
	return list
}

func parseGrantee(text string) (g patchbay.Grantee, why string) {
	kind, name, named := strings.Cut(strings.TrimSpace(text), ":")
	g = patchbay.Grantee{Kind: patchbay.GranteeKind(strings.ToLower(strings.TrimSpace(kind))), Name: strings.TrimSpace(name)}
	switch {
	case g.Kind == patchbay.GranteeEveryone && !named:
		return g, ""
	case named && g.Name != "" && g.Kind == patchbay.GranteeRole:
		g.Name = strings.ToUpper(g.Name)
		return g, ""
	case named && g.Name != "" && g.Kind == patchbay.GranteeGroup:
		return g, ""
	case named && g.Kind == patchbay.GranteeUser && strings.Contains(g.Name, "@"):
		g.Name = patchbay.NormalEmail(g.Name)
		return g, ""
	}
	return g, "must be everyone, role:NAME, group:NAME or user:EMAIL"
}
