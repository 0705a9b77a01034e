package flow_test

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/flow"
	"patchbay/internal/testkit"
	"patchbay/internal/vault"
)

func TestSignIn(t *testing.T) {
	w := newWorld(t, testkit.AuthServerOptions{Iss: true, IssAdvertised: true})
	in := w.ask(w.ann)
	require.Equal(t, base+"/api/mcp/mail/oauth/initiate?flowId="+in.FlowID+"&userId="+string(w.ann.ID()), in.URL)
	require.Equal(t, strings.TrimPrefix(w.auth.BaseURL(), "http://"), in.Provider)
	require.Equal(t, flow.TTL, in.Timeout)
	require.Equal(t, in.FlowID, w.ask(w.ann).FlowID, "a second caller joins")
	require.NotEqual(t, in.FlowID, w.ask(w.bob).FlowID, "another person has a sign-in of their own")
	require.Equal(t, patchbay.FlowPending, w.Facts(w.ann.ID(), "yaml/mail").Phase)

	woken := make(chan error, 1)
	go func() { woken <- w.Await(t.Context(), w.ann.ID(), "yaml/mail") }()
	query := w.leave(w.ann, "a", in)
	again, err := w.Callback(t.Context(), w.visit(w.ann, "a"), query)
	require.NoError(t, err)
	require.Empty(t, again)
	require.Equal(t, vault.TokenLive, w.tokenState(w.ann))
	require.Equal(t, vault.TokenNone, w.tokenState(w.bob))
	require.NoError(t, <-woken)
	require.Equal(t, w.ann.ID(), <-w.links.connected)
	require.Equal(t, flow.Facts{}, w.Facts(w.ann.ID(), "yaml/mail"))

	_, err = w.Callback(t.Context(), w.visit(w.ann, "a"), query)
	wantOutcome(t, err, flow.Expired)
	_, err = w.Initiate(t.Context(), w.visit(w.ann, "a"), string(w.ann.ID()), in.FlowID)
	wantOutcome(t, err, flow.Expired)
	require.Equal(t, 1, w.auth.Counts().Exchanges, "an answer counts once")
	require.NoError(t, w.Await(t.Context(), w.ann.ID(), "yaml/mail"), "nothing to wait for")
}

