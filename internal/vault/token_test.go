package vault_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/oauth"
	"patchbay/internal/store"
	"patchbay/internal/testkit/storekit"
	"patchbay/internal/vault"
)

func TestOneRefreshForAll(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		i := newIssuer()
		h := newHost(t, s, i, nil)
		src := h.signedIn(t, i, makeUser(t, s, "ada"))
		old := src.Token()
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if err := src.Rejected(t.Context(), old); err != nil {
					t.Error(err)
				}
				if !i.good(src.Token()) {
					t.Error("the token is not the new one")
				}
			})
		}
		wg.Wait()
		tries, most, reused := i.counts()
		require.Equal(t, []int{1, 1, 0}, []int{tries, most, reused})
		require.Equal(t, 1, h.log.count("Attempting to refresh token"))
		require.Equal(t, 1, h.log.count("Successfully refreshed and stored OAuth tokens"))
	})
}

func TestOneRefreshAcrossProcesses(t *testing.T) {
	url := storekit.PostgresURL(t)
	i := newIssuer()
	var hosts []*host
	var user patchbay.UserID
	for n := range 3 {
		s := storekit.Open(t, store.Options{DatabaseURL: url})
		if n == 0 {
			user = makeUser(t, s, "ada")
		}
		hosts = append(hosts, newHost(t, s, i, nil))
	}
	hosts[0].signedIn(t, i, user)
	for round := range 5 {
		var wg sync.WaitGroup
		var sources []*vault.Source
		for _, h := range hosts {
			sources = append(sources, h.source(t, user))
		}
		old := sources[0].Token()
		for _, src := range sources {
			for range 20 {
				wg.Go(func() {
					if err := src.Rejected(t.Context(), old); err != nil {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
		tries, most, reused := i.counts()
		require.Equal(t, []int{round + 1, 1, 0}, []int{tries, most, reused})
		for _, h := range hosts {
			require.True(t, i.good(h.source(t, user).Token()))
		}
	}
}

// clock is a clock that tests set.
type clock struct{ at atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.at.Store(time.Now().UnixNano())
	return c
}

func (c *clock) now() time.Time          { return time.Unix(0, c.at.Load()) }
func (c *clock) advance(d time.Duration) { c.at.Add(int64(d)) }

func TestRefreshAheadOfTheEnd(t *testing.T) {
	s := storekit.SQLite(t)
	c, i := newClock(), newIssuer()
	i.now, i.life = c.now, 100*time.Second
	h := newHost(t, s, i, func(o *vault.Options) { o.Now = c.now })
	src := h.signedIn(t, i, makeUser(t, s, "ada"))
	old := src.Token()
	c.advance(89 * time.Second)
	require.NoError(t, src.Ready(t.Context()))
	require.Empty(t, i.begun, "a tenth of its life is left: nothing to do")

	i.mu.Lock()
	i.hold = make(chan struct{})
	i.mu.Unlock()
	c.advance(4 * time.Second)
	require.NoError(t, src.Ready(t.Context()), "the token is good still: nobody waits")
	<-i.begun
	require.Equal(t, old, src.Token())
	require.NoError(t, src.Ready(t.Context()))
	require.Empty(t, i.begun, "one is under way")

	c.advance(6 * time.Second) // a second left: not worth sending
	done := make(chan error, 1)
	go func() { done <- src.Ready(t.Context()) }()
	close(i.hold)
	require.NoError(t, <-done)
	require.NotEqual(t, old, src.Token())
	tries, most, _ := i.counts()
	require.Equal(t, []int{1, 1}, []int{tries, most})
	require.Equal(t, c.now().Add(100*time.Second).Unix(), src.ExpiresAt().Unix())
}

func TestReadyCostsNothing(t *testing.T) {
	s := storekit.SQLite(t)
	i := newIssuer()
	h := newHost(t, s, i, nil)
	src := h.signedIn(t, i, makeUser(t, s, "ada"))
	ctx := t.Context()
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if src.Ready(ctx) != nil || src.Token() == "" {
			t.Error("not ready")
		}
	}))
}

func TestRestartFindsTheEndedTokenAndRenewsIt(t *testing.T) {
	s := storekit.SQLite(t)
	c, i := newClock(), newIssuer()
	i.now = c.now
	ada := makeUser(t, s, "ada")
	newHost(t, s, i, func(o *vault.Options) { o.Now = c.now }).signedIn(t, i, ada)
	c.advance(2 * time.Hour)
	h := newHost(t, s, i, func(o *vault.Options) { o.Now = c.now })
	src := h.source(t, ada)
	require.NoError(t, src.Ready(t.Context()))
	require.True(t, i.good(src.Token()))
	said := h.log.String()
	last := -1
	for _, line := range []string{"Access token missing", "Attempting to refresh token", "Successfully refreshed and stored OAuth tokens"} {
		at := strings.Index(said, line)
		require.Greater(t, at, last, "%q in its place of\n%s", line, said)
		require.Equal(t, 1, strings.Count(said, line))
		last = at
	}
	require.Contains(t, said, "server=spotify")
}

func TestInvalidGrantIsTheEndAndToldOnce(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		i := newIssuer()
		h := newHost(t, s, i, nil)
		ada, bob := makeUser(t, s, "ada"), makeUser(t, s, "bob")
		src := h.signedIn(t, i, ada)
		i.mu.Lock()
		i.refresh = "another"
		i.mu.Unlock()
		h.told.take()
		for range 50 {
			require.Equal(t, patchbay.ReasonSigninExpired, reason(t, src.Rejected(t.Context(), "fake-access-1")))
			require.Equal(t, patchbay.ReasonSigninExpired, reason(t, src.Ready(t.Context())))
		}
		tries, _, _ := i.counts()
		require.Equal(t, 1, tries, "nothing loops")
		require.Equal(t, 1, h.log.count("The sign-in has ended"))
		require.Equal(t, []string{string(ada) + " yaml/spotify"}, h.told.take())
		info, err := h.TokenInfo(t.Context(), ada, "yaml/spotify")
		require.NoError(t, err)
		require.Equal(t, vault.TokenExpired, info.State)
		info, err = h.TokenInfo(t.Context(), bob, "yaml/spotify")
		require.NoError(t, err)
		require.Equal(t, vault.TokenNone, info.State)

		again := newHost(t, s, i, nil)
		require.Equal(t, patchbay.ReasonSigninExpired, reason(t, again.source(t, ada).Ready(t.Context())), "a restart does not forget")
		src = h.signedIn(t, i, ada)
		require.NoError(t, src.Ready(t.Context()))
		require.True(t, i.good(src.Token()))
	})
}

