package servers

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"

	"patchbay"
	"patchbay/internal/mask"
)

// object is a definition as its author wrote it.
type object = map[string]any

// decode reads a definition's JSON. Numbers stay as they are written.
func decode(body []byte) (object, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var o object
	if err := d.Decode(&o); err != nil {
		return nil, err
	}
	if o == nil {
		return nil, errors.New("no object")
	}
	if inner, ok := o["config"].(object); ok { // LibreChat's form
		for k, v := range o {
			if _, there := inner[k]; !there && k != "config" {
				inner[k] = v
			}
		}
		o = inner
	}
	return o, nil
}

// merge applies an edit to a definition (contract 4): objects merge by key, null removes,
// and a secret that comes back as it was shown is unchanged. Neither is modified.
func merge(old, edit object) object { return mergeAt(old, edit, nil) }

func mergeAt(old, edit object, path []string) object {
	next := maps.Clone(old)
	if next == nil {
		next = object{}
	}
	for k, v := range edit {
		at := append(slices.Clip(path), k)
		switch v := v.(type) {
		case nil:
			delete(next, k)
		case object:
			before, _ := old[k].(object)
			next[k] = mergeAt(before, v, at)
		case string:
			if before, ok := old[k].(string); ok && shown(at, before) == v {
				continue
			}
			next[k] = v
		case []any:
			next[k] = mergeList(old[k], v, k)
		default:
			next[k] = v
		}
	}
	return next
}

// mergeList takes a list as a whole, but for arguments that come back as they were shown.
func mergeList(old any, edit []any, key string) []any {
	before, ok := stringsOf(old)
	if key != "args" || !ok {
		return edit
	}
	masked := mask.Args(before)
	next := slices.Clone(edit)
	for i, v := range next {
		if s, ok := v.(string); ok && i < len(before) && s == masked[i] {
			next[i] = before[i]
		}
	}
	return next
}

func stringsOf(v any) ([]string, bool) {
	list, ok := v.([]any)
	if !ok {
		return nil, false
	}
	out := make([]string, len(list))
	for i, item := range list {
		if out[i], ok = item.(string); !ok {
			return nil, false
		}
	}
	return out, true
}

// shown is how a text of a definition is shown to those with EDIT.
func shown(path []string, value string) string {
	name := path[len(path)-1]
	switch path[0] {
	case "headers", "requestHeaders", "oauth_headers":
		return mask.Header(name, value)
	case "env":
		return mask.Env(name, value)
	case "url", "proxy":
		return mask.URL(value)
	case "apiKey":
		if name == "key" {
			return mask.Value(value)
		}
	case "oauth":
		switch name {
		case "client_secret":
			return mask.Value(value)
		case "authorization_url", "token_url", "revocation_endpoint":
			return mask.URL(value)
		}
	}
	return value
}

// dropSecrets removes from next what is a secret there and was one in old already: the
// definition leads elsewhere now, and only who knows a secret may send it there. It
// returns the paths.
func dropSecrets(old, next object) []string { return dropAt(old, next, nil) }

func dropAt(old, next object, path []string) (dropped []string) {
	for _, k := range slices.Sorted(maps.Keys(next)) {
		at := append(slices.Clip(path), k)
		switch v := next[k].(type) {
		case object:
			before, _ := old[k].(object)
			inner := maps.Clone(v)
			for _, p := range dropAt(before, inner, at) {
				dropped = append(dropped, k+"."+p)
			}
			next[k] = inner
		case string:
			if before, ok := old[k].(string); ok && before == v && secret(at, v) {
				delete(next, k)
				dropped = append(dropped, k)
			}
		}
	}
	return dropped
}

// secret reports whether a text would be hidden. An address is the destination itself.
func secret(path []string, v string) bool {
	return path[0] != "url" && path[0] != "args" && shown(path, v) == mask.Set
}

// destination is everything that says where a definition's secrets go.
type destination struct {
	Transport                      patchbay.Transport
	Command, URL                   string
	Args                           []string
	Headers                        []string
	Authorize, Token, Revoke, Auth string
	KeyHeader                      string
}

func destinationOf(s *patchbay.Server) destination {
	d := destination{Transport: s.Transport, Command: s.Command, URL: s.URL, Args: s.Args}
	for _, m := range []map[string]string{s.Headers, s.RequestHeaders, s.OAuthHeaders} {
		d.Headers = append(append(d.Headers, slices.Sorted(maps.Keys(m))...), "")
	}
	if s.OAuth != nil {
		d.Authorize, d.Token, d.Revoke, d.Auth = s.OAuth.AuthorizationURL, s.OAuth.TokenURL, s.OAuth.RevocationURL, s.OAuth.ClientID
	}
	if s.APIKey != nil {
		d.KeyHeader = s.APIKey.AuthorizationType + " " + s.APIKey.CustomHeader
	}
	return d
}

// moved reports whether a definition leads elsewhere than before.
func moved(before, after *patchbay.Server) bool {
	return !reflect.DeepEqual(destinationOf(before), destinationOf(after))
}