// Whatever of two people's sign-ins is swapped, nobody gets a token by it, and no code is
// handed in. Each case begins with both on their way.
func TestSwappedEverything(t *testing.T) {
	type pair struct {
		w          *world
		ann, bob   flow.SignIn
		annQ, bobQ url.Values
	}
	tests := map[string]struct {
		try  func(t *testing.T, p *pair) error
		want flow.Outcome
	}{
		"ann's answer in bob's login, with ann's browser": {func(t *testing.T, p *pair) error {
			_, err := p.w.Callback(t.Context(), p.w.visit(p.w.bob, "a"), p.annQ)
			return err
		}, flow.Person},
		"ann's answer in bob's login and browser": {func(t *testing.T, p *pair) error {
			_, err := p.w.Callback(t.Context(), p.w.visit(p.w.bob, "b"), p.annQ)
			return err
		}, flow.Person},
		"ann's answer in ann's login, with bob's browser": {func(t *testing.T, p *pair) error {
			_, err := p.w.Callback(t.Context(), p.w.visit(p.w.ann, "b"), p.annQ)
			return err
		}, flow.Browser},
		"no browser": {func(t *testing.T, p *pair) error {
			v := p.w.visit(p.w.ann, "a")
			v.Browser = ""
			_, err := p.w.Callback(t.Context(), v, p.annQ)
			return err
		}, flow.Browser},
		"nobody logged in": {func(t *testing.T, p *pair) error {
			v := p.w.visit(p.w.ann, "a")
			v.Actor = patchbay.Actor{Kind: patchbay.ActorUser}
			_, err := p.w.Callback(t.Context(), v, p.annQ)
			return err
		}, flow.Person},
		"the operator as ann": {func(t *testing.T, p *pair) error {
			v := p.w.visit(p.w.ann, "a")
			v.Actor.Kind = patchbay.ActorOperator
			_, err := p.w.Callback(t.Context(), v, p.annQ)
			return err
		}, flow.Person},
		"bob's state with ann's code, at ann's": {func(t *testing.T, p *pair) error {
			q := url.Values{"code": p.annQ["code"], "state": p.bobQ["state"]}
			_, err := p.w.Callback(t.Context(), p.w.visit(p.w.ann, "a"), q)
			return err
		}, flow.Person},
		"the path of another server": {func(t *testing.T, p *pair) error {
			v := p.w.visit(p.w.ann, "a")
			v.Server = p.w.server("other ö/%")
			_, err := p.w.Callback(t.Context(), v, p.annQ)
			return err
		}, flow.Unknown},
		"another of our addresses": {func(t *testing.T, p *pair) error {
			v := p.w.visit(p.w.ann, "a")
			v.Base = "http://127.0.0.1:3080"
			_, err := p.w.Callback(t.Context(), v, p.annQ)
			return err
		}, flow.Browser},
		"two states": {func(t *testing.T, p *pair) error {
			q := url.Values{"code": p.annQ["code"], "state": {p.annQ.Get("state"), p.bobQ.Get("state")}}
			_, err := p.w.Callback(t.Context(), p.w.visit(p.w.ann, "a"), q)
			return err
		}, flow.Unknown},
		"no state": {func(t *testing.T, p *pair) error {
			_, err := p.w.Callback(t.Context(), p.w.visit(p.w.ann, "a"), url.Values{"code": p.annQ["code"]})
			return err
		}, flow.Unknown},
		"a made-up state": {func(t *testing.T, p *pair) error {
			_, err := p.w.Callback(t.Context(), p.w.visit(p.w.ann, "a"), url.Values{"code": p.annQ["code"], "state": {"made-up"}})
			return err
		}, flow.Unknown},
		"bob opens ann's link": {func(t *testing.T, p *pair) error {
			_, err := p.w.Initiate(t.Context(), p.w.visit(p.w.bob, "b"), string(p.w.ann.ID()), p.ann.FlowID)
			return err
		}, flow.Person},
		"bob puts his id into ann's link": {func(t *testing.T, p *pair) error {
			_, err := p.w.Initiate(t.Context(), p.w.visit(p.w.bob, "b"), string(p.w.bob.ID()), p.ann.FlowID)
			return err
		}, flow.Unknown},
		"ann's flow at another server": {func(t *testing.T, p *pair) error {
			v := p.w.visit(p.w.ann, "a")
			v.Server = p.w.server("other ö/%")
			_, err := p.w.Initiate(t.Context(), v, string(p.w.ann.ID()), p.ann.FlowID)
			return err
		}, flow.Unknown},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, testkit.AuthServerOptions{})
			p := &pair{w: w, ann: w.ask(w.ann), bob: w.ask(w.bob)}
			p.annQ, p.bobQ = w.leave(w.ann, "a", p.ann), w.leave(w.bob, "b", p.bob)
			wantOutcome(t, tt.try(t, p), tt.want)
			require.Equal(t, vault.TokenNone, w.tokenState(w.ann))
			require.Equal(t, vault.TokenNone, w.tokenState(w.bob))
			require.Empty(t, w.auth.RequestsTo("token"), "no code was handed in")
		})
	}
}

// A state that somebody else brought is used up.
func TestStrangersUseUpTheState(t *testing.T) {
	w := newWorld(t, testkit.AuthServerOptions{})
	query := w.leave(w.ann, "a", w.ask(w.ann))
	_, err := w.Callback(t.Context(), w.visit(w.bob, "b"), query)
	wantOutcome(t, err, flow.Person)
	_, err = w.Callback(t.Context(), w.visit(w.ann, "a"), query)
	wantOutcome(t, err, flow.Expired)
	require.Equal(t, vault.TokenNone, w.tokenState(w.ann))
}