func TestAnotherProcessSignsIn(t *testing.T) {
	url := storekit.PostgresURL(t)
	i := newIssuer()
	c := newClock()
	one := storekit.Open(t, store.Options{DatabaseURL: url})
	ada := makeUser(t, one, "ada")
	h1 := newHost(t, one, i, func(o *vault.Options) { o.Now = c.now })
	h2 := newHost(t, storekit.Open(t, store.Options{DatabaseURL: url}), i, nil)
	src := h1.signedIn(t, i, ada)
	i.mu.Lock()
	i.refresh = "another"
	i.mu.Unlock()
	require.Error(t, src.Rejected(t.Context(), src.Token()))
	h2.signedIn(t, i, ada)
	c.advance(3 * time.Second)
	require.NoError(t, src.Ready(t.Context()), "seen without being told")
	require.True(t, i.good(src.Token()))
}

func TestLostAnswers(t *testing.T) {
	for _, tt := range []struct {
		name   string
		grace  bool
		lose   int
		reason patchbay.Reason
		tries  int
	}{
		{"an issuer that takes the old one once more", true, 1, "", 2},
		{"an issuer that does not", false, 1, patchbay.ReasonSigninExpired, 2},
		{"lost twice", true, 2, patchbay.ReasonLost, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := storekit.SQLite(t)
			i := newIssuer()
			i.grace, i.lose = tt.grace, tt.lose
			h := newHost(t, s, i, nil)
			src := h.signedIn(t, i, makeUser(t, s, "ada"))
			err := src.Rejected(t.Context(), src.Token())
			tries, most, _ := i.counts()
			require.Equal(t, []int{tt.tries, 1}, []int{tries, most})
			if tt.reason == "" {
				require.NoError(t, err)
				require.True(t, i.good(src.Token()))
				return
			}
			require.Equal(t, tt.reason, reason(t, err))
			require.Error(t, src.Rejected(t.Context(), src.Token()), "not asked again at once")
			tries, _, _ = i.counts()
			require.Equal(t, tt.tries, tries)
		})
	}
}

