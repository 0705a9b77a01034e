package auth_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/auth"
	"patchbay/internal/store"
	"patchbay/internal/testkit/storekit"
)

func TestForeignTokensAreRefused(t *testing.T) {
	h := newHouse(t, storekit.SQLite(t), nil)
	h.add(t, "ada", "")
	good, _ := h.login(t, "ada")
	for _, token := range []string{
		"", "x", "Bearer " + good, good[:len(good)-1], good + "x", good + "\n", "pbt_" + good[4:], "pbo_" + good[4:], "PBL_" + good[4:],
		"pbl_" + strings.Repeat("A", 43), "pbt_" + strings.Repeat("'", 43), strings.Repeat("x", 1<<20), strings.Repeat("\x00", 47),
	} {
		h.refused(t, token)
	}
	h.actor(t, good)
}

// TestMemoryAnswers pins that an authenticated call does not touch the database.
func TestMemoryAnswers(t *testing.T) {
	s, err := store.Open(t.Context(), store.Options{DataDir: t.TempDir()})
	require.NoError(t, err)
	h := newHouse(t, s, nil)
	h.add(t, "ada", "")
	token, _ := h.login(t, "ada")
	require.NoError(t, s.Close())
	for range 3 {
		h.actor(t, token)
		h.clock.add(10 * time.Second)
	}
	_, err = h.Authenticate(t.Context(), "pbl_"+strings.Repeat("A", 43))
	wantCode(t, err, patchbay.CodeUnavailable)
}

// TestRevokedElsewhere pins the two seconds across replicas, and that a database that
// is away does not keep a revoked token alive.
func TestRevokedElsewhere(t *testing.T) {
	url := storekit.PostgresURL(t)
	s, err := store.Open(t.Context(), store.Options{DatabaseURL: url})
	require.NoError(t, err)
	here := newHouse(t, s, nil)
	there := newHouse(t, storekit.Open(t, store.Options{DatabaseURL: url}), nil)
	here.add(t, "ada", "")
	here.add(t, "bob", "")
	token, a := here.login(t, "ada")
	second, _ := here.login(t, "ada")
	bob, _ := here.login(t, "bob")
	there.actor(t, token)

	require.NoError(t, there.Logout(t.Context(), a))
	there.refused(t, token)
	here.clock.add(2 * time.Second)
	here.refused(t, token)
	here.actor(t, second)
	here.actor(t, bob)

	require.NoError(t, there.SetDisabled(t.Context(), shell, a.User.ID, true))
	here.clock.add(time.Second) // the first who comes now asks
	here.refused(t, second)
	here.actor(t, bob)

	require.NoError(t, s.Close())
	here.clock.add(1500 * time.Millisecond)
	here.actor(t, bob)
	here.clock.add(500 * time.Millisecond)
	_, err = here.Authenticate(t.Context(), bob)
	wantCode(t, err, patchbay.CodeUnavailable)
}

// TestRevokeRace logs out while others authenticate: after Logout returned, nobody
// gets in, whatever was being read meanwhile.
func TestRevokeRace(t *testing.T) {
	h := newHouse(t, storekit.SQLite(t), nil)
	h.add(t, "ada", "")
	for range 20 {
		token, a := h.login(t, "ada")
		require.NoError(t, h.EndOtherLogins(t.Context(), a)) // empties the memory
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 20 {
					if _, err := h.Authenticate(t.Context(), token); err != nil && patchbay.CodeOf(err) != patchbay.CodeUnauthenticated {
						t.Error(err)
					}
				}
			})
		}
		require.NoError(t, h.Logout(t.Context(), a))
		h.refused(t, token)
		wg.Wait()
		h.refused(t, token)
	}
}

