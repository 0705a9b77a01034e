package config

import (
	"strings"

	"patchbay"
	"patchbay/internal/expand"
)

// typ is the type of a key's value.
type typ uint8

const (
	tString  typ = iota // text; a number or true is taken as it is written
	tBool               // true or false
	tInt                // whole number, or arithmetic: 10 * 60 * 1000
	tNumber             // number, with a fraction or without
	tMillis             // tInt from 1 to 24 hours
	tStrings            // list of texts
	tMap                // map of texts
	tEnum               // one of enum
	tObject             // map of keys
	tMapOf              // map of anything -> of
	tListOf             // list of of
	tAny                // not looked into
)

const dayMillis = 24 * 60 * 60 * 1000

// key is one key of the configuration: the one source of its validation, of hints, of
// the JSON Schema and of the documentation.
type key struct {
	name   string
	typ    typ
	alts   []key // further forms of the value, tried in order
	enum   []string
	min    int64 // of tInt and tNumber
	max    int64 // 0: no maximum
	keys   []key // of tObject
	of     *key  // of tMapOf and tListOf
	only   []patchbay.Transport
	def    string // default, for readers
	places bool   // placeholders are expanded
	ours   bool   // patchbay's own, unknown to LibreChat
	unused bool   // accepted for LibreChat's sake, changes nothing
	doc    string
	set    func(r *reader, v *value, path string)
	// within wraps the reading of a value's parts: it opens and closes the entry that they
	// belong to.
	within func(r *reader, v *value, path string, parts func())
}

// says names the type for messages and documentation.
func (k *key) says() string {
	all := []string{k.sayOne()}
	for i := range k.alts {
		all = append(all, k.alts[i].sayOne())
	}
	return strings.Join(all, ", or ")
}

func (k *key) sayOne() string {
	switch k.typ {
	case tBool:
		return "true or false"
	case tInt:
		return "a whole number"
	case tNumber:
		return "a number"
	case tListOf:
		return "a list"
	case tMillis:
		return "milliseconds (a whole number, 1 to 86400000)"
	case tStrings:
		return "a list of texts"
	case tMap:
		return "a map of texts"
	case tEnum:
		return "one of " + strings.Join(k.enum, ", ")
	case tObject:
		var names []string
		for i := range k.keys {
			if !k.keys[i].unused {
				names = append(names, k.keys[i].name)
			}
		}
		return "a map of " + strings.Join(names, ", ")
	case tMapOf:
		return "a map"
	case tAny:
		return "anything"
	}
	return "a text"
}

// form returns the form of k that v has the shape of, or nil.
func (k *key) form(v *value) *key {
	if k.fits(v) {
		return k
	}
	for i := range k.alts {
		if k.alts[i].fits(v) {
			f := k.alts[i]
			f.name = k.name
			if f.set == nil {
				f.set = k.set
			}
			return &f
		}
	}
	return nil
}

func (k *key) fits(v *value) bool {
	switch k.typ {
	case tBool:
		return v.kind == isBool || v.kind == isString && (v.text == "true" || v.text == "false")
	case tInt, tMillis:
		_, ok := v.integer()
		return ok
	case tNumber:
		_, ok := v.float()
		return ok
	case tStrings, tListOf:
		return v.kind == isList
	case tMap, tObject, tMapOf:
		return v.kind == isMap
	case tAny:
		return true
	}
	return v.scalar()
}

func lookup(keys []key, name string) *key {
	for i := range keys {
		if keys[i].name == name {
			return &keys[i]
		}
	}
	return nil
}

func (k *key) appliesTo(t patchbay.Transport) bool {
	if len(k.only) == 0 || t == "" {
		return true
	}
	for _, o := range k.only {
		if o == t {
			return true
		}
	}
	return false
}

// elsewhere are words of other hosts' files and common slips, with the key they mean.
var elsewhere = map[string]string{
	"arguments": "args", "cmd": "command", "environment": "env", "endpoint": "url", "baseurl": "url", "serverurl": "url",
	"httpurl": "url", "transport": "type", "transporttype": "type", "scope": "oauth.scope", "scopes": "oauth.scopes",
	"icon": "iconPath", "name": "title", "displayname": "title", "instructions": "serverInstructions",
	"enabledtools": "tools.allow", "allowedtools": "tools.allow", "includetools": "tools.allow",
	"disabledtools": "tools.deny", "excludetools": "tools.deny", "autoapprove": "approval", "alwaysallow": "approval",
	"variables": "customUserVars", "uservars": "customUserVars", "workingdirectory": "cwd", "workdir": "cwd",
	"connecttimeout": "initTimeout", "startuptimeout": "initTimeout", "requesttimeout": "timeout",
}

func foldKey(s string) string {
	return strings.NewReplacer("_", "", "-", "", " ", "", ".", "").Replace(strings.ToLower(s))
}

// suggest returns the known key, with its path below the root table, that an unknown
// name most likely means: the same word in another spelling or another place, a word of
// another host, then the most similar one; "" when nothing is near.
func suggest(name string, here, root []key) string {
	if len(name) > 64 {
		return ""
	}
	paths := map[string]string{}
	collectPaths(here, "", paths)
	collectPaths(root, "", paths)
	if p, ok := paths[foldKey(name)]; ok {
		return p
	}
	if p, ok := elsewhere[foldKey(name)]; ok && pathExists(root, p) {
		return p
	}
	local := make([]string, 0, len(here))
	for i := range here {
		local = append(local, here[i].name)
	}
	if best := expand.Nearest(name, local); best != "" {
		return best
	}
	var names []string
	for f := range paths {
		names = append(names, f)
	}
	if best := expand.Nearest(name, names); best != "" && len(foldKey(name)) > 4 {
		return paths[best]
	}
	return ""
}

func collectPaths(keys []key, prefix string, into map[string]string) {
	for i := range keys {
		k := &keys[i]
		p := prefix + k.name
		if _, taken := into[foldKey(k.name)]; !taken {
			into[foldKey(k.name)] = p
		}
		collectPaths(k.keys, p+".", into)
	}
}

func pathExists(keys []key, path string) bool {
	head, rest, more := strings.Cut(path, ".")
	k := lookup(keys, head)
	return k != nil && (!more || pathExists(k.keys, rest))
}