func TestFailuresForNowKeepTheSignIn(t *testing.T) {
	s := storekit.SQLite(t)
	c, i := newClock(), newIssuer()
	i.now = c.now
	h := newHost(t, s, i, func(o *vault.Options) { o.Now = c.now })
	src := h.signedIn(t, i, makeUser(t, s, "ada"))
	i.mu.Lock()
	i.fail = &oauth.Error{Step: oauth.StepRefresh, Reason: patchbay.ReasonUnreachable, Message: "Nothing listens there."}
	i.mu.Unlock()
	c.advance(2 * time.Hour)
	for range 20 {
		require.Equal(t, patchbay.ReasonUnreachable, reason(t, src.Ready(t.Context())))
	}
	tries, _, _ := i.counts()
	require.Equal(t, 1, tries, "calls in a row do not ask in a row")
	c.advance(time.Minute)
	i.mu.Lock()
	i.fail = nil
	i.mu.Unlock()
	require.NoError(t, src.Ready(t.Context()))
	require.True(t, i.good(src.Token()))
}

func TestATokenThatIsRefusedLikeTheOneBefore(t *testing.T) {
	s := storekit.SQLite(t)
	i := newIssuer()
	h := newHost(t, s, i, nil)
	src := h.signedIn(t, i, makeUser(t, s, "ada"))
	for range 20 {
		if err := src.Rejected(t.Context(), src.Token()); err != nil {
			require.Equal(t, patchbay.ReasonSigninRequired, reason(t, err))
			continue
		}
		src.Useless(src.Token())
	}
	tries, _, _ := i.counts()
	require.Equal(t, 1, tries)
	require.NoError(t, src.Ready(t.Context()), "it is not known to be over")
}

func TestTheCallerLeavesAndTheRefreshGoesOn(t *testing.T) {
	s := storekit.SQLite(t)
	i := newIssuer()
	i.hold = make(chan struct{})
	h := newHost(t, s, i, nil)
	src := h.signedIn(t, i, makeUser(t, s, "ada"))
	old := src.Token()
	ctx, leave := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- src.Rejected(ctx, old) }()
	<-i.begun
	leave()
	require.ErrorIs(t, <-done, context.Canceled)
	close(i.hold)
	require.NoError(t, src.Rejected(t.Context(), old))
	require.True(t, i.good(src.Token()))
	tries, _, _ := i.counts()
	require.Equal(t, 1, tries)
}

