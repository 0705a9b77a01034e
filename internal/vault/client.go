package vault

import (
	"context"

	"patchbay"
	"patchbay/internal/oauth"
)

// Client is the wire side of signing in to one definition; *oauth.Client is one. Methods
// may be called concurrently; those with a ctx do I/O and end with it. Errors are
// *oauth.Error.
type Client interface {
	// Bound reports whether what was signed in for still belongs to the definition.
	Bound(b oauth.Binding) bool
	// Register returns our client; of one that the operator registered, asking nobody.
	Register(ctx context.Context, d *oauth.Discovery, skipDocument bool) (*oauth.Registration, error)
	// Refresh gets a new token for a refresh token. It is called by one goroutine of one
	// process at a time for each credential.
	Refresh(ctx context.Context, b oauth.Binding, r *oauth.Registration, t *oauth.Token) (*oauth.Token, error)
	// Revoke tells the issuer that tokens are no longer wanted.
	Revoke(ctx context.Context, b oauth.Binding, r *oauth.Registration, t *oauth.Token) error

	Machine
}

// Machine is the part of Client by which the host signs in in its own name.
type Machine interface {
	Probe(ctx context.Context) (oauth.Challenge, error)
	Discover(ctx context.Context, ch oauth.Challenge) (*oauth.Discovery, error)
	SourceFor(d *oauth.Discovery, skipDocument bool) (oauth.Source, error)
	Scopes(d *oauth.Discovery, granted []string) []string
	ClientCredentials(ctx context.Context, d *oauth.Discovery, r *oauth.Registration, key *oauth.Key, scopes []string) (*oauth.Token, oauth.Binding, error)
}

var _ Client = (*oauth.Client)(nil)

// noClients is the Options.Clients of a vault that signs in nowhere.
func noClients(_ context.Context, _ *patchbay.User, s *patchbay.Server) (Client, error) {
	return nil, &patchbay.ConnectError{
		Server: s.Name, Reason: patchbay.ReasonSigninRequired, Message: "The server wants you to sign in, and this host is not set up for it.",
	}
}
