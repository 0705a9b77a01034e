package testkit

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// authGrant is what a person allowed, with the tokens it gave. Its members are guarded by
// the server's lock.
type authGrant struct {
	ask     authAsk
	scopes  []string
	used    bool // its code was exchanged
	ended   bool // revoked, or a reuse was detected
	refresh string
	old     []string // refresh tokens that were rotated
	access  string
	expires time.Time
}

// token is RFC 6749's token endpoint.
func (a *AuthServer) token(w http.ResponseWriter, r *http.Request, o AuthServerOptions, form url.Values) {
	c := a.authenticated(w, r, o, form)
	if c == nil {
		return
	}
	if o.RequireResource && form.Get("resource") == "" || o.RefuseResource && form.Has("resource") {
		refuse(w, http.StatusBadRequest, "invalid_target", "the resource parameter is not as it must be")
		return
	}
	switch form.Get("grant_type") {
	case "authorization_code":
		a.exchange(w, o, c, form)
	case "refresh_token":
		a.renew(w, r, o, c, form)
	case "client_credentials":
		g := &authGrant{ask: authAsk{client: c.id, resource: form.Get("resource")}, scopes: strings.Fields(form.Get("scope"))}
		a.mu.Lock()
		a.counts.Machine++
		answer := a.issue(o, g)
		delete(a.refresh, g.refresh)
		a.mu.Unlock()
		delete(answer, "refresh_token")
		writeJSON(w, http.StatusOK, answer)
	default:
		refuse(w, http.StatusBadRequest, "unsupported_grant_type", "there is no such grant")
	}
}

// authenticated finds the client of a request and checks how it shows itself. Nil when it
// answered.
func (a *AuthServer) authenticated(w http.ResponseWriter, r *http.Request, o AuthServerOptions, form url.Values) *authClient {
	id, secret, method := form.Get("client_id"), form.Get("client_secret"), "none"
	if secret != "" {
		method = "client_secret_post"
	}
	if form.Get("client_assertion") != "" {
		method = "private_key_jwt"
	}
	if user, pass, ok := r.BasicAuth(); ok {
		method = "client_secret_basic"
		id, _ = url.QueryUnescape(user)     // RFC 6749 2.3.1
		secret, _ = url.QueryUnescape(pass) // as above
	}
	c := a.client(r.Context(), o, id)
	switch {
	case c == nil:
		refuse(w, http.StatusUnauthorized, "invalid_client", "unknown client")
		return nil
	case method != "private_key_jwt" && c.secret != secret,
		c.method != "" && c.method != method && method != "private_key_jwt",
		o.AuthMethods != nil && !slices.Contains(o.AuthMethods, method):
		refuse(w, http.StatusUnauthorized, "invalid_client", "client authentication failed")
		return nil
	}
	return c
}

func (a *AuthServer) exchange(w http.ResponseWriter, o AuthServerOptions, c *authClient, form url.Values) {
	sum := sha256.Sum256([]byte(form.Get("code_verifier")))
	a.mu.Lock()
	defer a.mu.Unlock()
	g := a.codes[form.Get("code")]
	switch {
	case g == nil || g.ask.client != c.id || g.ask.redirect != form.Get("redirect_uri"):
		refuse(w, http.StatusBadRequest, "invalid_grant", "that code was not given to this client")
		return
	case g.used:
		a.end(g) // RFC 6749 4.1.2
		refuse(w, http.StatusBadRequest, "invalid_grant", "that code was used")
		return
	case g.ask.challenge != base64.RawURLEncoding.EncodeToString(sum[:]):
		refuse(w, http.StatusBadRequest, "invalid_grant", "the verifier does not fit")
		return
	case g.ask.resource != form.Get("resource"):
		refuse(w, http.StatusBadRequest, "invalid_target", "another resource was signed in for")
		return
	}
	g.used = true
	a.counts.Exchanges++
	writeJSON(w, http.StatusOK, a.issue(o, g))
}

// renew is the refresh grant. It counts those that run at the same time.
func (a *AuthServer) renew(w http.ResponseWriter, r *http.Request, o AuthServerOptions, c *authClient, form url.Values) {
	a.mu.Lock()
	a.refreshing++
	a.counts.RefreshTries++
	a.counts.MostRefreshes = max(a.counts.MostRefreshes, a.refreshing)
	a.mu.Unlock()
	defer func() {
		a.mu.Lock()
		a.refreshing--
		a.mu.Unlock()
	}()
	if o.RefreshTime > 0 {
		wait := time.NewTimer(o.RefreshTime)
		defer wait.Stop()
		select {
		case <-wait.C:
		case <-a.ctx.Done():
		case <-r.Context().Done(): // carried out all the same
		}
	}
	given := form.Get("refresh_token")
	a.mu.Lock()
	defer a.mu.Unlock()
	g := a.refresh[given]
	switch {
	case g == nil || g.ended || g.ask.client != c.id:
		refuse(w, http.StatusBadRequest, "invalid_grant", "there is no such refresh token")
		return
	case g.refresh != given:
		a.counts.Reuses++
		if o.DetectReuse {
			a.end(g)
		}
		refuse(w, http.StatusBadRequest, "invalid_grant", "that refresh token was used before")
		return
	case o.RefuseRefreshScope && form.Has("scope"):
		refuse(w, http.StatusBadRequest, "invalid_scope", "scope is not supported here")
		return
	case form.Has("resource") && g.ask.resource != form.Get("resource"):
		refuse(w, http.StatusBadRequest, "invalid_target", "another resource was signed in for")
		return
	}
	a.counts.Refreshes++
	writeJSON(w, http.StatusOK, a.issue(o, g))
}
