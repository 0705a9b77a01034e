package config

import (
	"slices"
	"strings"
	"unicode"

	"patchbay"
	"patchbay/internal/expand"
)

// reservedNames are the fixed words that stand where a server's name does in URLs, and
// what a URL cannot carry as a name.
var reservedNames = []string{"servers", "tools", "connection", "oauth", "config", ".", ".."}

// server reads one entry of `mcpServers`. It always returns a server: one that cannot
// be used carries its Problem. The entry stays open for finish, which closes it.
func (r *reader) server(name string, v *value, keyAt place) *patchbay.Server {
	r.begin(name, patchbay.SourceYAML, "mcpServers."+name, keyAt)
	s := r.s
	s.ID = patchbay.YAMLServerID(name)
	switch {
	case name == "":
		r.fail(keyAt, r.entry, "a server needs a name")
	case slices.Contains(reservedNames, name):
		r.fail(keyAt, r.entry, "`%s` is a word of the API's paths; choose another name", name)
	case strings.ContainsFunc(name, unicode.IsControl):
		r.fail(keyAt, r.entry, "a name must be one line without control characters")
	}
	if v.kind != isMap {
		r.fail(keyAt, r.entry, "must be a map with `command` or `url`, not %s", v.kind)
		return s
	}
	r.definition(v)
	return s
}

// begin makes the empty definition with its defaults.
func (r *reader) begin(name string, source patchbay.Source, entry string, keyAt place) {
	r.s = &patchbay.Server{
		Name: name, Source: source, Stderr: patchbay.StderrInherit,
		CallTimeout: DefaultCallTimeout, ConnectTimeout: DefaultConnectTimeout, SSEReadTimeout: DefaultSSEReadTimeout,
		Startup: true, ChatMenu: true,
	}
	if r.table == nil {
		r.table = serverKeys()
	}
	r.entry, r.root, r.places = entry, r.table, map[string]place{"": keyAt}
	r.scratch = scratch{}
}

func (r *reader) end() { r.s, r.entry, r.root, r.places = nil, "", nil, nil }

// definition reads the keys of an entry and applies the rules between them.
func (r *reader) definition(v *value) {
	r.transport(v)
	r.object(r.root, v, r.entry)
	r.apiKeyRules()
	r.oauthRules()
	r.accessRules()
	if r.scratch.obo {
		r.failFor(patchbay.ReasonNeedsOIDCLogin, r.placeOf("obo"), r.entry+".obo",
			"needs people to log in by OpenID Connect, which is not there yet; use the server's own OAuth or customUserVars")
	}
	for _, p := range expand.Check(r.s) {
		r.failFor(p.Reason, r.placeOf(p.Path), r.entry+"."+p.Path, "%s", p.Message)
	}
	r.levelRules()
}

// transport decides how the server is reached, before its keys are read: which of them
// count depends on it.
func (r *reader) transport(v *value) {
	command, address, written := has(v, "command"), has(v, "url"), v.get("type")
	if written != nil && written.kind != isNull {
		switch t := written.text; {
		case t == "http":
			r.s.Transport = patchbay.TransportHTTP
		case slices.Contains(typeNames, t):
			r.s.Transport = patchbay.Transport(t)
		default:
			return // said when the key is read; all keys count until it is known
		}
		r.needs(v, command, address)
		return
	}
	r.s.Inferred = true
	switch {
	case command && address:
		r.fail(r.keyAt(v, "url"), r.entry, "has both `command` and `url`; write `type` to say which one counts")
	case command:
		r.s.Transport = patchbay.TransportStdio
	case address:
		r.s.Transport = patchbay.TransportSSE
		if text := strings.ToLower(v.get("url").text); strings.HasPrefix(text, "ws://") || strings.HasPrefix(text, "wss://") {
			r.s.Transport = patchbay.TransportWebSocket
		}
		r.needs(v, command, address)
	default:
		r.fail(r.placeOf(""), r.entry, "needs `command` (a program to start) or `url` (an address)")
	}
}

func has(v *value, name string) bool {
	x := v.get(name)
	return x != nil && x.kind != isNull && (!x.scalar() || strings.TrimSpace(x.text) != "")
}

func (r *reader) keyAt(v *value, name string) place {
	for _, p := range v.pairs {
		if p.key == name {
			return place{p.line, p.col}
		}
	}
	return r.placeOf("")
}

