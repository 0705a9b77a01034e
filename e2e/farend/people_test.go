package farend_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"patchbay"
	"patchbay/internal/auth"
	"patchbay/internal/client"
	"patchbay/internal/store"
	"patchbay/internal/testkit/hostkit"
)

// person is an account with an API token.
type person struct {
	name, token string
	admin       bool
	*client.Client
}

// seed writes accounts and tokens into a data folder that no instance has open.
func seed(t *testing.T, data string, n int) []string {
	t.Helper()
	if err := os.MkdirAll(data, 0o700); err != nil {
		t.Fatal(err)
	}
	return hostkit.Seed(t, store.Options{DataDir: data}, n, auth.MintAPIToken)
}

func (p *place) people() []*person {
	all := make([]*person, len(p.tokens))
	for i, token := range p.tokens {
		all[i] = &person{name: hostkit.PersonName(i), token: token, admin: i == 0}
	}
	return all
}

func (p *person) connect(t *testing.T, address string) {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	c, err := client.New(client.Options{BaseURL: address, Token: p.token, HTTPClient: &http.Client{Transport: transport}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(transport.CloseIdleConnections)
	p.Client = c
}

// call calls a tool with arguments in JSON.
func (p *person) call(ctx context.Context, server, tool, args string) (json.RawMessage, error) {
	return p.Call(ctx, client.CallRequest{Server: server, Tool: tool, Args: json.RawMessage(args)})
}

// status is what the person is shown of a server.
func (p *person) status(t *testing.T, server string) patchbay.Status {
	t.Helper()
	all, err := p.Status(t.Context())
	if err != nil {
		t.Fatalf("status: %v", err)
	}
	return all[server].Status
}

// settles waits until a server shows a status, and a reason when one is given.
func (p *person) settles(t *testing.T, server string, limit time.Duration, status patchbay.StatusName, reason patchbay.Reason) patchbay.Status {
	t.Helper()
	var now patchbay.Status
	if !patiently(limit, func() bool {
		now = p.status(t, server)
		return now.Status == status && now.Reason == reason
	}) {
		t.Errorf("%s: status %s, reason %q (%s), want %s, %q", server, now.Status, now.Reason, now.Message, status, reason)
	}
	return now
}

// answer is one raw answer of the REST door.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// state reads GET /api/mcp/config as an administrator.
func (in *instance) state(t *testing.T) (ok bool, message string) {
	t.Helper()
	raw, err := in.users[0].Config(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		OK      bool   `json:"ok"`
		Message string `json:"message"`
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		t.Fatal(err)
	}
	return s.OK, s.Message
}

// envFile is the `.env` beside the configuration.
func (p *place) envFile() string { return filepath.Join(p.dir, ".env") }
