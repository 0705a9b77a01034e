package chat_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/testkit"
	"patchbay/internal/testkit/hostkit"
)

// TestThreeWaits: a run waits for a sign-in, an approval and a question of a new server at
// the same time, across a restart, and ends when the three are answered, in any order.
func TestThreeWaits(t *testing.T) {
	for name, order := range map[string][]patchbay.WaitKind{
		"question first": {patchbay.WaitQuestion, patchbay.WaitApproval, patchbay.WaitSignin},
		"sign-in first":  {patchbay.WaitSignin, patchbay.WaitQuestion, patchbay.WaitApproval},
		"approval first": {patchbay.WaitApproval, patchbay.WaitSignin, patchbay.WaitQuestion},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWaiting(t)
			in := w.place.Serve(t, program.Path(t))
			ann := person{in.URL, w.token}
			w.loseSignIn(t, ann)
			s := ann.send(t, map[string]any{"text": "Wait thrice.", "settings": map[string]any{
				"provider": "box", "model": "fake-large", "mcpServers": []string{"asks", "careful", "door"},
			}})
			r := ann.until(t, s.Run.ID, "waiting for three", func(r *run) bool { return r.Status == patchbay.RunWaiting && len(open(r)) == 3 })
			in.Stop(t)

			in = w.place.Serve(t, program.Path(t))
			ann = person{in.URL, w.token}
			again := ann.run(t, s.Run.ID)
			require.Equal(t, open(&r), open(&again), "what it waits for")
			for _, kind := range order {
				w.answer(t, ann, open(&again)[kind], kind)
			}
			r = ann.ended(t, s.Run.ID)
			require.Equal(t, patchbay.RunDone, r.Status, "%+v", r.End)
			for _, c := range r.Calls {
				require.Equal(t, patchbay.RunCallDone, c.State, "%s: %s", c.Name, c.Problem)
				require.False(t, c.IsError, c.Name)
			}
			require.Contains(t, string(w.api.Last()), "Grace", "the answer reached the model by the tool")
			require.Equal(t, 1, w.careful.Calls("echo"))
			require.Equal(t, 1, w.door.Calls("echo"))
			in.Stop(t)
		})
	}
}

// waiting is a place with a server that asks, one whose tools want approval, and one that
// wants a sign-in.
type waiting struct {
	place               *hostkit.Place
	token               string
	api                 *testkit.Models
	asks, careful, door *testkit.Echo
	issuer              *testkit.AuthServer
}

// loseSignIn signs in, so that the tools behind the door are known, and ends the sign-in
// where the host cannot know of it before a call.
func (w *waiting) loseSignIn(t *testing.T, p person) {
	t.Helper()
	p.signIn(t, "door")
	p.want(t, http.StatusOK, http.MethodGet, "/api/mcp/tools?server=door&connect=1", nil, nil)
	w.issuer.EndGrants()
	w.issuer.ExpireTokens()
}

func newWaiting(t *testing.T, env ...string) *waiting {
	w := &waiting{
		api:  testkit.NewModels(t, asks("call_", "ask_mcp_asks", `{}`, "echo_mcp_careful", `{"text":"careful"}`, "echo_mcp_door", `{"text":"inside"}`), says("All three.")),
		asks: testkit.NewEcho(t, testkit.EchoOptions{Versions: []string{testkit.Modern}}), careful: testkit.NewEcho(t, testkit.EchoOptions{}),
		door: testkit.NewEcho(t, testkit.EchoOptions{}), issuer: testkit.NewAuthServer(t, testkit.AuthServerOptions{}),
	}
	protected := w.issuer.Protect(t, w.door, testkit.ProtectOptions{})
	w.place = hostkit.NewPlace(t, custom(w.api)+fmt.Sprintf("mcpServers:\n"+
		"  asks: {type: http, url: %q, level: user, approval: {'*': never}}\n"+
		"  careful: {type: http, url: %q, approval: {'*': always}}\n"+
		"  door: {type: http, url: %q, requiresOAuth: true, approval: {'*': never}}\n", w.asks.URL(), w.careful.URL(), protected.URL()), env...)
	w.token = people(t, w.place, 1)[0]
	return w
}

// open are a run's open waits, by kind.
func open(r *run) map[patchbay.WaitKind]string {
	found := map[patchbay.WaitKind]string{}
	for _, w := range r.Waits {
		if w.Status == patchbay.WaitOpen {
			found[w.Kind] = w.ID
		}
	}
	return found
}

func (w *waiting) answer(t *testing.T, p person, id string, kind patchbay.WaitKind) {
	t.Helper()
	switch kind {
	case patchbay.WaitApproval:
		p.want(t, http.StatusOK, http.MethodPost, "/api/approvals/"+id, map[string]any{"decision": "allow"}, nil)
		p.want(t, http.StatusConflict, http.MethodPost, "/api/approvals/"+id, map[string]any{"decision": "deny"}, nil)
	case patchbay.WaitQuestion:
		p.want(t, http.StatusOK, http.MethodPost, "/api/questions/"+id, map[string]any{
			"action": "accept", "answers": map[string]any{"q1": map[string]any{"name": "Grace"}},
		}, nil)
	case patchbay.WaitSignin:
		p.signIn(t, "door")
	}
}

// signIn goes the way of a browser: a login's token is not needed, the API token does.
func (p person) signIn(t *testing.T, server string) {
	t.Helper()
	var started struct{ OAuthURL string }
	status, answer := p.ask(t, http.MethodPost, "/api/mcp/"+server+"/reinitialize", nil)
	require.Equal(t, http.StatusOK, status, "%s", answer)
	require.NoError(t, json.Unmarshal(answer, &started))
	require.NotEmpty(t, started.OAuthURL, "%s", answer)
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	browser := &http.Client{Jar: jar, Transport: bearer{p}}
	resp, err := browser.Get(started.OAuthURL)
	require.NoError(t, err)
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode, "%s: %s", resp.Request.URL.Path, page)
}

// bearer sends the person's token to the instance, and to nobody else.
type bearer struct{ p person }

// RoundTrip implements http.RoundTripper.
func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasPrefix(r.URL.String(), b.p.url) {
		r = r.Clone(r.Context())
		r.Header.Set("Authorization", "Bearer "+b.p.token)
	}
	return http.DefaultTransport.RoundTrip(r)
}
