package expand

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"patchbay"
)

// Values are what placeholders turn into for one connection.
type Values struct {
	Env        func(name string) (string, bool) // nil: nothing is set
	User       *patchbay.User                   // nil at app level
	TrustEmail bool                             // `registration.trustEmail`
	Vars       map[string]string                // the user's variables for this server
	Body       patchbay.CallBody
	HasBody    bool
}

// Server expands def by v. Its error is a *patchbay.ConnectError whose reason is
// bad_definition, needs_oidc_login, env_missing, needs_variables or blocked, in this
// order when several hold; its message never holds a value.
func Server(def *patchbay.Server, v Values) (*Endpoint, error) {
	x := &expander{def: def, values: v}
	if err := x.ready(); err != nil {
		return nil, err
	}
	e := &Endpoint{
		Transport: def.Transport, Inferred: def.Inferred,
		Dir: def.Dir, Stderr: cmp.Or(def.Stderr, patchbay.StderrInherit),
		ConnectTimeout: def.ConnectTimeout, CallTimeout: def.CallTimeout, SSEReadTimeout: def.SSEReadTimeout,
		Trust: TrustOf(def, def.URL),
	}
	if def.Transport == patchbay.TransportStdio {
		x.child(e)
	} else {
		x.remote(e)
	}
	if x.err != nil {
		return nil, x.err
	}
	return e, nil
}

// TrustOf returns the class of an address that is written in def, as written: its url,
// or one of its oauth block. Whoever fills the host decides where it leads, so an
// operator's address with somebody's own value in its host is guarded like a person's.
func TrustOf(def *patchbay.Server, address string) patchbay.Trust {
	if def.Source == patchbay.SourceUser || userInHost(address, func(p part) kind { return classify(def, p) }) {
		return patchbay.TrustPerson
	}
	return patchbay.TrustOperator
}

// expander carries one expansion. After the first refused value err is set and the rest
// is skipped.
type expander struct {
	def    *patchbay.Server
	values Values
	err    error
}

func (x *expander) fail(reason patchbay.Reason, message string) error {
	return &patchbay.ConnectError{Server: x.def.Name, Reason: reason, Message: message}
}

// ready refuses what cannot be expanded at all: the mistakes first, then what is missing.
func (x *expander) ready() error {
	if p := x.def.Problem; p != nil {
		return x.fail(p.Reason, p.Message)
	}
	if ps := Check(x.def); len(ps) > 0 {
		return x.fail(ps[0].Reason, ps[0].Path+": "+ps[0].Message)
	}
	var unset []string
	for _, n := range EnvNames(x.def) {
		if _, ok := x.env(n); !ok {
			unset = append(unset, n)
		}
	}
	switch len(unset) {
	case 0:
	case 1:
		return x.fail(patchbay.ReasonEnvMissing, "environment variable "+unset[0]+" is not set")
	default:
		return x.fail(patchbay.ReasonEnvMissing, "environment variables "+strings.Join(unset, ", ")+" are not set")
	}
	if missing := MissingVars(x.def, x.values.Vars); len(missing) > 0 {
		return x.fail(patchbay.ReasonNeedsVariables, "give a value for "+strings.Join(missing, ", ")+" first")
	}
	return x.person()
}

// person refuses a definition that speaks of a user or a request when there is none.
func (x *expander) person() error {
	if x.values.User == nil {
		if names := namesOf(x.def, kindUser); len(names) > 0 {
			return x.fail(patchbay.ReasonBlocked, "{{"+names[0]+"}} needs a user; connect as one")
		}
	}
	var blank []string
	for _, n := range namesOf(x.def, kindBody) {
		f := bodyFields[strings.TrimPrefix(n, bodyPrefix)]
		if !x.values.HasBody || strings.TrimSpace(f.get(x.values.Body)) == "" {
			blank = append(blank, f.name)
		}
	}
	if len(blank) > 0 {
		return x.fail(patchbay.ReasonBlocked, "this server needs "+strings.Join(blank, ", ")+" with each call")
	}
	return nil
}

func (x *expander) env(name string) (string, bool) {
	if x.values.Env == nil || IsSecretEnv(name) {
		return "", false
	}
	v, ok := x.values.Env(name)
	return strings.TrimSpace(v), ok // values from files end in a line break
}

// value returns what a placeholder stands for, not yet encoded.
func (x *expander) value(p part) (string, error) {
	switch classify(x.def, p) {
	case kindEnv:
		v, _ := x.env(p.name)
		return v, nil
	case kindVar:
		return x.values.Vars[p.name], nil
	case kindUser:
		return userField(strings.TrimPrefix(p.name, userPrefix), x.values), nil
	case kindBody:
		return bodyFields[strings.TrimPrefix(p.name, bodyPrefix)].get(x.values.Body), nil
	}
	return "", refuse("cannot be expanded here") // Check refused these before
}

