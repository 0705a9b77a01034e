package expand

import (
	"net/http"
	"slices"
	"strings"

	"patchbay"
)

// A provider's strings take fewer placeholders than a server's: ${NAME} everywhere, and
// in headers the fields of the account that asks. The variables of model keys are for
// providers; patchbay's other secrets are for nobody.

// noServer is what a provider's placeholders are classified by: it has no variables.
var noServer = &patchbay.Server{Source: patchbay.SourceYAML}

func classifyProvider(p part) kind {
	k := classify(noServer, p)
	if k == kindSecret && !isOwnSecret(p.name) {
		return kindEnv
	}
	return k
}

// CheckProvider finds the mistakes in a provider's placeholders that no value could cure.
func CheckProvider(p *patchbay.Provider) []Problem {
	problems := checkProviderText("apiKey", p.Key.Reveal(), false)
	problems = append(problems, checkProviderText("baseURL", p.BaseURL, false)...)
	for _, name := range sortedKeys(p.Headers) {
		problems = append(problems, checkProviderText("headers."+name, p.Headers[name], true)...)
	}
	for i := range p.Deployments {
		d := &p.Deployments[i]
		problems = append(problems, checkProviderText("groups", d.Key.Reveal(), false)...)
		problems = append(problems, checkProviderText("groups", d.BaseURL, false)...)
		for _, name := range sortedKeys(d.Headers) {
			problems = append(problems, checkProviderText("groups", d.Headers[name], true)...)
		}
		if len(problems) >= maxProblems {
			break
		}
	}
	return problems
}

func checkProviderText(path, text string, header bool) []Problem {
	var problems []Problem
	bad := func(message string) {
		problems = append(problems, Problem{path, message, patchbay.ReasonBadDefinition})
	}
	for _, p := range scan(text) {
		if len(problems) >= maxProblems {
			break
		}
		if p.literal() {
			if _, err := encodeHeader(p.text); header && err != nil {
				bad("this text " + err.Error())
			}
			continue
		}
		switch k := classifyProvider(p); {
		case k == kindEnv, header && (k == kindUser || k == kindBody):
		case k == kindSecret:
			bad(p.text + " is a secret of patchbay's own and never given to a model API; put the value under another name")
		case k == kindBadName:
			bad(p.text + " is not the name of an environment variable; write ${NAME} with letters, digits and _")
		case k == kindOIDC:
			problems = append(problems, Problem{path, p.text + " needs people to log in by OpenID Connect, which is not there yet", patchbay.ReasonNeedsOIDCLogin})
		case !header:
			bad(p.text + " may not stand here, where only ${NAME} is expanded")
		default:
			bad(unknownProviderField(p))
		}
	}
	return problems
}

func unknownProviderField(p part) string {
	var known []string
	for f := range userFields {
		known = append(known, userPrefix+f)
	}
	if best := Nearest(strings.TrimSpace(p.name), known); best != "" {
		return "nobody knows the placeholder " + p.text + "; did you mean {{" + best + "}}?"
	}
	return "nobody knows the placeholder " + p.text + "; a model API's headers take ${NAME} and {{LIBRECHAT_USER_…}}"
}

// ProviderEnv lists the environment variables that a provider reads, with the place of
// each.
func ProviderEnv(p *patchbay.Provider) []EnvUse {
	var uses []EnvUse
	add := func(path, text string) {
		for _, part := range scan(text) {
			if !part.literal() && classifyProvider(part) == kindEnv &&
				!slices.ContainsFunc(uses, func(u EnvUse) bool { return u.Name == part.name }) {
				uses = append(uses, EnvUse{Name: part.name, Path: path})
			}
		}
	}
	add("apiKey", p.Key.Reveal())
	add("baseURL", p.BaseURL)
	for _, name := range sortedKeys(p.Headers) {
		add("headers."+name, p.Headers[name])
	}
	for i := range p.Deployments {
		d := &p.Deployments[i]
		add("groups", d.Key.Reveal())
		add("groups", d.BaseURL)
		for _, name := range sortedKeys(d.Headers) {
			add("groups", d.Headers[name])
		}
	}
	return uses
}

// ProviderText expands ${NAME} in a provider's key or address. The error is a sentence
// that holds no value.
func ProviderText(text string, env func(name string) (string, bool)) (string, error) {
	return providerText(text, Values{Env: env}, func(v string) (string, error) { return v, nil })
}

// ProviderHeaders expands the headers that a provider is asked with on behalf of v.User.
// Those that name a field of a request (BodyHeaders) are left out.
func ProviderHeaders(p *patchbay.Provider, v Values) (http.Header, error) {
	h := make(http.Header, len(p.Headers))
	skip := BodyHeaders(p)
	for _, name := range sortedKeys(p.Headers) {
		if slices.Contains(skip, name) {
			continue
		}
		text, err := providerText(p.Headers[name], v, encodeHeader)
		if err != nil {
			return nil, refuse("header %s: %s", name, err)
		}
		h.Set(name, text)
	}
	return h, nil
}

// BodyHeaders lists the headers of a provider that name a field of a request.
func BodyHeaders(p *patchbay.Provider) []string { return headersOf(p, kindBody) }

// PersonalHeaders reports whether a provider's headers say who asks.
func PersonalHeaders(p *patchbay.Provider) bool {
	return len(headersOf(p, kindUser)) > 0 || slices.ContainsFunc(p.Deployments, func(d patchbay.Deployment) bool {
		return len(headersOf(&patchbay.Provider{Headers: d.Headers}, kindUser)) > 0
	})
}

func headersOf(p *patchbay.Provider, k kind) []string {
	var names []string
	for _, name := range sortedKeys(p.Headers) {
		if slices.ContainsFunc(scan(p.Headers[name]), func(x part) bool { return !x.literal() && classifyProvider(x) == k }) {
			names = append(names, name)
		}
	}
	return names
}

func providerText(text string, v Values, encode func(string) (string, error)) (string, error) {
	var b strings.Builder
	for _, p := range scan(text) {
		value, err := p.text, error(nil)
		if !p.literal() {
			value, err = providerValue(p, v)
		}
		if err == nil {
			value, err = encode(value)
		}
		if err != nil {
			if !p.literal() {
				return "", refuse("the value of %s %s", p.text, err)
			}
			return "", err
		}
		b.WriteString(value)
	}
	return b.String(), nil
}

func providerValue(p part, v Values) (string, error) {
	switch classifyProvider(p) {
	case kindEnv:
		if v.Env == nil {
			return "", refuse("is not set in the environment")
		}
		value, ok := v.Env(p.name)
		if !ok {
			return "", refuse("is not set in the environment")
		}
		return strings.TrimSpace(value), nil
	case kindUser:
		if v.User == nil {
			return "", refuse("needs a user")
		}
		return userField(strings.TrimPrefix(p.name, userPrefix), v), nil
	}
	return "", refuse("cannot be expanded here")
}
