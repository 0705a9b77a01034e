package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"net/url"
	"os"
	"time"

	"patchbay"
	"patchbay/internal/conn"
	"patchbay/internal/expand"
	"patchbay/internal/flow"
	"patchbay/internal/netguard"
	"patchbay/internal/oauth"
	"patchbay/internal/registry"
	"patchbay/internal/seal"
	"patchbay/internal/store"
	"patchbay/internal/tools"
	"patchbay/internal/transport"
	"patchbay/internal/vault"
)

// base is where the host would be; nothing listens there, since the follower of redirects
// hands what comes back to flow itself.
const base = "http://localhost:3080"

// clientDocument is the client id that the suite expects of who has a metadata document.
const clientDocument = "https://conformance-test.local/client-metadata.json"

// house is the part of the product that meets MCP servers.
type house struct {
	dir     string
	store   *store.Store
	vault   *vault.Vault
	guard   *netguard.Guard
	factory *transport.Factory
	conns   *conn.Pool
	tools   *tools.Service
	flows   *flow.Service

	registry *registry.Registry
	person   patchbay.Actor
	issuer   string     // that the operator names
	key      *oauth.Key // that the host shows itself with in its own name
}

// keyed is a wire client of an operator who gave a key in place of a secret.
type keyed struct {
	*oauth.Client
	key *oauth.Key
}

// Register returns the operator's client, which shows itself by the key.
func (k keyed) Register(ctx context.Context, d *oauth.Discovery, skipDocument bool) (*oauth.Registration, error) {
	r, err := k.Client.Register(ctx, d, skipDocument)
	if err == nil {
		r.AuthMethod = oauth.AuthPrivateKeyJWT
	}
	return r, err
}

// ClientCredentials signs with the key.
func (k keyed) ClientCredentials(ctx context.Context, d *oauth.Discovery, r *oauth.Registration, _ *oauth.Key, scopes []string) (*oauth.Token, oauth.Binding, error) {
	return k.Client.ClientCredentials(ctx, d, r, k.key, scopes)
}

func newHouse(ctx context.Context, server *patchbay.Server, issuer string) (*house, error) {
	h := &house{registry: registry.New(), issuer: issuer}
	err := h.build(ctx)
	if err != nil {
		h.close()
		return nil, err
	}
	h.registry.Replace([]*patchbay.Server{server}, registry.Rules{})
	return h, nil
}

func (h *house) build(ctx context.Context) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	if h.dir, err = os.MkdirTemp("", "patchbay-conformance-"); err != nil {
		return err
	}
	if h.store, err = store.Open(ctx, store.Options{DataDir: h.dir, Logger: log}); err != nil {
		return err
	}
	key := make([]byte, seal.KeySize)
	_, _ = rand.Read(key) // never fails
	box, err := seal.New(key)
	if err != nil {
		return err
	}
	h.vault, err = vault.New(vault.Options{Store: h.store, Box: box, Logger: log, Clients: func(ctx context.Context, u *patchbay.User, s *patchbay.Server) (vault.Client, error) {
		c, err := h.Client(ctx, u, s, flow.Address{}, nil)
		if err != nil || h.key == nil {
			return c, err
		}
		return keyed{c, h.key}, nil
	}})
	if err != nil {
		return err
	}
	if h.guard, err = netguard.New(netguard.Policy{}); err != nil {
		return err
	}
	h.factory, err = transport.NewFactory(transport.Options{Guard: func() transport.Guard { return h.guard }, Logger: log, UserAgent: "patchbay/conformance"})
	if err != nil {
		return err
	}
	h.conns = conn.New(ctx, conn.Options{
		Opener: h.factory, Values: h.values, Logger: log, Version: patchbay.Version, Credentials: credentials{h.vault}, Question: acceptAll,
	})
	h.tools, err = tools.New(tools.Options{Registry: h.registry, Connections: h.conns, Sealer: box, Meter: noMeter{}, Logger: log})
	if err != nil {
		return err
	}
	h.flows, err = flow.New(ctx, flow.Options{
		Rows: h.store, Vault: h.vault, Clients: h, Servers: h.registry, Connections: opener{h},
		Changed: func(patchbay.UserID, patchbay.ServerID) {}, Public: func() string { return "" }, Secrets: [][]byte{key}, Logger: log,
	})
	if err != nil {
		return err
	}
	user := &patchbay.User{Email: "conformance@example.test", Name: "Conformance", Username: "conformance", Role: patchbay.RoleUser, Provider: "email", Source: "local"}
	if err := h.store.CreateUser(ctx, user, ""); err != nil {
		return err
	}
	h.person = patchbay.Actor{User: user, Kind: patchbay.ActorUser, Door: patchbay.DoorWeb}
	return nil
}