// userField returns a field of the account.
func userField(field string, v Values) string {
	if field == "EMAIL" && !v.User.EmailVerified && !v.TrustEmail {
		return "" // whoever registers an address has not shown that it is theirs
	}
	return userFields[field](v.User)
}

// text expands one string whose parts all take the same encoder. literal says whether
// the text between placeholders is encoded too.
func (x *expander) text(path, text string, encode func(string) (string, error), literal bool) string {
	if x.err != nil {
		return ""
	}
	var b strings.Builder
	for _, p := range scan(text) {
		v := p.text
		var err error
		if !p.literal() {
			v, err = x.value(p)
		}
		if err == nil && (literal || !p.literal()) {
			v, err = encode(v)
		}
		if err != nil {
			x.refused(path, p, err)
			return ""
		}
		b.WriteString(v)
	}
	return b.String()
}

// refused sets err for a value that cannot stand in its place. What a person gave, the
// person can give again; an account's field or the environment cannot be cured by them.
func (x *expander) refused(path string, p part, err error) {
	reason := patchbay.ReasonBlocked
	if !p.literal() && classify(x.def, p) == kindVar {
		reason = patchbay.ReasonNeedsVariables
	}
	message := path + ": " + err.Error()
	if !p.literal() {
		message = "the value of " + p.text + " in " + path + " " + err.Error()
	}
	x.err = x.fail(reason, message)
}

func (x *expander) child(e *Endpoint) {
	e.Argv = append(make([]string, 0, 1+len(x.def.Args)), x.def.Command)
	for _, a := range x.def.Args {
		e.Argv = append(e.Argv, x.text("args", a, encodeRaw, true))
	}
	for _, k := range sortedKeys(x.def.Env) {
		e.Env = append(e.Env, k+"="+x.text("env."+k, x.def.Env[k], encodeRaw, true))
	}
}

func (x *expander) remote(e *Endpoint) {
	e.URL = x.url("url", x.def.URL)
	e.Header = x.headers("headers", x.def.Headers)
	x.apiKey(e.Header)
	if len(x.def.RequestHeaders) > 0 {
		e.CallHeader = e.Header.Clone()
		for k, vs := range x.headers("requestHeaders", x.def.RequestHeaders) {
			e.CallHeader[k] = vs
		}
	}
	e.OAuthHeader = x.headers("oauth_headers", x.def.OAuthHeaders)
	if x.def.Proxy != "" {
		e.Proxy = x.proxy()
	}
}

func (x *expander) headers(path string, m map[string]string) http.Header {
	h := make(http.Header, len(m))
	for _, k := range sortedKeys(m) {
		h.Set(k, x.text(path+"."+k, m[k], encodeHeader, true))
	}
	return h
}

// apiKey adds the header of an operator's key, over one of the same name (reference
// 1.6). A key that each user gives is a header and a variable by the time it gets here.
func (x *expander) apiKey(h http.Header) {
	k := x.def.APIKey
	if k == nil || k.Key == "" || k.Source == "user" {
		return
	}
	name, prefix := APIKeyHeader(k)
	h.Set(name, prefix+x.text("apiKey.key", k.Key, encodeHeader, true))
}

// APIKeyHeader returns the header that carries an API key, and what stands before the
// key in it.
func APIKeyHeader(k *patchbay.APIKey) (name, prefix string) {
	switch k.AuthorizationType {
	case "basic":
		return "Authorization", "Basic "
	case "custom":
		return cmp.Or(k.CustomHeader, "X-Api-Key"), ""
	}
	return "Authorization", "Bearer "
}

func (x *expander) url(path, text string) *url.URL {
	if x.err != nil {
		return nil
	}
	u, err := expandURL(text, x.value)
	var placed *placeError
	if errors.As(err, &placed) {
		x.refused(path, placed.part, errors.New(placed.why))
		return nil
	}
	if err != nil {
		x.err = x.fail(patchbay.ReasonBlocked, path+" "+err.Error())
		return nil
	}
	return u
}

var proxySchemes = []string{"http", "https", "socks5", "socks5h", "socks"}

func (x *expander) proxy() *url.URL {
	raw := x.text("proxy", x.def.Proxy, encodeRaw, true)
	if x.err != nil {
		return nil
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || !slices.Contains(proxySchemes, u.Scheme) {
		x.err = x.fail(patchbay.ReasonBadDefinition, "proxy is not a URL of a proxy; write it like http://host:port (or https, socks5)")
		return nil
	}
	if u.Scheme == "socks" {
		u.Scheme = "socks5"
	}
	return u
}
