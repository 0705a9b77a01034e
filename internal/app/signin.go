package app

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"patchbay"
	"patchbay/internal/conn"
	"patchbay/internal/doctor"
	"patchbay/internal/expand"
	"patchbay/internal/flow"
	"patchbay/internal/netguard"
	"patchbay/internal/oauth"
	"patchbay/internal/status"
	"patchbay/internal/tools"
	"patchbay/internal/vault"
)

// clients makes the wire clients of signing in, from definitions and what fills them.
type clients struct {
	now    *atomic.Pointer[settings]
	values func(ctx context.Context, t conn.Target) (expand.Values, error)
}

var _ flow.Clients = clients{}

// Client returns the wire client of a definition for a person; user is nil for what the
// host does in its own name.
func (c clients) Client(ctx context.Context, user *patchbay.User, server *patchbay.Server, at flow.Address, observe func(oauth.Step)) (*oauth.Client, error) {
	key := conn.AppKey(server.ID)
	if user != nil {
		key = conn.UserKey(user.ID, server.ID)
	}
	v, err := c.values(ctx, conn.Target{Key: key, Server: server, User: user})
	if err != nil {
		return nil, err
	}
	ep, err := expand.Server(server, v)
	if err != nil {
		return nil, err
	}
	block, err := expand.OAuth(server, v)
	if err != nil {
		return nil, err
	}
	s := c.now.Load()
	o := oauth.Options{
		HTTP: oauth.Through(s.guard, ep.URL, ep.Trust, ep.Proxy), URL: ep.URL, Trust: ep.Trust, Block: block, Header: ep.OAuthHeader,
		RedirectURI: at.RedirectURI, ClientDocument: at.ClientDocument, Observe: observe,
	}
	if block != nil && block.Provider != "" {
		name := "OAUTH_" + strings.ToUpper(block.Provider)
		o.PresetClientID, _ = s.env.Lookup(name + "_CLIENT_ID")
		o.PresetClientSecret, _ = s.env.Lookup(name + "_CLIENT_SECRET")
	}
	return oauth.New(o)
}

// forVault is the view that the vault has of clients: to refresh and to revoke.
func (c clients) forVault(ctx context.Context, user *patchbay.User, server *patchbay.Server) (vault.Client, error) {
	return c.Client(ctx, user, server, flow.Address{}, nil)
}

// opener is what flow does with connections.
type opener struct {
	tools *tools.Service
	conns *conn.Pool
}

var _ flow.Connections = opener{}

// Connect opens the actor's connection anew.
func (o opener) Connect(ctx context.Context, a patchbay.Actor, server *patchbay.Server) error {
	return o.tools.Connect(ctx, a, server)
}

// Cancel ends the person's connect that is under way.
func (o opener) Cancel(user patchbay.UserID, server *patchbay.Server) {
	o.conns.Cancel(conn.UserKey(user, server.ID))
}

// Close closes the person's connection.
func (o opener) Close(user patchbay.UserID, server *patchbay.Server) {
	o.conns.CloseKey(conn.UserKey(user, server.ID))
}

// signIns is what statuses tell of sign-ins. Statuses are built before flows.
type signIns struct{ a *App }

var _ status.SignIns = signIns{}

// Pending says where a person's sign-in stands.
func (s signIns) Pending(user patchbay.UserID, server patchbay.ServerID) (patchbay.FlowPhase, time.Time, string) {
	f := s.a.flows.Facts(user, server)
	return f.Phase, f.Since, f.Problem
}

// Missing says whether a server that is known to want a sign-in has none of the person's.
func (s signIns) Missing(ctx context.Context, user patchbay.UserID, server *patchbay.Server) (patchbay.Reason, error) {
	wants := server.OAuth != nil || server.RequiresOAuth != nil && *server.RequiresOAuth
	if !wants || !expand.MaySignIn(server) || expand.OwnName(server) {
		return patchbay.ReasonNone, nil
	}
	info, err := s.a.vault.TokenInfo(ctx, user, server.ID)
	if err != nil {
		return patchbay.ReasonNone, err
	}
	switch info.State {
	case vault.TokenNone:
		return patchbay.ReasonSigninRequired, nil
	case vault.TokenExpired:
		return patchbay.ReasonSigninExpired, nil
	}
	return patchbay.ReasonNone, nil
}

