package testkit

import (
	"crypto/rand"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// authAsk is an authorization that waits for the person.
type authAsk struct {
	client, redirect, state, challenge, resource string
	scopes                                       []string
}

// allowPage is what the person sees with Manual.
var allowPage = template.Must(template.New("page").Parse(`<!doctype html><title>Fake authorization server</title>
<h1>Allow access?</h1><p>Client <code>{{.Client}}</code> asks for <code>{{.Scopes}}</code>.</p>
<form method="post" action="{{.Action}}"><input type="hidden" name="ask" value="{{.Ask}}">
<button name="answer" value="allow" id="allow">Allow</button> <button name="answer" value="deny" id="deny">Deny</button></form>`))

// authorize is the endpoint that the person's browser is sent to (RFC 6749 4.1.1).
func (a *AuthServer) authorize(w http.ResponseWriter, r *http.Request, o AuthServerOptions, form url.Values) {
	if strings.HasSuffix(r.URL.Path, "/decide") {
		a.decide(w, r, o, form)
		return
	}
	if other := o.Impersonate; other != nil {
		q := r.URL.Query()
		if o.ImpersonateClient != "" {
			q.Set("client_id", o.ImpersonateClient)
		}
		http.Redirect(w, r, other.Endpoint("authorize")+"?"+q.Encode(), http.StatusFound)
		return
	}
	c := a.client(r.Context(), o, form.Get("client_id"))
	redirect := form.Get("redirect_uri")
	switch to, err := url.Parse(redirect); {
	case c == nil:
		http.Error(w, "unknown client", http.StatusBadRequest)
		return
	case err != nil || to.Host == "" || (c.redirects != nil && !slices.Contains(c.redirects, redirect)):
		http.Error(w, "redirect_uri is not registered", http.StatusBadRequest)
		return
	}
	ask := &authAsk{
		client: c.id, redirect: redirect, state: form.Get("state"), challenge: form.Get("code_challenge"),
		resource: form.Get("resource"), scopes: strings.Fields(form.Get("scope")),
	}
	if code := refusal(o, form); code != "" {
		a.back(w, r, o, ask, url.Values{"error": {code}})
		return
	}
	if !o.Manual {
		a.approve(w, r, o, ask)
		return
	}
	id := rand.Text()
	a.mu.Lock()
	a.asked[id] = ask
	a.mu.Unlock()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = allowPage.Execute(w, map[string]string{ // the browser may have gone
		"Client": c.id, "Scopes": strings.Join(ask.scopes, " "), "Ask": id, "Action": o.Path + "/authorize/decide",
	})
}

// refusal is the error code that a request gets, empty when it is fine.
func refusal(o AuthServerOptions, form url.Values) string {
	switch {
	case o.Deny != "":
		return o.Deny
	case form.Get("response_type") != "code":
		return "unsupported_response_type"
	case form.Get("code_challenge") == "" || form.Get("code_challenge_method") != "S256":
		return "invalid_request"
	case o.RequireResource && form.Get("resource") == "", o.RefuseResource && form.Has("resource"):
		return "invalid_target"
	}
	return ""
}

// decide takes the answer of the page.
func (a *AuthServer) decide(w http.ResponseWriter, r *http.Request, o AuthServerOptions, form url.Values) {
	a.mu.Lock()
	ask := a.asked[form.Get("ask")]
	delete(a.asked, form.Get("ask"))
	a.mu.Unlock()
	switch {
	case ask == nil:
		http.Error(w, "nothing to decide", http.StatusBadRequest)
	case form.Get("answer") == "allow":
		a.approve(w, r, o, ask)
	default:
		a.back(w, r, o, ask, url.Values{"error": {"access_denied"}})
	}
}

func (a *AuthServer) approve(w http.ResponseWriter, r *http.Request, o AuthServerOptions, ask *authAsk) {
	code := "fake-code-" + rand.Text()
	a.mu.Lock()
	a.codes[code] = &authGrant{ask: *ask, scopes: ask.scopes}
	a.counts.Authorizations++
	a.mu.Unlock()
	a.back(w, r, o, ask, url.Values{"code": {code}})
}

// back sends the browser to the client.
func (a *AuthServer) back(w http.ResponseWriter, r *http.Request, o AuthServerOptions, ask *authAsk, q url.Values) {
	to, err := url.Parse(ask.redirect)
	if err != nil {
		http.Error(w, "redirect_uri is no URL", http.StatusBadRequest)
		return
	}
	if ask.state != "" {
		q.Set("state", ask.state)
	}
	switch {
	case o.IssValue != "":
		q.Set("iss", o.IssValue)
	case o.Iss:
		q.Set("iss", a.server.URL+o.Path)
	}
	for name, values := range to.Query() {
		q[name] = append(values, q[name]...)
	}
	to.RawQuery = q.Encode()
	http.Redirect(w, r, to.String(), http.StatusFound)
}
