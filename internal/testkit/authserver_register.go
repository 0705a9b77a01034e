package testkit

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// register is RFC 7591.
func (a *AuthServer) register(w http.ResponseWriter, o AuthServerOptions, body []byte) {
	var ask struct {
		Redirects []string `json:"redirect_uris"`
		Grants    []string `json:"grant_types"`
		Method    string   `json:"token_endpoint_auth_method"`
	}
	if json.Unmarshal(body, &ask) != nil || (len(ask.Redirects) == 0 && !slices.Contains(ask.Grants, "client_credentials")) {
		refuse(w, http.StatusBadRequest, "invalid_redirect_uri", "redirect_uris are missing")
		return
	}
	if ask.Method == "" {
		ask.Method = "client_secret_basic"
	}
	if o.AuthMethods != nil && !slices.Contains(o.AuthMethods, ask.Method) {
		refuse(w, http.StatusBadRequest, "invalid_client_metadata", "that token_endpoint_auth_method is not supported")
		return
	}
	c := &authClient{id: "fake-client-" + rand.Text()[:10], method: ask.Method, redirects: ask.Redirects}
	answer := map[string]any{"client_id": c.id, "redirect_uris": ask.Redirects, "token_endpoint_auth_method": c.method, "grant_types": ask.Grants}
	if c.method != "none" {
		c.secret = "fake-client-secret-" + rand.Text()
		answer["client_secret"], answer["client_secret_expires_at"] = c.secret, 0
	}
	a.mu.Lock()
	a.clients[c.id] = c
	a.counts.Registrations++
	a.mu.Unlock()
	writeJSON(w, http.StatusCreated, answer)
}

// client finds a client by its id: registered, of the options, or a document.
func (a *AuthServer) client(ctx context.Context, o AuthServerOptions, id string) *authClient {
	a.mu.Lock()
	c := a.clients[id]
	a.mu.Unlock()
	if c != nil {
		return c
	}
	if secret, ok := o.Clients[id]; ok {
		return &authClient{id: id, secret: secret}
	}
	if o.ClientDocuments && (strings.HasPrefix(id, "https://") || strings.HasPrefix(id, "http://127.0.0.1")) {
		return clientDocument(ctx, id)
	}
	return nil
}

// clientDocument reads a client-id metadata document that is on this machine; of others it
// believes that they are fine. Nil when the document is not about id.
func clientDocument(ctx context.Context, id string) *authClient {
	c := &authClient{id: id, method: "none"}
	u, err := url.Parse(id)
	if err != nil || u.Hostname() != "127.0.0.1" {
		return c
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, id, nil)
	if err != nil {
		return nil
	}
	tr := &http.Transport{DisableKeepAlives: true}
	resp, err := tr.RoundTrip(req)
	if err != nil {
		return nil
	}
	defer resp.Body.Close()
	var doc struct {
		ID        string   `json:"client_id"`
		Redirects []string `json:"redirect_uris"`
	}
	if json.NewDecoder(http.MaxBytesReader(nil, resp.Body, 64<<10)).Decode(&doc) != nil || doc.ID != id || len(doc.Redirects) == 0 {
		return nil
	}
	c.redirects = doc.Redirects
	return c
}