// Held says since when a person has their token, and when only a new sign-in will help.
func (s signIns) Held(ctx context.Context, user patchbay.UserID, server *patchbay.Server) (since, ends time.Time, err error) {
	if !expand.MaySignIn(server) || expand.OwnName(server) {
		return since, ends, nil
	}
	info, err := s.a.vault.TokenInfo(ctx, user, server.ID)
	if err != nil || info.State != vault.TokenLive {
		return since, ends, err
	}
	if !info.Refreshable {
		ends = info.ExpiresAt
	}
	return info.Since, ends, nil
}

// relearnSignIns gives each person a connection of their own to the servers that somebody
// has signed in to before the start.
func (a *App) relearnSignIns(ctx context.Context) error {
	ids, err := a.store.OAuthServers(ctx)
	if err != nil {
		return err
	}
	for _, id := range ids {
		a.registry.SignInNeeded(id)
	}
	a.keepConnections()
	return nil
}

// buildFlows builds what keeps sign-ins.
func (a *App) buildFlows(ctx context.Context) error {
	var err error
	a.flows, err = flow.New(ctx, flow.Options{
		Rows: a.store, Vault: a.vault, Clients: a.clients(), Servers: a.registry,
		Connections: opener{a.tools, a.conns}, Changed: func(user patchbay.UserID, server patchbay.ServerID) { a.status.SignInChanged(user, server) },
		Public: a.publicBase, Secrets: a.documentSecrets(), Logger: a.log,
	})
	return err
}

// buildDoctor builds what examines servers.
func (a *App) buildDoctor() error {
	var err error
	a.doctor, err = doctor.New(doctor.Options{
		Values: values{now: &a.now, vault: a.vault}.of, Guard: func() *netguard.Guard { return a.now.Load().guard },
		Tokens: a.vault, Facts: a.conns, Connect: a.tools.Connect,
		Client: func(ctx context.Context, user *patchbay.User, server *patchbay.Server, base string, observe func(oauth.Step)) (*oauth.Client, error) {
			return a.clients().Client(ctx, user, server, a.flows.Address(server, base), observe)
		},
	})
	return err
}

func (a *App) clients() clients {
	return clients{now: &a.now, values: values{now: &a.now, vault: a.vault}.of}
}

// publicBase is the https address under which the internet reaches us, when the operator
// says that it does.
func (a *App) publicBase() string {
	u := a.proc.PublicURL
	if u == nil || u.Scheme != "https" || !a.now.Load().public {
		return ""
	}
	return strings.TrimRight((&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String(), "/")
}

// documentSecrets derive the addresses of client-id metadata documents: from our keys, so
// that they outlast a restart, and a change of keys as long as the old ones are given.
func (a *App) documentSecrets() [][]byte {
	secrets := make([][]byte, 0, 1+len(a.keys))
	for _, key := range a.keys {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte("patchbay client documents"))
		secrets = append(secrets, mac.Sum(nil))
	}
	return secrets
}

// connectionChanged follows what happened to a connection: a shared one that was refused
// for want of a sign-in makes its server one that each person signs in to.
func (a *App) connectionChanged(k conn.Key) {
	if k.Level() == patchbay.LevelApp {
		a.learnSignIn(k)
	}
	a.status.Changed(k)
}

func (a *App) learnSignIn(k conn.Key) {
	f := a.conns.Facts(k)
	if f.Phase != patchbay.PhaseFailed || f.Err == nil || f.Err.Reason != patchbay.ReasonSigninRequired {
		return
	}
	srv, ok := a.registry.ByID(k.Server())
	if !ok || !expand.MaySignIn(srv) {
		return
	}
	news := a.registry.SignInNeeded(srv.ID)
	if news || srv.Level != patchbay.LevelApp {
		a.keepConnections()
		a.conns.CloseKey(k)
	}
	if news {
		a.log.Info("People sign in to this server: each has a connection of their own", "server", srv.Name)
		a.bus.Publish(patchbay.Event{Kind: patchbay.EventConfig, Server: srv.ID, Data: patchbay.ConfigEvent{
			OK: true, Path: a.state.ConfigState().Path, Message: "People sign in to " + srv.Name + ".",
		}})
	}
}