func TestSignInAnewWhileRefreshing(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		i := newIssuer()
		h := newHost(t, s, i, nil)
		ada := makeUser(t, s, "ada")
		src := h.signedIn(t, i, ada)
		i.mu.Lock()
		i.hold = make(chan struct{})
		i.mu.Unlock()
		done := make(chan error, 1)
		go func() { done <- src.Rejected(t.Context(), "fake-access-1") }()
		<-i.begun
		mine := i.signIn()
		mine.Token.Access = "fake-access-of-the-new-sign-in"
		require.NoError(t, h.StoreToken(t.Context(), ada, "yaml/spotify", mine, ""))
		i.mu.Lock()
		i.refresh = "fake-refresh-1" // the issuer takes the old one still
		i.mu.Unlock()
		close(i.hold)
		require.NoError(t, <-done)
		require.Equal(t, "fake-access-of-the-new-sign-in", src.Token())
		h.Close()
		require.Len(t, i.revoked, 1, "what nobody has use for is given back")
	})
}

func TestRevokedWhileRefreshing(t *testing.T) {
	s := storekit.SQLite(t)
	i := newIssuer()
	h := newHost(t, s, i, nil)
	ada := makeUser(t, s, "ada")
	src := h.signedIn(t, i, ada)
	i.hold = make(chan struct{})
	done := make(chan error, 1)
	go func() { done <- src.Rejected(t.Context(), "fake-access-1") }()
	<-i.begun
	had, err := h.RevokeToken(t.Context(), &patchbay.User{ID: ada}, spotify())
	require.NoError(t, err)
	require.True(t, had)
	close(i.hold)
	require.Equal(t, patchbay.ReasonSigninRequired, reason(t, <-done))
	require.Empty(t, src.Token())
	require.Len(t, i.revoked, 2)
	_, err = s.OAuthToken(t.Context(), ada, "yaml/spotify")
	require.Equal(t, patchbay.CodeNotFound, patchbay.CodeOf(err))
	had, err = h.RevokeToken(t.Context(), &patchbay.User{ID: ada}, spotify())
	require.NoError(t, err)
	require.False(t, had)
}

func TestChangedDestinationDropsTheSignIn(t *testing.T) {
	s := storekit.SQLite(t)
	i := newIssuer()
	h := newHost(t, s, i, nil)
	ada := makeUser(t, s, "ada")
	old := h.signedIn(t, i, ada)
	i.mu.Lock()
	i.server = "https://elsewhere.example/mcp"
	i.mu.Unlock()
	src := h.source(t, ada)
	require.Empty(t, src.Token())
	require.Empty(t, old.Token(), "nor by who held it before")
	require.Equal(t, patchbay.ReasonSigninRequired, reason(t, src.Rejected(t.Context(), "")))
	tries, _, _ := i.counts()
	require.Zero(t, tries, "nothing is sent elsewhere")
	_, err := s.OAuthToken(t.Context(), ada, "yaml/spotify")
	require.Equal(t, patchbay.CodeNotFound, patchbay.CodeOf(err))
}

func TestNoRefreshToken(t *testing.T) {
	s := storekit.SQLite(t)
	c, i := newClock(), newIssuer()
	i.now = c.now
	h := newHost(t, s, i, func(o *vault.Options) { o.Now = c.now })
	ada := makeUser(t, s, "ada")
	g := i.signIn()
	g.Token.Refresh = ""
	require.NoError(t, h.StoreToken(t.Context(), ada, "yaml/spotify", g, ""))
	src := h.source(t, ada)
	c.advance(59*time.Minute + 59*time.Second)
	require.NoError(t, src.Ready(t.Context()), "used to its last second")
	info, err := h.TokenInfo(t.Context(), ada, "yaml/spotify")
	require.NoError(t, err)
	require.False(t, info.Refreshable)
	require.Equal(t, c.now().Add(time.Second).Unix(), info.ExpiresAt.Unix(), "its end is shown ahead")
	c.advance(2 * time.Second)
	require.Equal(t, patchbay.ReasonSigninExpired, reason(t, src.Ready(t.Context())))
	tries, _, _ := i.counts()
	require.Zero(t, tries)
}

