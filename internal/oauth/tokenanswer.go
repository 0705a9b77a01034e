package oauth

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Bounds of a token.
const (
	maxToken = 16 << 10
	maxLife  = 10 * 365 * 24 * time.Hour
)

// number is a JSON number, or a string that holds one, as some servers write it.
type number float64

// UnmarshalJSON implements json.Unmarshaler.
func (n *number) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseFloat(strings.Trim(string(b), `"`), 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		v = 0
	}
	*n = number(min(max(v, -1), 1<<53))
	return nil
}

// tokenAnswer is RFC 6749 5.1.
type tokenAnswer struct {
	Access    string `json:"access_token"`
	Type      string `json:"token_type"`
	Refresh   string `json:"refresh_token"`
	Scope     list   `json:"scope"`
	ExpiresIn number `json:"expires_in"`
}

// oauthError is RFC 6749 5.2.
type oauthError struct {
	Code        string `json:"error"`
	Description string `json:"error_description"`
}

// unform turns a form into JSON: some servers answer in one, whatever was asked for.
func unform(r *reply) []byte {
	media, _, err := mime.ParseMediaType(r.header.Get("Content-Type"))
	if err != nil || (media != "application/x-www-form-urlencoded" && media != "text/plain") || looksJSON(r.body) {
		return r.body
	}
	q, err := url.ParseQuery(string(r.body))
	if err != nil || (!q.Has("access_token") && !q.Has("error")) {
		return r.body
	}
	flat := map[string]string{}
	for name := range q {
		flat[name] = q.Get(name)
	}
	b, err := json.Marshal(flat)
	if err != nil {
		return r.body
	}
	return b
}

// readToken turns a successful answer into a token. The error is a clause.
func (c *Client) readToken(body []byte, issued time.Time) (*Token, error) {
	var a tokenAnswer
	if err := decode(body, &a); err != nil {
		return nil, err
	}
	switch {
	case a.Access == "":
		return nil, fmt.Errorf("it holds no access token")
	case len(a.Access) > maxToken || len(a.Refresh) > maxToken:
		return nil, fmt.Errorf("a token in it is longer than %d bytes", maxToken)
	case !headerSafe(a.Access):
		return nil, fmt.Errorf("its access token holds characters that a header cannot carry")
	case !printable(a.Refresh):
		return nil, fmt.Errorf("its refresh token holds characters that are not allowed")
	case a.Type != "" && !strings.EqualFold(a.Type, "bearer"):
		return nil, fmt.Errorf("its token is of type %s, and only bearer tokens can be used", strconv.Quote(clip(a.Type, 40)))
	}
	t := &Token{Access: a.Access, Refresh: a.Refresh, Type: "Bearer", Issued: issued, Scopes: c.grantedScopes(a.Scope)}
	switch life := float64(a.ExpiresIn); {
	case life >= 1:
		t.ExpiresAt = issued.Add(time.Duration(min(life, maxLife.Seconds())) * time.Second)
	default:
		t.ExpiresAt = jwtExpiry(a.Access, issued)
	}
	return t, nil
}

func (c *Client) grantedScopes(said list) []string {
	if c.preset != nil && c.preset.commas {
		return readScopes(strings.ReplaceAll(strings.Join(said, " "), ",", " "))
	}
	return readScopes(strings.Join(said, " "))
}

// headerSafe reports whether a token can stand in a header as it is: visible ASCII.
func headerSafe(s string) bool {
	return !slices.ContainsFunc([]byte(s), func(b byte) bool { return b <= ' ' || b > 0x7e })
}

// jwtExpiry reads when a token that happens to be a JWT ends. It is not verified: it only
// says when to ask for a new one. Zero when it is none, or says nothing sensible.
func jwtExpiry(token string, issued time.Time) time.Time {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return time.Time{}
	}
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	var claims struct {
		Expires number `json:"exp"`
	}
	if err != nil || decode(raw, &claims) != nil || claims.Expires < 1 {
		return time.Time{}
	}
	at := time.Unix(int64(claims.Expires), 0).UTC()
	if at.Before(issued) || at.Sub(issued) > maxLife {
		return time.Time{}
	}
	return at
}

// isRefusal reports whether an answer is no token: by its status, or by an error in it,
// which some servers send with status 200.
func isRefusal(status int, said oauthError) bool {
	return status < 200 || status > 299 || status == http.StatusNoContent || said.Code != ""
}
