package testkit

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// issue gives a grant new tokens. a.mu is held.
func (a *AuthServer) issue(o AuthServerOptions, g *authGrant) map[string]any {
	life := o.TokenLife
	if life == 0 {
		life = time.Hour
	}
	g.expires = time.Now().Add(life)
	delete(a.access, g.access)
	g.access = "fake-access-" + rand.Text()
	if o.JWT {
		g.access = a.jwt(o, g)
	}
	a.access[g.access] = g
	kind := o.TokenType
	if kind == "" {
		kind = "Bearer"
	}
	answer := map[string]any{"access_token": g.access, "token_type": kind}
	if len(g.scopes) > 0 {
		answer["scope"] = strings.Join(g.scopes, " ")
	}
	if !o.NoExpiry {
		answer["expires_in"] = int(max(1, life/time.Second))
	}
	if !o.NoRefresh && (g.refresh == "" || o.Rotate) {
		if g.refresh != "" {
			g.old = append(g.old, g.refresh)
		}
		g.refresh = "fake-refresh-" + rand.Text()
		a.refresh[g.refresh] = g
		answer["refresh_token"] = g.refresh
	}
	return answer
}

// jwt makes an access token that says itself what it is for. It is signed, so that nobody
// takes it for one without a signature.
func (a *AuthServer) jwt(o AuthServerOptions, g *authGrant) string {
	enc := func(v any) string {
		raw, err := json.Marshal(v)
		if err != nil {
			panic(err) // strings and numbers always encode
		}
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	input := enc(map[string]string{"alg": "HS256", "typ": "at+jwt"}) + "." + enc(map[string]any{
		"iss": a.server.URL + o.Path, "aud": g.ask.resource, "client_id": g.ask.client, "scope": strings.Join(g.scopes, " "),
		"exp": g.expires.Unix(), "jti": "fake-access-" + rand.Text(),
	})
	mac := hmac.New(sha256.New, a.key)
	mac.Write([]byte(input))
	return input + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// end ends a grant and its tokens. a.mu is held.
func (a *AuthServer) end(g *authGrant) {
	g.ended = true
	delete(a.access, g.access)
}

// revoke is RFC 7009.
func (a *AuthServer) revoke(w http.ResponseWriter, r *http.Request, o AuthServerOptions, form url.Values) {
	c := a.authenticated(w, r, o, form)
	if c == nil {
		return
	}
	token := form.Get("token")
	a.mu.Lock()
	defer a.mu.Unlock()
	if g := a.refresh[token]; g != nil && g.ask.client == c.id {
		a.end(g)
	}
	if g := a.access[token]; g != nil && g.ask.client == c.id {
		delete(a.access, token)
	}
	a.counts.Revocations++
	w.WriteHeader(http.StatusOK)
}

// introspect is RFC 7662, for protected servers elsewhere; it asks for no credentials.
func (a *AuthServer) introspect(w http.ResponseWriter, form url.Values) {
	t, ok := a.Introspect(form.Get("token"))
	if !ok {
		writeJSON(w, http.StatusOK, map[string]any{"active": false})
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"active": true, "client_id": t.Client, "scope": strings.Join(t.Scopes, " "), "aud": t.Resource, "exp": t.ExpiresAt.Unix(),
	})
}

// IssuedToken is what an AuthServer knows of one of its access tokens.
type IssuedToken struct {
	Client, Resource string
	Scopes           []string
	ExpiresAt        time.Time
}

// Introspect returns what an access token is good for; ok is false when it is good for
// nothing.
func (a *AuthServer) Introspect(token string) (t IssuedToken, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.counts.Introspections++
	g := a.access[token]
	if g == nil || g.ended || !time.Now().Before(g.expires) {
		return IssuedToken{}, false
	}
	return IssuedToken{Client: g.ask.client, Resource: g.ask.resource, Scopes: slices.Clone(g.scopes), ExpiresAt: g.expires}, true
}