func TestTokensArePerUser(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		i := newIssuer()
		h := newHost(t, s, i, nil)
		ada, bob := makeUser(t, s, "ada"), makeUser(t, s, "bob")
		h.signedIn(t, i, ada)
		require.Empty(t, h.source(t, bob).Token())
		app, err := h.Source(t.Context(), nil, spotify())
		require.NoError(t, err)
		require.Nil(t, app, "no token at app level")

		// A row that was copied to somebody else does not open.
		require.NoError(t, h.StoreToken(t.Context(), bob, "yaml/spotify", i.signIn(), ""))
		row, err := s.OAuthToken(t.Context(), ada, "yaml/spotify")
		require.NoError(t, err)
		row.User = bob
		_, err = s.PutOAuthToken(t.Context(), row, "")
		require.NoError(t, err)
		fresh := newHost(t, s, i, nil)
		require.Empty(t, fresh.source(t, bob).Token())

		// Nor one whose binding was changed.
		row.User, row.Issuer = ada, "https://evil.example"
		_, err = s.PutOAuthToken(t.Context(), row, "")
		require.NoError(t, err)
		require.Empty(t, fresh.source(t, ada).Token())
	})
}

func TestFlowAndTokenAreOneTransaction(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		i := newIssuer()
		h := newHost(t, s, i, nil)
		ada, now := makeUser(t, s, "ada"), time.Now()
		begin := func() *store.Flow {
			f, created, err := s.CreateFlow(t.Context(), &store.Flow{User: ada, Server: "yaml/spotify", StateHash: store.NewID(), ExpiresAt: now.Add(time.Minute)}, now)
			require.NoError(t, err)
			require.True(t, created)
			_, err = s.TakeFlow(t.Context(), f.StateHash, now)
			require.NoError(t, err)
			return f
		}
		f := begin()
		_, err := s.EndFlow(t.Context(), f.ID, store.FlowCancelled, "", now, store.FlowPending, store.FlowFinishing)
		require.NoError(t, err)
		err = h.StoreToken(t.Context(), ada, "yaml/spotify", i.signIn(), f.ID)
		require.Equal(t, patchbay.CodeNotFound, patchbay.CodeOf(err), "%v", err)
		require.Empty(t, h.source(t, ada).Token(), "a cancelled sign-in keeps nothing")

		f = begin()
		require.NoError(t, h.StoreToken(t.Context(), ada, "yaml/spotify", i.signIn(), f.ID))
		f, err = s.Flow(t.Context(), f.ID)
		require.NoError(t, err)
		require.Equal(t, store.FlowDone, f.Status)
		require.NotEmpty(t, h.source(t, ada).Token())
	})
}

func TestALeaseThatItsOwnerDidNotGiveBack(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		i := newIssuer()
		h := newHost(t, s, i, nil)
		ada := makeUser(t, s, "ada")
		src := h.signedIn(t, i, ada)
		row, err := s.OAuthToken(t.Context(), ada, "yaml/spotify")
		require.NoError(t, err)
		ok, err := s.LeaseOAuthToken(t.Context(), ada, "yaml/spotify", row.Version, "dead/1", 300*time.Millisecond)
		require.NoError(t, err)
		require.True(t, ok)
		begin := time.Now()
		require.NoError(t, src.Rejected(t.Context(), src.Token()))
		require.True(t, i.good(src.Token()))
		if s.Shared() {
			require.GreaterOrEqual(t, time.Since(begin), 250*time.Millisecond, "it may be alive")
		}
	})
}

