package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/store"
	"patchbay/internal/testkit/storekit"
)

const spotify = patchbay.ServerID("yaml/spotify")

func TestOneActiveFlow(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ada, bob := makeUser(t, s, "ada"), makeUser(t, s, "bob")
		got := make([]*store.Flow, 8)
		created := make([]bool, len(got))
		errs := together(len(got), func(i int) (err error) {
			got[i], created[i], err = s.CreateFlow(ctx, &store.Flow{User: ada.ID, Server: spotify, ExpiresAt: at.Add(time.Minute)}, at)
			return err
		})
		require.Empty(t, failures(errs))
		n := 0
		for i := range got {
			require.Equal(t, got[0].ID, got[i].ID, "all join the same")
			if created[i] {
				n++
			}
		}
		require.Equal(t, 1, n)
		other, fresh, err := s.CreateFlow(ctx, &store.Flow{User: bob.ID, Server: spotify, ExpiresAt: at.Add(time.Minute)}, at)
		require.NoError(t, err)
		require.True(t, fresh, "bob's is his own")
		require.NotEqual(t, got[0].ID, other.ID)
		_, _, err = s.CreateFlow(ctx, &store.Flow{User: "nobody", Server: spotify, ExpiresAt: at.Add(time.Minute)}, at)
		wantCode(t, err, patchbay.CodeNotFound)

		next, fresh, err := s.CreateFlow(ctx, &store.Flow{User: ada.ID, Server: spotify, ExpiresAt: at.Add(time.Hour)}, at.Add(time.Minute))
		require.NoError(t, err)
		require.True(t, fresh, "the one before ran out")
		old, err := s.Flow(ctx, got[0].ID)
		require.NoError(t, err)
		require.Equal(t, store.FlowFailed, old.Status)
		require.NotEmpty(t, old.Error)
		active, err := s.ActiveFlow(ctx, ada.ID, spotify, at.Add(2*time.Minute))
		require.NoError(t, err)
		require.Equal(t, next.ID, active.ID)
		all, err := s.ActiveFlows(ctx, at.Add(2*time.Minute))
		require.NoError(t, err)
		require.Len(t, all, 1)
	})
}

func TestAStateIsTakenOnce(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ada := makeUser(t, s, "ada")
		f, _, err := s.CreateFlow(ctx, &store.Flow{User: ada.ID, Server: spotify, ExpiresAt: at.Add(time.Minute)}, at)
		require.NoError(t, err)
		_, err = s.TakeFlow(ctx, "", at)
		wantCode(t, err, patchbay.CodeNotFound)
		f.StateHash, f.BrowserHash, f.Sealed, f.KeyID = "s1", "b1", "sealed", "k"
		require.NoError(t, s.UpdateFlow(ctx, f, "", at))
		f.StateHash = "s2"
		wantCode(t, s.UpdateFlow(ctx, f, "", at), patchbay.CodeStale)
		_, err = s.TakeFlow(ctx, "s1", at.Add(time.Minute))
		wantCode(t, err, patchbay.CodeNotFound)

		taken := make([]*store.Flow, 8)
		errs := together(len(taken), func(i int) (err error) {
			taken[i], err = s.TakeFlow(ctx, "s1", at)
			return err
		})
		require.Len(t, failures(errs), len(taken)-1)
		for _, f := range taken {
			if f != nil {
				require.Equal(t, store.FlowFinishing, f.Status)
				require.Equal(t, "sealed", f.Sealed)
				require.Equal(t, "b1", f.BrowserHash)
			}
		}
		wantCode(t, s.UpdateFlow(ctx, f, "s1", at), patchbay.CodeNotFound)
		_, err = s.EndFlow(ctx, f.ID, store.FlowCancelled, "", at, store.FlowPending)
		wantCode(t, err, patchbay.CodeNotFound)
		ended, err := s.EndFlow(ctx, f.ID, store.FlowCancelled, "", at, store.FlowPending, store.FlowFinishing)
		require.NoError(t, err)
		require.Empty(t, ended.Sealed, "nothing secret outlasts its use")
		by, err := s.FlowByState(ctx, "s1")
		require.NoError(t, err)
		require.Equal(t, store.FlowCancelled, by.Status)
	})
}