func TestSnapshotsAreBounded(t *testing.T) {
	h := newHouse(t, storekit.SQLite(t), func(o *auth.Options) { o.MaxSnapshots = 3 })
	h.add(t, "ada", "")
	var tokens []string
	for range 8 {
		token, _ := h.login(t, "ada")
		tokens = append(tokens, token)
	}
	for range 2 {
		for _, token := range tokens {
			h.actor(t, token)
			require.LessOrEqual(t, h.Snapshots(), 3)
		}
	}
	for i := range 20 {
		h.refused(t, fmt.Sprintf("pbl_%043d", i))
	}
	require.Equal(t, 3, h.Snapshots())
}

// TestLastUsed pins that times of last use are written coarsely, by Run, and at the
// end once more.
func TestLastUsed(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.add(t, "ada", "")
		start := h.clock.Now()
		_, a := h.login(t, "ada")
		token, _, err := h.CreateToken(t.Context(), a, auth.TokenRequest{Name: "n"})
		require.NoError(t, err)
		lastUsed := func() time.Time {
			list, err := h.ListTokens(t.Context(), a)
			require.NoError(t, err)
			return list[0].LastUsedAt
		}
		require.True(t, lastUsed().IsZero())
		run := func() {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			require.NoError(t, h.Run(ctx))
		}
		h.actor(t, token)
		require.True(t, lastUsed().IsZero(), "nothing is written on the way")
		run()
		require.True(t, lastUsed().Equal(start))
		h.clock.add(30 * time.Second)
		h.actor(t, token)
		run()
		require.True(t, lastUsed().Equal(start), "within a minute it counts as the same use")
		h.clock.add(30 * time.Second)
		h.actor(t, token)
		run()
		require.True(t, lastUsed().Equal(start.Add(time.Minute)))
	})
}

// TestRunPaces goes through the background work of eleven minutes in no time.
func TestRunPaces(t *testing.T) {
	s := storekit.SQLite(t)
	require.NoError(t, s.Ping(t.Context())) // the pool's own goroutines start out here
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, s, func(o *auth.Options) { o.Now, o.LoginTTL = time.Now, 5*time.Minute })
		h.add(t, "ada", "")
		_, a := h.login(t, "ada")
		token, _, err := h.CreateToken(t.Context(), a, auth.TokenRequest{Name: "n"})
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- h.Run(ctx) }()
		used := func() bool {
			list, err := s.APITokens(t.Context(), a.ID())
			require.NoError(t, err)
			return !list[0].LastUsedAt.IsZero()
		}
		h.actor(t, token)
		time.Sleep(59 * time.Second) // of the bubble's time
		require.False(t, used())
		time.Sleep(2 * time.Second)
		synctest.Wait()
		require.True(t, used(), "written each minute")

		logins := func() int {
			// As of the beginning, so that what has expired counts while it is there.
			list, err := s.Logins(t.Context(), a.ID(), time.Time{})
			require.NoError(t, err)
			return len(list)
		}
		time.Sleep(6 * time.Minute)
		require.Equal(t, 1, logins(), "expired, and still there")
		time.Sleep(4 * time.Minute)
		synctest.Wait()
		require.Equal(t, 0, logins(), "cleaned each ten minutes")
		cancel()
		require.NoError(t, <-done)
	})
}

func BenchmarkAuthenticate(b *testing.B) {
	h := newHouse(b, storekit.SQLite(b), func(o *auth.Options) { o.Now = time.Now })
	const n = 1000
	tokens := make([]string, n)
	all := make([]store.UserWithToken, n)
	for i := range all {
		var hash string
		tokens[i], hash = auth.MintAPIToken()
		name := fmt.Sprint("u", i)
		all[i] = store.UserWithToken{User: &patchbay.User{Email: name + "@example.org", Username: name}, Token: &store.APIToken{Hash: hash, Name: "n"}}
	}
	require.NoError(b, h.store.InsertUsersWithTokens(b.Context(), all))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := h.Authenticate(b.Context(), tokens[i%n]); err != nil {
			b.Fatal(err)
		}
	}
}