func TestRestartBetweenTheSteps(t *testing.T) {
	w := newWorld(t, testkit.AuthServerOptions{})
	in := w.ask(w.ann)
	w.Close()
	w.start()
	require.Equal(t, in.FlowID, w.ask(w.ann).FlowID, "the sign-in goes on")
	query := w.leave(w.ann, "a", in)
	w.Close()
	w.start()
	_, err := w.Callback(t.Context(), w.visit(w.ann, "a"), query)
	require.NoError(t, err)
	require.Equal(t, vault.TokenLive, w.tokenState(w.ann))
	require.Equal(t, 1, w.auth.Counts().Registrations, "the registration is kept")
}

// Run takes up what an earlier process began, and follows what another one ends.
func TestAnotherProcess(t *testing.T) {
	w := newWorld(t, testkit.AuthServerOptions{})
	first := w.Service
	in := w.ask(w.ann)
	w.start() // beside the first one, which lives on until the test ends
	stop := run(t, w.Service)
	wait(t, func() bool { return w.Facts(w.ann.ID(), "yaml/mail").Phase == patchbay.FlowPending })
	_, err := w.Callback(t.Context(), w.visit(w.ann, "a"), w.leave(w.ann, "a", in))
	require.NoError(t, err)
	stop()
	require.Equal(t, patchbay.FlowPending, first.Facts(w.ann.ID(), "yaml/mail").Phase)
	waiting := make(chan error, 1)
	go func() { waiting <- first.Await(t.Context(), w.ann.ID(), "yaml/mail") }()
	defer run(t, first)()
	require.NoError(t, <-waiting, "woken by what the other process stored")
	require.Empty(t, first.Facts(w.ann.ID(), "yaml/mail").Phase)
}

func run(t *testing.T, s *flow.Service) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	return func() {
		cancel()
		require.NoError(t, <-done)
	}
}

// wait asks until done says yes: for what happens in another goroutine.
func wait(t *testing.T, done func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	late := time.NewTimer(20 * time.Second)
	defer late.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-late.C:
			t.Fatal("it did not happen")
		}
	}
}

func TestExpiry(t *testing.T) {
	w := newWorld(t, testkit.AuthServerOptions{})
	in := w.ask(w.ann)
	query := w.leave(w.ann, "a", in)
	waiting := make(chan error, 1)
	go func() { waiting <- w.Await(t.Context(), w.ann.ID(), "yaml/mail") }()
	w.clock.pass(flow.TTL - 30*time.Second)
	next := w.ask(w.ann)
	require.NotEqual(t, in.FlowID, next.FlowID, "one that is almost over is not offered")
	require.ErrorIs(t, <-waiting, flow.ErrExpired)
	_, err := w.Callback(t.Context(), w.visit(w.ann, "a"), query)
	wantOutcome(t, err, flow.Expired)

	query = w.leave(w.ann, "a", next)
	w.clock.pass(flow.TTL)
	_, err = w.Callback(t.Context(), w.visit(w.ann, "a"), query)
	wantOutcome(t, err, flow.Expired)
	require.Empty(t, w.auth.RequestsTo("token"))
	defer run(t, w.Service)()
	wait(t, func() bool { return w.Facts(w.ann.ID(), "yaml/mail").Phase == patchbay.FlowNone })
	require.Contains(t, w.Facts(w.ann.ID(), "yaml/mail").Problem, "not finished in time")
}

func TestCancel(t *testing.T) {
	t.Run("while the person is away", func(t *testing.T) {
		w := newWorld(t, testkit.AuthServerOptions{})
		query := w.leave(w.ann, "a", w.ask(w.ann))
		waiting := make(chan error, 1)
		go func() { waiting <- w.Await(t.Context(), w.ann.ID(), "yaml/mail") }()
		wait(t, func() bool { return w.Facts(w.ann.ID(), "yaml/mail").Phase == patchbay.FlowPending })
		was, err := w.Cancel(t.Context(), w.bob, w.server("mail"))
		require.NoError(t, err)
		require.False(t, was, "bob has none")
		was, err = w.Cancel(t.Context(), w.ann, w.server("mail"))
		require.NoError(t, err)
		require.True(t, was)
		if err := <-waiting; err != nil { // nil: it was over before anybody waited
			require.ErrorIs(t, err, flow.ErrCancelled)
		}
		_, err = w.Callback(t.Context(), w.visit(w.ann, "a"), query)
		wantOutcome(t, err, flow.Expired)
		require.Empty(t, w.auth.RequestsTo("token"))
	})
	t.Run("while the code is exchanged", func(t *testing.T) {
		w := newWorld(t, testkit.AuthServerOptions{})
		query := w.leave(w.ann, "a", w.ask(w.ann))
		w.auth.Fail(testkit.AuthFault{At: "token", Delay: 30 * time.Second})
		ended := make(chan error, 1)
		go func() {
			_, err := w.Callback(t.Context(), w.visit(w.ann, "a"), query)
			ended <- err
		}()
		wait(t, func() bool { return len(w.auth.RequestsTo("token")) == 1 })
		was, err := w.Cancel(t.Context(), w.ann, w.server("mail"))
		require.NoError(t, err)
		require.True(t, was)
		wantOutcome(t, <-ended, flow.Expired)
		require.Equal(t, vault.TokenNone, w.tokenState(w.ann))
		require.Equal(t, flow.Facts{}, w.Facts(w.ann.ID(), "yaml/mail"))
	})
}

