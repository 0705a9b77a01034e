package servers_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/seal"
	"patchbay/internal/servers"
	"patchbay/internal/store"
	"patchbay/internal/testkit/storekit"
)

type noCredentials struct{}

func (noCredentials) DeleteServer(context.Context, patchbay.ServerID) error { return nil }

func service(t *testing.T, s *store.Store, keys ...[]byte) *servers.Service {
	t.Helper()
	box, err := seal.New(keys[0], keys[1:]...)
	require.NoError(t, err)
	svc, err := servers.New(servers.Options{
		Store: s, Box: box, Vault: noCredentials{}, Policy: func() servers.Policy { return servers.Policy{Create: true} },
		Taken: func(string) bool { return false }, Check: func(*url.URL) error { return nil },
		Changed: func(context.Context) error { return nil }, Logger: slog.New(slog.DiscardHandler), Now: time.Now,
	})
	require.NoError(t, err)
	return svc
}

// TestRotateServers: after a change of keys, definitions open with the new key alone.
func TestRotateServers(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		old, current := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
		u := &patchbay.User{Email: "ada@example.test", Name: "Ada", Username: "ada", Role: patchbay.RoleUser, Provider: "email"}
		require.NoError(t, s.CreateUser(ctx, u, ""))
		actor := patchbay.Actor{Kind: patchbay.ActorUser, User: u}
		def, err := service(t, s, old).Create(ctx, actor, []byte(`{"title":"My notes","url":"https://mcp.example.com","headers":{"X-Key":"fake-key"}}`))
		require.NoError(t, err)
		require.Equal(t, "my-notes", def.Name)

		set, err := service(t, s, current).All(ctx)
		require.NoError(t, err)
		require.Empty(t, set.Servers, "the key is another one")
		n, err := service(t, s, current, old).Rotate(ctx)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		set, err = service(t, s, current).All(ctx)
		require.NoError(t, err)
		require.Len(t, set.Servers, 1)
		require.Equal(t, "fake-key", set.Servers[0].Headers["X-Key"])
		require.Equal(t, u.ID, set.Servers[0].Author)
	})
}
