package conn_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/conn"
	"patchbay/internal/testkit"
)

// keyring hands out tokens t1, t2, … and knows which one counts.
type keyring struct {
	mu       sync.Mutex
	n        int
	good     int // the server takes this one; 0: none
	renewals int
	useless  []string
	steps    int
	over     bool // only a person can go on
}

var (
	_ conn.Credentials = (*keyring)(nil)
	_ conn.Source      = (*keyring)(nil)
)

func (k *keyring) Source(context.Context, conn.Target) (conn.Source, error) { return k, nil }

func (k *keyring) Token() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return fmt.Sprintf("t%d", k.n)
}

func (k *keyring) ExpiresAt() time.Time { return time.Time{} }

func (k *keyring) Ready(context.Context) error { return nil }

func (k *keyring) Rejected(_ context.Context, used string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case k.over:
		return &patchbay.ConnectError{Server: "echo", Reason: patchbay.ReasonSigninExpired, Message: "Sign in again."}
	case used == fmt.Sprintf("t%d", k.n):
		k.n++
		k.renewals++
	}
	return nil
}

func (k *keyring) Useless(used string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.useless = append(k.useless, used)
}

func (k *keyring) StepUp(_ context.Context, challenge []string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.steps++
	return &patchbay.ConnectError{Server: "echo", Reason: patchbay.ReasonSigninRequired, Message: "More rights.", Challenge: challenge}
}

// end makes the server take the next token only.
func (k *keyring) end() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.good = k.n + 1
}

const bearerChallenge = `Bearer resource_metadata="https://mcp.example/x"`

func newGuarded(t *testing.T, tweak func(*conn.Options)) (*bench, *keyring, *testkit.Echo) {
	t.Helper()
	k := &keyring{}
	echo := testkit.NewEcho(t, testkit.EchoOptions{Authorize: func(h http.Header) string {
		k.mu.Lock()
		defer k.mu.Unlock()
		if h.Get("Authorization") == fmt.Sprintf("Bearer t%d", k.good) {
			return ""
		}
		return bearerChallenge
	}})
	b := newBench(t, func(o *conn.Options) {
		o.Credentials = k
		if tweak != nil {
			tweak(o)
		}
	})
	return b, k, echo
}

func TestARefusedTokenIsRenewedAndTheCallSentOnce(t *testing.T) {
	b, k, echo := newGuarded(t, nil)
	k.end() // at the connect already
	target := targetOf(t, definition(echo.URL(), perUser), "u1")
	_, err := b.Call(t.Context(), target, call("echo", `{"text":"x"}`))
	require.NoError(t, err)
	require.Equal(t, 1, k.renewals)
	_, err = b.ListTools(t.Context(), target) // the list that follows a connect is read: it renews nothing later
	require.NoError(t, err)
	sessions := len(echo.Sessions())
	for n := 2; n < 5; n++ {
		k.end()
		_, err = b.Call(t.Context(), target, call("echo", `{"text":"x"}`))
		require.NoError(t, err)
		k.end()
		_, err = b.ListTools(t.Context(), target)
		require.NoError(t, err)
	}
	_, err = b.Call(t.Context(), target, call("echo", `{"text":"y"}`))
	require.NoError(t, err)
	require.Len(t, echo.Sessions(), sessions, "the connection is the same")
	require.Equal(t, 5, echo.Calls("echo"), "a call that was turned away did not run")
}

func TestANewTokenThatIsRefusedToo(t *testing.T) {
	b, k, echo := newGuarded(t, nil)
	target := targetOf(t, definition(echo.URL(), perUser), "u1")
	k.end()
	require.NoError(t, b.Open(t.Context(), target))
	_, err := b.ListTools(t.Context(), target) // the list that follows a connect is read: it renews nothing later
	require.NoError(t, err)
	k.mu.Lock()
	k.good = -1
	k.mu.Unlock()
	before := k.renewals
	_, err = b.Call(t.Context(), target, call("echo", `{"text":"x"}`))
	var ce *patchbay.ConnectError
	require.ErrorAs(t, err, &ce)
	require.Equal(t, patchbay.ReasonSigninRequired, ce.Reason)
	require.Equal(t, []string{bearerChallenge}, ce.Challenge)
	require.Equal(t, before+1, k.renewals, "once more, not for ever")
	require.NotEmpty(t, k.useless)
	require.Equal(t, patchbay.PhaseFailed, b.Facts(target.Key).Phase)
}