// An issuer that lost its clients gets us registered anew, and the person goes round once
// more: no error, and no second round after that.
func TestForgottenClient(t *testing.T) {
	w := newWorld(t, testkit.AuthServerOptions{})
	in := w.ask(w.ann)
	query := w.leave(w.ann, "a", in)
	w.auth.ForgetClients()
	again, err := w.Callback(t.Context(), w.visit(w.ann, "a"), query)
	require.NoError(t, err)
	require.NotEmpty(t, again)
	require.Equal(t, patchbay.FlowPending, w.Facts(w.ann.ID(), "yaml/mail").Phase)
	query = w.approve(again)
	again, err = w.Callback(t.Context(), w.visit(w.ann, "a"), query)
	require.NoError(t, err)
	require.Empty(t, again)
	require.Equal(t, vault.TokenLive, w.tokenState(w.ann))
	require.Equal(t, 2, w.auth.Counts().Registrations)

	// Bob comes by the registration that is kept.
	_, err = w.Callback(t.Context(), w.visit(w.bob, "b"), w.leave(w.bob, "b", w.ask(w.bob)))
	require.NoError(t, err)
	require.Equal(t, 2, w.auth.Counts().Registrations)

	// Who forgets each time is not obeyed for ever.
	query = w.leave(w.ann, "a", w.ask(w.ann))
	w.auth.ForgetClients()
	again, err = w.Callback(t.Context(), w.visit(w.ann, "a"), query)
	require.NoError(t, err)
	query = w.approve(again)
	w.auth.ForgetClients()
	_, err = w.Callback(t.Context(), w.visit(w.ann, "a"), query)
	wantOutcome(t, err, flow.Refused)
}

func TestRefusals(t *testing.T) {
	tests := map[string]struct {
		change func(*testkit.AuthServerOptions)
		want   flow.Outcome
	}{
		"the person says no": {func(o *testkit.AuthServerOptions) { o.Deny = "access_denied" }, flow.Denied},
		"the server says no": {func(o *testkit.AuthServerOptions) { o.Deny = "server_error" }, flow.Unreachable},
		"another issuer":     {func(o *testkit.AuthServerOptions) { o.Iss, o.IssValue = true, "https://evil.example" }, flow.Issuer},
		"another issuer and no": {func(o *testkit.AuthServerOptions) {
			o.Iss, o.IssValue, o.Deny = true, "https://evil.example", "access_denied"
		}, flow.Issuer},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, testkit.AuthServerOptions{})
			in := w.ask(w.ann)
			w.auth.Change(tt.change)
			_, err := w.Callback(t.Context(), w.visit(w.ann, "a"), w.leave(w.ann, "a", in))
			wantOutcome(t, err, tt.want)
			require.Empty(t, w.auth.RequestsTo("token"))
			require.NotEmpty(t, w.Facts(w.ann.ID(), "yaml/mail").Problem, "the status says why")
			w.ask(w.ann)
			require.Empty(t, w.Facts(w.ann.ID(), "yaml/mail").Problem, "until the next one")
		})
	}
}