func (h *house) close() {
	if h.flows != nil {
		h.flows.Close()
	}
	if h.conns != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		h.conns.Close(ctx)
		cancel()
	}
	if h.factory != nil {
		h.factory.Close()
	}
	if h.vault != nil {
		h.vault.Close()
	}
	if h.store != nil {
		_ = h.store.Close() // it is thrown away
	}
	_ = os.RemoveAll(h.dir)
}

func (h *house) values(_ context.Context, t conn.Target) (expand.Values, error) {
	return expand.Values{User: t.User, Body: t.Body}, nil
}

// Client is the product's wire client, for addresses that the operator wrote.
func (h *house) Client(_ context.Context, user *patchbay.User, server *patchbay.Server, at flow.Address, observe func(oauth.Step)) (*oauth.Client, error) {
	ep, err := expand.Server(server, expand.Values{User: user})
	if err != nil {
		return nil, err
	}
	o := oauth.Options{
		HTTP: oauth.Through(h.guard, ep.URL, ep.Trust, nil), URL: ep.URL, Trust: ep.Trust, Block: server.OAuth,
		RedirectURI: at.RedirectURI, ClientDocument: clientDocument, Observe: observe, Issuer: h.issuer,
	}
	return oauth.New(o)
}

// credentials is the view that connections have of the vault.
type credentials struct{ vault *vault.Vault }

// Source returns where the token of a connection comes from.
func (c credentials) Source(ctx context.Context, t conn.Target) (conn.Source, error) {
	s, err := c.vault.Source(ctx, t.User, t.Server)
	if err != nil || s == nil {
		return nil, err
	}
	return s, nil
}

// opener is what flow does with connections. The scenario connects for itself.
type opener struct{ h *house }

// Connect leaves the connecting to the scenario.
func (opener) Connect(context.Context, patchbay.Actor, *patchbay.Server) error { return nil }

// Cancel ends a connect that is under way.
func (o opener) Cancel(user patchbay.UserID, s *patchbay.Server) {
	o.h.conns.Cancel(conn.UserKey(user, s.ID))
}

// Close closes a connection.
func (o opener) Close(user patchbay.UserID, s *patchbay.Server) {
	o.h.conns.CloseKey(conn.UserKey(user, s.ID))
}

type noMeter struct{}

// CallDone counts nothing.
func (noMeter) CallDone(string, string, time.Duration) {}

// acceptAll is a person who leaves every field of a question as it is.
func acceptAll(context.Context, conn.Key, json.RawMessage) (json.RawMessage, error) {
	return json.RawMessage(`{"action":"accept","content":{}}`), nil
}

// definition is the server as an operator would write it.
func definition(address string, s scenario) (*patchbay.Server, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil, errors.New("the last argument is not a URL")
	}
	everyone := []patchbay.Grantee{{Kind: patchbay.GranteeEveryone}}
	def := &patchbay.Server{
		ID: patchbay.YAMLServerID("target"), Name: "target", Source: patchbay.SourceYAML, Hash: "1",
		Transport: patchbay.TransportHTTP, URL: address, ForcedLevel: patchbay.LevelUser,
		CallTimeout: 15 * time.Second, ConnectTimeout: 15 * time.Second, SSEReadTimeout: time.Minute,
		Access: patchbay.Access{View: everyone, Use: everyone},
	}
	if s.ClientID != "" {
		def.OAuth = &patchbay.OAuthConfig{ClientID: s.ClientID, ClientSecret: s.ClientSecret, SendResource: true}
		if s.machine() {
			def.OAuth.GrantTypes = []string{"client_credentials"}
		}
	}
	return def, nil
}
