package expand

import (
	"strconv"

	"patchbay"
)

// place says what a string of a definition turns into.
type place uint8

const (
	placeRaw    place = iota // one argument or environment value of a child
	placeText                // a parameter that its user encodes: OAuth client id, scope
	placeHeader              // one header value
	placeURL                 // a URL: the encoder depends on the part
	placeProxy               // a URL that may be expanded whole, ${NAME} only
	placeNone                // expanded nowhere: a placeholder here is a mistake
)

// field is one string of a definition, with its place and its path in the entry.
type field struct {
	path  string
	text  string
	place place
}

// fields lists every string of def that is expanded, and those where people expect it
// in vain. Maps come in sorted order, so that problems have a stable order.
func fields(def *patchbay.Server) []field {
	var fs []field
	add := func(path, text string, p place) {
		if text != "" {
			fs = append(fs, field{path, text, p})
		}
	}
	addMap := func(path string, m map[string]string, p place) {
		for _, k := range sortedKeys(m) {
			add(path+"."+k, m[k], p)
		}
	}
	add("command", def.Command, placeNone)
	add("cwd", def.Dir, placeNone)
	for i, a := range def.Args {
		add("args["+strconv.Itoa(i)+"]", a, placeRaw)
	}
	addMap("env", def.Env, placeRaw)
	add("url", def.URL, placeURL)
	addMap("headers", def.Headers, placeHeader)
	addMap("requestHeaders", def.RequestHeaders, placeHeader)
	add("proxy", def.Proxy, placeProxy)
	addMap("oauth_headers", def.OAuthHeaders, placeHeader)
	if k := def.APIKey; k != nil {
		add("apiKey.key", k.Key, placeHeader)
	}
	if o := def.OAuth; o != nil {
		add("oauth.authorization_url", o.AuthorizationURL, placeURL)
		add("oauth.token_url", o.TokenURL, placeURL)
		add("oauth.revocation_endpoint", o.RevocationURL, placeURL)
		add("oauth.client_id", o.ClientID, placeText)
		add("oauth.client_secret", o.ClientSecret, placeText)
		add("oauth.audience", o.Audience, placeText)
		for i, s := range o.Scopes {
			add("oauth.scopes["+strconv.Itoa(i)+"]", s, placeText)
		}
	}
	return fs
}

// used is one placeholder of a definition.
type used struct {
	field
	part
	kind kind
}

// placeholders lists the placeholders of def in the order of its fields.
func placeholders(def *patchbay.Server) []used {
	var all []used
	for _, f := range fields(def) {
		if f.place == placeNone {
			continue
		}
		for _, p := range scan(f.text) {
			if !p.literal() {
				all = append(all, used{f, p, classify(def, p)})
			}
		}
	}
	return all
}

// namesOf lists the distinct names that def's placeholders of kind k have.
func namesOf(def *patchbay.Server, k kind) []string {
	var names []string
	seen := map[string]bool{}
	for _, u := range placeholders(def) {
		if u.kind == k && !seen[u.name] {
			seen[u.name] = true
			names = append(names, u.name)
		}
	}
	return names
}