func TestOwnName(t *testing.T) {
	s := storekit.SQLite(t)
	c, i := newClock(), newIssuer()
	i.now = c.now
	h := newHost(t, s, i, func(o *vault.Options) { o.Now = c.now })
	def := spotify()
	def.Level, def.OAuth = patchbay.LevelApp, &patchbay.OAuthConfig{GrantTypes: []string{"client_credentials"}}
	src, err := h.Source(t.Context(), nil, def)
	require.NoError(t, err)
	require.NoError(t, src.Ready(t.Context()))
	require.True(t, i.good(src.Token()))
	c.advance(2 * time.Hour)
	require.NoError(t, src.Ready(t.Context()))
	require.True(t, i.good(src.Token()))
	tries, _, _ := i.counts()
	require.Equal(t, 2, tries)
	changed := *def
	changed.Hash = "2"
	src, err = h.Source(t.Context(), nil, &changed)
	require.NoError(t, err)
	require.Empty(t, src.Token(), "another definition, another token")
	ids, err := s.OAuthServers(t.Context())
	require.NoError(t, err)
	require.Empty(t, ids, "the host's own tokens are not stored")
}

func TestAChildNeedsAToken(t *testing.T) {
	s := storekit.SQLite(t)
	i := newIssuer()
	h := newHost(t, s, i, nil)
	def := spotify()
	def.Transport, def.OAuth = patchbay.TransportStdio, &patchbay.OAuthConfig{TokenEnv: "OAUTH_ACCESS_TOKEN"}
	user := &patchbay.User{ID: makeUser(t, s, "ada")}
	src, err := h.Source(t.Context(), user, def)
	require.NoError(t, err)
	require.Equal(t, patchbay.ReasonSigninRequired, reason(t, src.Ready(t.Context())), "no program is started without")
	require.NoError(t, h.StoreToken(t.Context(), user.ID, def.ID, i.signIn(), ""))
	require.NoError(t, src.Ready(t.Context()))
}

func TestStepUpIsCapped(t *testing.T) {
	s := storekit.SQLite(t)
	i := newIssuer()
	h := newHost(t, s, i, nil)
	ada := makeUser(t, s, "ada")
	src := h.signedIn(t, i, ada)
	const ask = `Bearer error="insufficient_scope", scope="%s"`
	g := i.signIn()
	for n := 1; ; n++ {
		challenge := []string{fmt.Sprintf(ask, fmt.Sprintf("more%d", n))}
		err := src.StepUp(t.Context(), challenge)
		if n > oauth.MaxStepUps {
			require.Equal(t, patchbay.ReasonUnauthorized, reason(t, err))
			break
		}
		require.Equal(t, patchbay.ReasonSigninRequired, reason(t, err))
		scopes, ups, again, err := h.StepUp(t.Context(), ada, "yaml/spotify", oauth.ReadChallenge(challenge))
		require.NoError(t, err)
		require.True(t, again)
		require.Equal(t, n, ups)
		require.Len(t, scopes, n+1, "what was granted before stays")
		g.StepUps, g.Token.Scopes = ups, scopes
		require.NoError(t, h.StoreToken(t.Context(), ada, "yaml/spotify", g, ""))
	}
	require.Equal(t, patchbay.ReasonUnauthorized, reason(t, src.StepUp(t.Context(), []string{fmt.Sprintf(ask, "read")})), "it was given that")
}

func TestRegistrations(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		h := newHost(t, s, newIssuer(), nil)
		r := &oauth.Registration{Issuer: "https://as.example", RedirectURI: "http://localhost/cb", Source: oauth.Dynamic, ClientID: "c1", ClientSecret: "fake-secret", AuthMethod: oauth.AuthBasic}
		_, err := h.Registration(t.Context(), "yaml/spotify", r.Key())
		require.Equal(t, patchbay.CodeNotFound, patchbay.CodeOf(err))
		require.NoError(t, h.StoreRegistration(t.Context(), "yaml/spotify", r))
		got, err := h.Registration(t.Context(), "yaml/spotify", r.Key())
		require.NoError(t, err)
		require.Equal(t, r, got)
		_, err = h.Registration(t.Context(), "yaml/other", r.Key())
		require.Equal(t, patchbay.CodeNotFound, patchbay.CodeOf(err), "a client is one server's")
		newer := *r
		newer.ClientID = "c2"
		require.NoError(t, h.StoreRegistration(t.Context(), "yaml/spotify", &newer))
		require.NoError(t, h.DropRegistration(t.Context(), "yaml/spotify", r), "it was made anew meanwhile")
		got, err = h.Registration(t.Context(), "yaml/spotify", r.Key())
		require.NoError(t, err)
		require.Equal(t, "c2", got.ClientID)
		require.NoError(t, h.DropRegistration(t.Context(), "yaml/spotify", &newer))
		_, err = h.Registration(t.Context(), "yaml/spotify", r.Key())
		require.Equal(t, patchbay.CodeNotFound, patchbay.CodeOf(err))
	})
}