// What stands in the way of a sign-in is said before the person leaves.
func TestStartSaysWhatIsInTheWay(t *testing.T) {
	tests := map[string]struct {
		change func(*world)
		want   patchbay.Reason
	}{
		"no way to be a client": {func(w *world) {
			w.auth.Change(func(o *testkit.AuthServerOptions) { o.NoRegistration = true })
		}, patchbay.ReasonBadDefinition},
		"one connection for all": {func(w *world) {
			w.define(func(s *patchbay.Server) { s.ForcedLevel = patchbay.LevelApp })
		}, patchbay.ReasonUnauthorized},
		"endpoints of a scheme that is no address": {func(w *world) {
			w.auth.Change(func(o *testkit.AuthServerOptions) {
				o.Edit = func(m map[string]any) { m["authorization_endpoint"] = "javascript:alert(1)" }
			})
		}, patchbay.ReasonProtocol},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, testkit.AuthServerOptions{})
			tt.change(w)
			_, err := w.Start(t.Context(), w.ann, w.server("mail"), base, w.challenge())
			var ce *patchbay.ConnectError
			require.ErrorAs(t, err, &ce)
			require.Equal(t, tt.want, ce.Reason, "%v", err)
			require.Empty(t, w.Facts(w.ann.ID(), "yaml/mail").Phase)
		})
	}
	w := newWorld(t, testkit.AuthServerOptions{})
	_, err := w.Start(t.Context(), patchbay.Actor{Kind: patchbay.ActorOperator}, w.server("mail"), base, nil)
	require.Equal(t, patchbay.CodeForbidden, patchbay.CodeOf(err))
}

// A definition that leads elsewhere now ends what was begun for the old one.
func TestDefinitionChangedMeanwhile(t *testing.T) {
	w := newWorld(t, testkit.AuthServerOptions{})
	in := w.ask(w.ann)
	query := w.leave(w.ann, "a", in)
	other := w.auth.Protect(t, testkit.NewEcho(t, testkit.EchoOptions{}), testkit.ProtectOptions{})
	w.define(func(s *patchbay.Server) { s.Hash, s.URL = "2", other.URL() })
	_, err := w.Callback(t.Context(), w.visit(w.ann, "a"), query)
	wantOutcome(t, err, flow.Changed)
	require.Empty(t, w.auth.RequestsTo("token"))
	w.define(nil)
	in = w.ask(w.ann)
	w.define(func(s *patchbay.Server) { s.Hash, s.URL = "2", other.URL() })
	_, err = w.Initiate(t.Context(), w.visit(w.ann, "a"), string(w.ann.ID()), in.FlowID)
	wantOutcome(t, err, flow.Changed)
}

// A second visit by the same browser leads to the same place, so that two tabs do not end
// each other; another browser takes the sign-in over.
func TestTwoTabsAndTwoBrowsers(t *testing.T) {
	w := newWorld(t, testkit.AuthServerOptions{})
	in := w.ask(w.ann)
	v := w.visit(w.ann, "a")
	first, err := w.Initiate(t.Context(), v, string(w.ann.ID()), in.FlowID)
	require.NoError(t, err)
	second, err := w.Initiate(t.Context(), v, string(w.ann.ID()), in.FlowID)
	require.NoError(t, err)
	require.Equal(t, first, second)
	old := w.approve(first)
	query := w.leave(w.ann, "x", in)
	_, err = w.Callback(t.Context(), v, old)
	wantOutcome(t, err, flow.Unknown)
	_, err = w.Callback(t.Context(), w.visit(w.ann, "x"), query)
	require.NoError(t, err)
}

func TestBindTiesToTheBrowser(t *testing.T) {
	w := newWorld(t, testkit.AuthServerOptions{})
	require.NoError(t, w.Bind(t.Context(), w.ann, w.server("mail"), cookie("a")), "nothing pending is no error")
	in := w.ask(w.ann)
	query := w.leave(w.ann, "a", in)
	require.NoError(t, w.Bind(t.Context(), w.ann, w.server("mail"), cookie("b")))
	_, err := w.Callback(t.Context(), w.visit(w.ann, "a"), query)
	wantOutcome(t, err, flow.Browser)
}