func TestTheEndOfASignInEndsTheConnection(t *testing.T) {
	b, k, echo := newGuarded(t, nil)
	target := targetOf(t, definition(echo.URL(), perUser), "u1")
	k.end()
	require.NoError(t, b.Open(t.Context(), target))
	_, err := b.ListTools(t.Context(), target) // the list that follows a connect is read: it renews nothing later
	require.NoError(t, err)
	k.mu.Lock()
	k.good, k.over = -1, true
	k.mu.Unlock()
	_, err = b.Call(t.Context(), target, call("echo", `{"text":"x"}`))
	var ce *patchbay.ConnectError
	require.ErrorAs(t, err, &ce)
	require.Equal(t, patchbay.ReasonSigninExpired, ce.Reason)
	require.Equal(t, []string{bearerChallenge}, ce.Challenge, "what the server said stays, for the sign-in")
	require.Equal(t, patchbay.ReasonSigninExpired, b.Facts(target.Key).Err.Reason)
}

func TestTooFewScopesAreOneCallsBusiness(t *testing.T) {
	b, k, echo := newGuarded(t, nil)
	target := targetOf(t, definition(echo.URL(), perUser), "u1")
	k.end()
	_, err := b.Call(t.Context(), target, call("echo", `{"text":"x"}`))
	require.NoError(t, err)
	const challenge = `Bearer error="insufficient_scope", scope="files"`
	echo.Fail(testkit.Fault{RPC: "tools/call", Status: http.StatusForbidden, Header: http.Header{"Www-Authenticate": {challenge}}, Times: 1})
	renewals := k.renewals
	_, err = b.Call(t.Context(), target, call("echo", `{"text":"y"}`))
	var ce *patchbay.ConnectError
	require.ErrorAs(t, err, &ce)
	require.Equal(t, patchbay.ReasonSigninRequired, ce.Reason)
	require.Equal(t, []string{challenge}, ce.Challenge)
	require.Equal(t, []int{1, renewals}, []int{k.steps, k.renewals})
	_, err = b.Call(t.Context(), target, call("echo", `{"text":"z"}`))
	require.NoError(t, err, "the others go on")
}

func TestAPingRenewsTheToken(t *testing.T) {
	b, k, echo := newGuarded(t, func(o *conn.Options) { o.Ping = 50 * time.Millisecond })
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	defer func() { stop(); require.NoError(t, <-ended) }()
	target := targetOf(t, definition(echo.URL(), perUser), "u1")
	k.end()
	require.NoError(t, b.Open(t.Context(), target))
	done := make(chan error, 1)
	go func() {
		_, err := b.Call(t.Context(), target, call("slow", `{"ms":700}`))
		done <- err
	}()
	echo.AwaitInFlight(t, 1)
	before := k.Token()
	k.end()
	require.Eventually(t, func() bool { return k.Token() != before }, 5*time.Second, time.Millisecond)
	require.NoError(t, <-done)
	require.Equal(t, patchbay.PhaseConnected, b.Facts(target.Key).Phase, "a keepalive's 401 ends nothing")
}

// TestA401WhereNobodyCanSignIn: the sentence says whose business it is.
func TestA401WhereNobodyCanSignIn(t *testing.T) {
	tests := []struct {
		name   string
		change func(*patchbay.Server)
		reason patchbay.Reason
		says   string
	}{
		{"nothing is said of it", perUser, patchbay.ReasonSigninRequired, "sign in"},
		{"the definition sends credentials", func(s *patchbay.Server) { s.Headers = map[string]string{"Authorization": "Bearer fake"} }, patchbay.ReasonUnauthorized, "credentials"},
		{"sign-in is turned off", func(s *patchbay.Server) { no := false; s.RequiresOAuth = &no }, patchbay.ReasonUnauthorized, "credentials"},
		{"level: app leaves no room", func(s *patchbay.Server) { s.ForcedLevel = patchbay.LevelApp }, patchbay.ReasonUnauthorized, "`level"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			echo := testkit.NewEcho(t, testkit.EchoOptions{Authorize: func(http.Header) string { return bearerChallenge }})
			b := newBench(t, func(o *conn.Options) { o.Credentials = nobody{} })
			s := definition(echo.URL(), tt.change)
			user := ""
			if s.Level == patchbay.LevelUser {
				user = "u1"
			}
			err := b.Open(t.Context(), targetOf(t, s, user))
			var ce *patchbay.ConnectError
			require.ErrorAs(t, err, &ce)
			require.Equal(t, tt.reason, ce.Reason)
			require.True(t, strings.Contains(ce.Message, tt.says), ce.Message)
		})
	}
}

// nobody is signed in anywhere.
type nobody struct{}

func (nobody) Source(context.Context, conn.Target) (conn.Source, error) {
	return nil, nil //nolint:nilnil // none is no error
}