func TestExpireFlows(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ada, bob := makeUser(t, s, "ada"), makeUser(t, s, "bob")
		for _, u := range []*patchbay.User{ada, bob} {
			_, _, err := s.CreateFlow(ctx, &store.Flow{User: u.ID, Server: spotify, ExpiresAt: at.Add(time.Minute), StateHash: string(u.ID)}, at)
			require.NoError(t, err)
		}
		_, err := s.TakeFlow(ctx, string(bob.ID), at)
		require.NoError(t, err)
		out, err := s.ExpireFlows(ctx, at, time.Hour)
		require.NoError(t, err)
		require.Empty(t, out)
		out, err = s.ExpireFlows(ctx, at.Add(time.Minute), time.Hour)
		require.NoError(t, err)
		require.Len(t, out, 2, "what was finishing when its process ended, too")
		out, err = s.ExpireFlows(ctx, at.Add(time.Minute), time.Hour)
		require.NoError(t, err)
		require.Empty(t, out, "each is told once")
		_, err = s.ExpireFlows(ctx, at.Add(2*time.Hour), time.Hour)
		require.NoError(t, err)
		_, err = s.FlowByState(ctx, string(ada.ID))
		wantCode(t, err, patchbay.CodeNotFound)
	})
}

func TestLeases(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		ada := makeUser(t, s, "ada")
		row := &store.OAuthToken{User: ada.ID, Server: spotify, Issuer: "i", Sealed: "one", KeyID: "k", ExpiresAt: at, UpdatedAt: at}
		v, err := s.PutOAuthToken(ctx, row, "")
		require.NoError(t, err)
		lease := func(owner string, version int64, d time.Duration) bool {
			t.Helper()
			ok, err := s.LeaseOAuthToken(ctx, ada.ID, spotify, version, owner, d)
			require.NoError(t, err)
			return ok
		}
		won := make([]bool, 8)
		errs := together(len(won), func(i int) (err error) {
			won[i], err = s.LeaseOAuthToken(ctx, ada.ID, spotify, v, "p/"+string(rune('a'+i)), time.Minute)
			return err
		})
		require.Empty(t, failures(errs))
		n, owner := 0, ""
		for i, ok := range won {
			if ok {
				n++
				owner = "p/" + string(rune('a'+i))
			}
		}
		require.Equal(t, 1, n)
		require.True(t, lease(owner, v, time.Minute), "made longer")
		require.False(t, lease("p/z", v, time.Minute))
		require.Equal(t, !s.Shared(), lease("q/z", v, 0), "another process on SQLite has ended")
		require.NoError(t, s.ReleaseOAuthToken(ctx, ada.ID, spotify, "q/z"))
		require.NoError(t, s.ReleaseOAuthToken(ctx, ada.ID, spotify, owner))
		require.True(t, lease("p/z", v, -time.Second), "given back")
		require.True(t, lease("p/y", v, time.Minute), "run out")
		require.False(t, lease("p/y", v+1, time.Minute))

		row.Sealed, row.Version = "two", v
		ok, err := s.CommitOAuthToken(ctx, row)
		require.NoError(t, err)
		require.True(t, ok)
		ok, err = s.CommitOAuthToken(ctx, row)
		require.NoError(t, err)
		require.False(t, ok, "the version is another")
		got, err := s.OAuthToken(ctx, ada.ID, spotify)
		require.NoError(t, err)
		require.Equal(t, "two", got.Sealed)
		require.Equal(t, v+1, got.Version)
		require.Empty(t, got.LeaseOwner)

		again, err := s.PutOAuthToken(ctx, row, "")
		require.NoError(t, err)
		require.Greater(t, again, v+1)
		require.NoError(t, s.DeleteOAuthToken(ctx, ada.ID, spotify, v))
		_, err = s.OAuthToken(ctx, ada.ID, spotify)
		require.NoError(t, err, "only that version")
		require.NoError(t, s.DeleteOAuthToken(ctx, ada.ID, spotify, 0))
		anew, err := s.PutOAuthToken(ctx, row, "")
		require.NoError(t, err)
		require.Greater(t, anew, v+1, "who refreshes what was there does not find its version")
		require.NoError(t, s.DeleteServerOAuth(ctx, spotify))
		_, err = s.OAuthToken(ctx, ada.ID, spotify)
		wantCode(t, err, patchbay.CodeNotFound)
	})
}