// With an address that the internet reaches, our client id is the address of a document;
// when a sign-in by it does not come back, the next try registers.
func TestClientDocuments(t *testing.T) {
	w := newWorld(t, testkit.AuthServerOptions{ClientDocuments: true})
	const public = "https://chat.example.test/sub"
	w.public = public
	in, err := w.Start(t.Context(), w.ann, w.server("mail"), public, w.challenge())
	require.NoError(t, err)
	v := w.visit(w.ann, "a")
	v.Base = public
	to, err := w.Initiate(t.Context(), v, string(w.ann.ID()), in.FlowID)
	require.NoError(t, err)
	sent, err := url.Parse(to)
	require.NoError(t, err)
	id := sent.Query().Get("client_id")
	name, ok := strings.CutPrefix(id, public+"/oauth/client/")
	require.True(t, ok, id)
	doc, ok := w.Document(name)
	require.True(t, ok)
	require.Equal(t, id, doc.ClientID)
	require.Equal(t, []string{sent.Query().Get("redirect_uri")}, doc.RedirectURIs)
	raw, err := json.Marshal(doc)
	require.NoError(t, err)
	require.NotContains(t, string(raw), "secret")
	require.Zero(t, w.auth.Counts().Registrations)

	w.Close()
	w.start()
	_, ok = w.Document(name)
	require.True(t, ok, "the address outlasts a restart")
	for _, other := range []string{"", "x", name + "x", strings.ToUpper(name), "../" + name, strings.Repeat("a", 32) + ".json"} {
		_, ok = w.Document(other)
		require.False(t, ok, other)
	}

	w.clock.pass(time.Minute)
	to, err = w.Initiate(t.Context(), v, string(w.ann.ID()), in.FlowID)
	require.NoError(t, err)
	sent, err = url.Parse(to)
	require.NoError(t, err)
	require.NotEqual(t, id, sent.Query().Get("client_id"))
	require.Equal(t, 1, w.auth.Counts().Registrations)
	w.public = ""
	_, ok = w.Document(name)
	require.False(t, ok, "no public address, no document")
}

func TestSignOut(t *testing.T) {
	w := newWorld(t, testkit.AuthServerOptions{})
	_, err := w.Callback(t.Context(), w.visit(w.ann, "a"), w.leave(w.ann, "a", w.ask(w.ann)))
	require.NoError(t, err)
	require.NoError(t, w.SignOut(t.Context(), w.bob, w.server("mail")))
	require.Equal(t, vault.TokenLive, w.tokenState(w.ann))
	require.NoError(t, w.SignOut(t.Context(), w.ann, w.server("mail")))
	require.Equal(t, vault.TokenNone, w.tokenState(w.ann))
	require.NotZero(t, w.auth.Counts().Revocations)
}

// No state, verifier, code or token is in a log line or a message, whatever happens.
func TestNothingSecretIsSaid(t *testing.T) {
	w := newWorld(t, testkit.AuthServerOptions{AuthMethods: []string{"client_secret_post"}})
	var said []string
	query := w.leave(w.ann, "a", w.ask(w.ann))
	w.auth.Fail(testkit.AuthFault{At: "token", Status: 400, Body: `{"error":"invalid_grant","error_description":"` + query.Get("code") + `"}`})
	_, err := w.Callback(t.Context(), w.visit(w.ann, "a"), query)
	wantOutcome(t, err, flow.Refused)
	said = append(said, err.Error(), w.Facts(w.ann.ID(), "yaml/mail").Problem)
	_, err = w.Callback(t.Context(), w.visit(w.ann, "a"), w.leave(w.ann, "a", w.ask(w.ann)))
	require.NoError(t, err)
	said = append(said, w.log.String())

	var secrets []string
	for _, r := range w.auth.Requests() {
		for _, name := range []string{"state", "code", "code_verifier", "client_secret", "refresh_token"} {
			secrets = append(secrets, r.Form[name]...)
		}
	}
	for token := range w.door.Tokens() {
		secrets = append(secrets, token)
	}
	require.GreaterOrEqual(t, len(secrets), 8)
	for _, secret := range secrets {
		for _, text := range said {
			require.NotContains(t, text, secret)
		}
	}
}