// needs checks what a transport cannot be without, and that the scheme fits it.
func (r *reader) needs(v *value, command, address bool) {
	t := r.s.Transport
	switch {
	case t == patchbay.TransportStdio && !command:
		r.fail(r.placeOf(""), r.entry, "a server of type stdio needs `command`, the program to start")
	case t.Remote() && !address:
		r.fail(r.placeOf(""), r.entry, "a server of type %s needs `url`, its address", t)
	case t.Remote():
		schemes := []string{"http", "https"}
		if t == patchbay.TransportWebSocket {
			schemes = []string{"ws", "wss"}
		}
		if why := schemeProblem(v.get("url").text, schemes...); why != "" {
			if !r.s.Inferred {
				why += " for type " + string(t)
			}
			r.fail(at(v.get("url")), r.entry+".url", "%s", why)
		}
	}
}

// MCPAPIKey is the user variable that `apiKey: {source: user}` makes (reference 1.6).
const MCPAPIKey = "MCP_API_KEY"

func (r *reader) apiKeyRules() {
	k := r.s.APIKey
	if k == nil {
		return
	}
	if k.Source == "user" {
		k.Key = "" // each user's own; a submitted one is dropped
		name, prefix := expand.APIKeyHeader(k)
		headers := map[string]string{}
		for h, text := range r.s.Headers {
			if !strings.EqualFold(h, name) {
				headers[h] = text
			}
		}
		headers[name] = prefix + "{{" + MCPAPIKey + "}}"
		r.s.Headers = headers
		if !slices.ContainsFunc(r.s.UserVars, func(u patchbay.UserVar) bool { return u.Name == MCPAPIKey }) {
			r.s.UserVars = append(r.s.UserVars, patchbay.UserVar{Name: MCPAPIKey, Title: "API Key", Sensitive: true})
		}
	} else if k.Key == "" {
		r.fail(r.placeOf("apiKey"), r.entry+".apiKey", "needs `key`, or `source: user` to ask each user for one")
	}
	if k.CustomHeader != "" && k.AuthorizationType != "custom" {
		r.warn(r.placeOf("apiKey.custom_header"), r.entry+".apiKey.custom_header", "counts with authorization_type: custom only")
	}
	if r.s.OAuth == nil && r.s.RequiresOAuth == nil {
		no := false
		r.s.RequiresOAuth = &no // a server with a key is not asked whether it wants sign-in
	}
}

// accessRules fill the default. Whoever may use may see, so a list of viewers without
// one of users means the same people.
func (r *reader) accessRules() {
	everyone := []patchbay.Grantee{{Kind: patchbay.GranteeEveryone}}
	a := &r.s.Access
	switch {
	case r.scratch.badAccess || r.accessUnreadable():
		*a = patchbay.Access{View: []patchbay.Grantee{}, Use: []patchbay.Grantee{}} // never wider than what was meant
	case !r.scratch.hasView && !r.scratch.hasUse:
		*a = patchbay.Access{View: everyone, Use: everyone}
	case !r.scratch.hasUse:
		a.Use = slices.Clone(a.View)
	case !r.scratch.hasView:
		a.View = everyone
	}
}

// accessUnreadable reports whether something is written under `access` that could not
// be read.
func (r *reader) accessUnreadable() bool {
	if _, written := r.places["access"]; !written {
		return false
	}
	return slices.ContainsFunc(r.cfg.Findings, func(f Finding) bool {
		return f.Severity == SeverityError && f.Server == r.s.Name && strings.HasPrefix(f.Path, r.entry+".access")
	})
}

func (r *reader) levelRules() {
	s := r.s
	if s.ForcedLevel == patchbay.LevelApp {
		if parts := expand.UserParts(s); len(parts) > 0 {
			r.fail(r.placeOf("level"), r.entry+".level", "`app` shares one connection, but the definition is one of each user's own: %s", strings.Join(parts, ", "))
		}
	}
	if s.ForcedLevel == patchbay.LevelUser && expand.LevelOf(s) == patchbay.LevelRun {
		r.warn(r.placeOf("level"), r.entry+".level", "is not used: {{LIBRECHAT_BODY_…}} makes a connection for each run")
	}
}