func TestRotateSealsSignInsAnew(t *testing.T) {
	storekit.Each(t, func(t *testing.T, s *store.Store) {
		i := newIssuer()
		h := newHost(t, s, i, nil)
		ada, now := makeUser(t, s, "ada"), time.Now()
		src := h.signedIn(t, i, ada)
		require.NoError(t, h.StoreRegistration(t.Context(), "yaml/spotify", &oauth.Registration{Issuer: "i", RedirectURI: "r", Source: oauth.Dynamic, ClientID: "c"}))
		f, _, err := s.CreateFlow(t.Context(), &store.Flow{User: ada, Server: "yaml/spotify", ExpiresAt: now.Add(time.Minute)}, now)
		require.NoError(t, err)
		require.NoError(t, h.SealFlow(f, []byte("verifier")))
		require.NoError(t, s.UpdateFlow(t.Context(), f, "", now))

		require.ErrorContains(t, s.CheckKey(t.Context(), newBox(t, 2)), "CREDS_KEY")
		next := newHost(t, s, i, func(o *vault.Options) { o.Box = newBox(t, 2, 1) })
		n, err := next.Rotate(t.Context())
		require.NoError(t, err)
		require.Equal(t, 3, n)
		require.NoError(t, s.CheckKey(t.Context(), newBox(t, 2)))
		alone := newHost(t, s, i, func(o *vault.Options) { o.Box = newBox(t, 2) })
		require.Equal(t, src.Token(), alone.source(t, ada).Token())
		_, err = alone.Registration(t.Context(), "yaml/spotify", oauth.RegistrationKey{Issuer: "i", RedirectURI: "r", Source: oauth.Dynamic})
		require.NoError(t, err)
		f, err = s.Flow(t.Context(), f.ID)
		require.NoError(t, err)
		plain, err := alone.OpenFlow(f)
		require.NoError(t, err)
		require.Equal(t, "verifier", string(plain))
	})
}

func TestNoSecretIsReadable(t *testing.T) {
	dir := t.TempDir()
	s := storekit.Open(t, store.Options{DataDir: dir})
	i := newIssuer()
	h := newHost(t, s, i, nil)
	ada := makeUser(t, s, "ada")
	src := h.signedIn(t, i, ada)
	require.NoError(t, src.Rejected(t.Context(), src.Token()))
	i.mu.Lock()
	i.refresh = "another"
	i.mu.Unlock()
	g := i.signIn()
	said := fmt.Sprintf("%v %+v %#v %s", g, g, g, h.log)
	err := src.Rejected(t.Context(), src.Token())
	said += fmt.Sprintf("%v %+v %#v", err, err, err)
	said += h.log.String()
	canaries := []string{"fake-access", "fake-refresh", "fake-client-secret"}
	for _, c := range canaries {
		require.NotContains(t, said, c)
	}
	files, err := filepath.Glob(filepath.Join(dir, "patchbay.db*"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, f := range files {
		raw, err := os.ReadFile(f)
		require.NoError(t, err)
		for _, c := range canaries {
			require.False(t, bytes.Contains(raw, []byte(c)), "%s in %s", c, f)
		}
	}
	raw, err := json.Marshal(g)
	require.NoError(t, err)
	require.Contains(t, string(raw), "fake-refresh", "the canaries are where they belong")
}
