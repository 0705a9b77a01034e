package roster_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/netguard"
	"patchbay/internal/roster"
	"patchbay/internal/testkit"
)

var anywhere = netguard.Policy{}

// Each kind is asked in its own format, with the operator's key from the environment.
func TestOperatorKeys(t *testing.T) {
	api := testkit.NewModelsFunc(t, says("good day"))
	api.RequireKey("fake-operator")
	key := patchbay.NewSecret("${MODEL_KEY}")
	w := newWorld(t, anywhere,
		&patchbay.Provider{Name: "openAI", Kind: patchbay.ProviderOpenAI, BaseURL: api.URL().String() + "/v1", Key: key, KeySource: patchbay.KeyOperator, Fetch: true},
		&patchbay.Provider{Name: "anthropic", Kind: patchbay.ProviderAnthropic, BaseURL: "${BASE}", Key: key, KeySource: patchbay.KeyOperator, Fetch: true},
		&patchbay.Provider{Name: "box", Kind: patchbay.ProviderCustom, BaseURL: api.URL().String() + "/v1", Key: key, KeySource: patchbay.KeyOperator, Models: models("only")},
	)
	w.env["MODEL_KEY"], w.env["BASE"] = "fake-operator\n", api.URL().String()
	w.update(w.cfg.Providers...)
	ada := w.user("ada")

	by := w.providers(ada)
	for _, name := range []string{"openAI", "anthropic"} {
		require.Empty(t, by[name].Problem)
		require.Empty(t, by[name].Unavailable)
		require.Equal(t, testkit.ModelNames(), ids(by[name].Models), name)
	}
	require.Equal(t, []string{"only"}, ids(by["box"].Models))
	require.True(t, by["box"].Fixed)

	for name, path := range map[string]string{"openAI": "/v1/chat/completions", "anthropic": "/v1/messages", "box": "/v1/chat/completions"} {
		c, err := w.s.Choose(t.Context(), ada, name, "")
		require.NoError(t, err)
		require.Equal(t, by[name].Models[0].ID, c.Model)
		require.Equal(t, c.Model, c.TitleModel)
		require.True(t, c.Tools)
		text, err := ask(t.Context(), c)
		require.NoError(t, err)
		require.Equal(t, "good day", text)
		requests := api.Requests()
		require.Equal(t, path, requests[len(requests)-1].Path)
	}
}

// One person's key serves nobody else, and neither do the models it may see.
func TestTwoUsersWithKeys(t *testing.T) {
	var mu sync.Mutex
	asked := map[string]int{} // key -> lists
	api := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		key := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		mu.Lock()
		asked[key]++
		mu.Unlock()
		fmt.Fprintf(rw, `{"data":[{"id":"of-%s"}]}`, key)
	}))
	t.Cleanup(api.Close)
	w := newWorld(t, anywhere, &patchbay.Provider{Name: "box", Kind: patchbay.ProviderCustom, BaseURL: api.URL, KeySource: patchbay.KeyUser, Fetch: true})
	ada, bob, eve := w.user("ada"), w.user("bob"), w.user("eve")
	require.NoError(t, w.s.SetKey(t.Context(), ada, "box", key("fake-ada")))
	require.NoError(t, w.s.SetKey(t.Context(), bob, "box", key("fake-bob")))

	for range 3 {
		require.Equal(t, []string{"of-fake-ada"}, ids(w.providers(ada)["box"].Models))
		require.Equal(t, []string{"of-fake-bob"}, ids(w.providers(bob)["box"].Models))
		p := w.providers(eve)["box"]
		require.Empty(t, p.Models)
		require.False(t, p.KeySet)
		require.NotEmpty(t, p.Unavailable)
	}
	mu.Lock()
	require.Empty(t, cmp.Diff(map[string]int{"fake-ada": 1, "fake-bob": 1}, asked), "lists are kept, each for its key")
	mu.Unlock()

	_, err := w.s.Choose(t.Context(), eve, "box", "m")
	require.Equal(t, patchbay.CodeModelKeyMissing, patchbay.CodeOf(err))
	_, err = w.s.Choose(t.Context(), patchbay.Actor{Kind: patchbay.ActorOperator}, "box", "m")
	require.Equal(t, patchbay.CodeModelKeyMissing, patchbay.CodeOf(err), "the operator has nobody's key")

	// A new key is another list; without a key there is none.
	require.NoError(t, w.s.SetKey(t.Context(), ada, "box", key("fake-ada-2")))
	require.Equal(t, []string{"of-fake-ada-2"}, ids(w.providers(ada)["box"].Models))
	require.NoError(t, w.s.DeleteKey(t.Context(), ada, "box"))
	require.Empty(t, w.providers(ada)["box"].Models)
	require.Equal(t, []string{"of-fake-bob"}, ids(w.providers(bob)["box"].Models))
}

func TestChosenCarriesTheKeyOfItsActor(t *testing.T) {
	api := testkit.NewModelsFunc(t, says("hi"))
	w := newWorld(t, anywhere, personal("box", api))
	ada, bob := w.user("ada"), w.user("bob")
	require.NoError(t, w.s.SetKey(t.Context(), ada, "box", key("fake-ada")))
	require.NoError(t, w.s.SetKey(t.Context(), bob, "box", key("fake-bob")))
	for _, tc := range []struct {
		actor patchbay.Actor
		want  string
	}{{ada, "Bearer fake-ada"}, {bob, "Bearer fake-bob"}, {ada, "Bearer fake-ada"}} {
		c, err := w.s.Choose(t.Context(), tc.actor, "box", "m")
		require.NoError(t, err)
		_, err = ask(t.Context(), c)
		require.NoError(t, err)
		requests := api.Requests()
		require.Equal(t, tc.want, requests[len(requests)-1].Header.Get("Authorization"))
		require.NotContains(t, fmt.Sprintf("%+v %#v", c, c), "fake-")
	}
}

func TestExpiry(t *testing.T) {
	api := testkit.NewModelsFunc(t, says("hi"))
	w := newWorld(t, anywhere, personal("box", api))
	ada := w.user("ada")
	until := w.clock().Add(time.Hour)
	require.NoError(t, w.s.SetKey(t.Context(), ada, "box", roster.Key{Secret: patchbay.NewSecret("fake-ada"), ExpiresAt: until}))
	_, err := w.s.Choose(t.Context(), ada, "box", "m")
	require.NoError(t, err)
	p := w.providers(ada)["box"]
	require.Equal(t, until, p.KeyExpiresAt)
	require.Empty(t, p.Unavailable)

	w.pass(time.Hour)
	_, err = w.s.Choose(t.Context(), ada, "box", "m")
	require.Equal(t, patchbay.CodeModelKeyExpired, patchbay.CodeOf(err))
	p = w.providers(ada)["box"]
	require.True(t, p.KeySet)
	require.Contains(t, p.Unavailable, "expired")
	require.Empty(t, p.Models)
	require.Equal(t, patchbay.CodeInvalid, patchbay.CodeOf(w.s.SetKey(t.Context(), ada, "box", roster.Key{Secret: patchbay.NewSecret("fake"), ExpiresAt: until})))
}

func TestRefusedChoices(t *testing.T) {
	api := testkit.NewModels(t)
	fixed := custom("box", api)
	fixed.Models, fixed.Fetch = models("large", "small"), false
	no := false
	fixed.Tools, fixed.TitleModel = &no, "small"
	w := newWorld(t, anywhere, fixed,
		&patchbay.Provider{Name: "other", Kind: "other", Label: "Other"},
		&patchbay.Provider{Name: "unset", Kind: patchbay.ProviderOpenAI, Key: patchbay.NewSecret("${NOT_SET}"), KeySource: patchbay.KeyOperator},
		&patchbay.Provider{Name: "wrong", Kind: patchbay.ProviderCustom, BaseURL: "http://m.example", Problem: &patchbay.Problem{Message: "name: is missing"}},
	)
	ada := w.user("ada")
	for _, tc := range []struct {
		provider, model string
		code            patchbay.Code
		says            string
	}{
		{"boxx", "large", patchbay.CodeNotFound, "'box'"},
		{"nothing like it", "large", patchbay.CodeNotFound, "Choose one"},
		{"box", "larg", patchbay.CodeInvalid, "'large'"},
		{"box", "quite another one", patchbay.CodeInvalid, "Choose one"},
		{"box", "a\nb", patchbay.CodeInvalid, "one line"},
		{"other", "g", patchbay.CodeNotImplemented, "no adapter"},
		{"unset", "m", patchbay.CodeUnavailable, "${NOT_SET}"},
		{"wrong", "m", patchbay.CodeUnavailable, "name: is missing"},
	} {
		_, err := w.s.Choose(t.Context(), ada, tc.provider, tc.model)
		var e *patchbay.Error
		require.ErrorAs(t, err, &e, tc.provider)
		require.Equal(t, tc.code, e.Code)
		require.Contains(t, e.Message, tc.says)
	}
	c, err := w.s.Choose(t.Context(), ada, "box", "")
	require.NoError(t, err)
	require.Equal(t, "large", c.Model)
	require.Equal(t, "small", c.TitleModel)
	require.False(t, c.Tools)
	by := w.providers(ada)
	require.Contains(t, by["other"].Unavailable, "no adapter")
	require.Contains(t, by["unset"].Unavailable, "not set")

	_, err = newWorld(t, anywhere).s.Choose(t.Context(), ada, "openAI", "m")
	require.ErrorContains(t, err, "OPENAI_API_KEY")
}

// An API that cannot be asked leaves the configured models and says why, without what it
// said of the operator's key.
func TestListFailsSoftly(t *testing.T) {
	var lists atomic.Int32
	api := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		lists.Add(1)
		rw.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(rw, `{"error":{"message":"wrong key fake-op***","type":"authentication_error"}}`)
	}))
	t.Cleanup(api.Close)
	p := &patchbay.Provider{
		Name: "box", Kind: patchbay.ProviderCustom, BaseURL: api.URL, Models: models("known"), Fetch: true,
		Key: patchbay.NewSecret("fake-operator"), KeySource: patchbay.KeyOperator,
	}
	w := newWorld(t, anywhere, p)
	ada := w.user("ada")
	for range 3 {
		got := w.providers(ada)["box"]
		require.Equal(t, []string{"known"}, ids(got.Models))
		require.Contains(t, got.Problem, "refused the key")
		require.NotContains(t, got.Problem, "fake-")
	}
	require.EqualValues(t, 1, lists.Load(), "an API that failed is left alone for a while")
	w.pass(time.Minute)
	w.providers(ada)
	require.EqualValues(t, 2, lists.Load())
	c, err := w.s.Choose(t.Context(), ada, "box", "of a list that is not known")
	require.NoError(t, err)
	require.Equal(t, "of a list that is not known", c.Model)
}

// Of all who want a list at the same time one asks; one who leaves does not spoil it.
func TestListIsAskedOnce(t *testing.T) {
	var lists atomic.Int32
	began, release := make(chan struct{}, 8), make(chan struct{})
	api := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		lists.Add(1)
		began <- struct{}{}
		select {
		case <-release:
		case <-r.Context().Done():
		}
		fmt.Fprint(rw, `{"data":[{"id":"m"}]}`)
	}))
	t.Cleanup(api.Close)
	w := newWorld(t, anywhere, &patchbay.Provider{Name: "box", Kind: patchbay.ProviderCustom, BaseURL: api.URL, Fetch: true})
	ada, bob := w.user("ada"), w.user("bob")

	leaving, leave := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() { _, err := w.s.Providers(leaving, ada); first <- err }()
	<-began
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			all, err := w.s.Providers(t.Context(), bob)
			if err != nil || len(all) != 1 || len(all[0].Models) != 1 {
				t.Errorf("%+v, %v", all, err)
			}
		})
	}
	leave()
	require.Error(t, <-first)
	<-began // one of the others asks
	close(release)
	wait.Wait()
	require.EqualValues(t, 2, lists.Load())
}

// A person's own address must be public, and no key goes to an address that it was not
// given for.
func TestOwnAddress(t *testing.T) {
	api := testkit.NewModelsFunc(t, says("hi"))
	own := &patchbay.Provider{
		Name: "own", Kind: patchbay.ProviderCustom, KeySource: patchbay.KeyUser, UserURL: true, Models: models("m"),
		Headers: map[string]string{"X-Of-The-Operator": "fake-header"},
	}
	w := newWorld(t, anywhere, own)
	ada := w.user("ada")
	address := api.URL().String() + "/v1"
	for name, k := range map[string]roster.Key{
		"private":  {Secret: patchbay.NewSecret("fake-ada"), BaseURL: address},
		"none":     key("fake-ada"),
		"file":     {Secret: patchbay.NewSecret("fake-ada"), BaseURL: "file:///etc/passwd"},
		"password": {Secret: patchbay.NewSecret("fake-ada"), BaseURL: "https://u:p@api.example/v1"},
		"no key":   {BaseURL: "https://api.example/v1"},
		"lines":    {Secret: patchbay.NewSecret("fake\nX-A: b"), BaseURL: "https://api.example/v1"},
	} {
		err := w.s.SetKey(t.Context(), ada, "own", k)
		var e *patchbay.Error
		require.ErrorAs(t, err, &e, name)
		require.Equal(t, patchbay.CodeInvalid, e.Code, name)
		require.NotContains(t, err.Error(), "fake")
	}

	host := api.URL().Host
	allowed := newWorld(t, netguard.Policy{AllowedAddresses: []string{host}}, own)
	ada = allowed.user("ada")
	require.NoError(t, allowed.s.SetKey(t.Context(), ada, "own", roster.Key{Secret: patchbay.NewSecret("fake-ada"), BaseURL: address}))
	c, err := allowed.s.Choose(t.Context(), ada, "own", "m")
	require.NoError(t, err)
	_, err = ask(t.Context(), c)
	require.NoError(t, err)
	require.Empty(t, api.Requests()[0].Header.Get("X-Of-The-Operator"), "the operator's headers are not for people's addresses")

	// The operator names another address now: the key was not given for it.
	moved := personal("own", api)
	moved.Models = models("m")
	allowed.update(moved)
	_, err = allowed.s.Choose(t.Context(), ada, "own", "m")
	require.Equal(t, patchbay.CodeModelKeyMissing, patchbay.CodeOf(err))

	// The guard judges at connect too: the policy may have changed since.
	strict := allowed.cfg
	strict.Providers = []*patchbay.Provider{own}
	strict.Guard, err = netguard.New(netguard.Policy{})
	require.NoError(t, err)
	allowed.s.Update(strict)
	c, err = allowed.s.Choose(t.Context(), ada, "own", "m")
	require.NoError(t, err)
	_, err = ask(t.Context(), c)
	var failed *patchbay.ModelError
	require.ErrorAs(t, err, &failed)
	require.Contains(t, failed.Message, "not a public address")
}

func TestKeysWhereNoneIsAsked(t *testing.T) {
	api := testkit.NewModels(t)
	p := custom("box", api)
	p.Key, p.KeySource = patchbay.NewSecret("fake-operator"), patchbay.KeyOperator
	w := newWorld(t, anywhere, p)
	ada := w.user("ada")
	require.Equal(t, patchbay.CodeConflict, patchbay.CodeOf(w.s.SetKey(t.Context(), ada, "box", key("fake-ada"))))
	require.Equal(t, patchbay.CodeNotFound, patchbay.CodeOf(w.s.SetKey(t.Context(), ada, "boxes of it", key("fake-ada"))))
	require.Equal(t, patchbay.CodeForbidden, patchbay.CodeOf(w.s.SetKey(t.Context(), patchbay.Actor{Kind: patchbay.ActorOperator}, "box", key("fake"))))
	require.NoError(t, w.s.DeleteKey(t.Context(), ada, "gone since"))
}

// Headers say who asks; nobody is asked for on behalf of another.
func TestHeaders(t *testing.T) {
	api := testkit.NewModelsFunc(t, says("hi"))
	p := custom("box", api)
	p.Headers = map[string]string{"X-User": "{{LIBRECHAT_USER_USERNAME}}", "X-Team": "${TEAM}", "X-Run": "{{LIBRECHAT_BODY_MESSAGEID}}"}
	p.Models, p.Fetch = models("m"), false
	p.AddParams = map[string]json.RawMessage{"seed": json.RawMessage("7")}
	p.DropParams = []string{"stream_options"}
	w := newWorld(t, anywhere, p)
	w.env["TEAM"] = "red"
	for _, name := range []string{"ada", "bob", "ada2"} {
		c, err := w.s.Choose(t.Context(), w.user(name), "box", "m")
		require.NoError(t, err)
		_, err = ask(t.Context(), c)
		require.NoError(t, err)
		requests := api.Requests()
		last := requests[len(requests)-1]
		require.Equal(t, []string{name}, last.Header["X-User"])
		require.Equal(t, "red", last.Header.Get("X-Team"))
		require.NotContains(t, last.Header, "X-Run")
		var body map[string]any
		require.NoError(t, json.Unmarshal(last.Body, &body))
		require.EqualValues(t, 7, body["seed"])
		require.NotContains(t, body, "stream_options")
	}
	_, err := w.s.Choose(t.Context(), patchbay.Actor{Kind: patchbay.ActorOperator}, "box", "m")
	require.Equal(t, patchbay.CodeForbidden, patchbay.CodeOf(err))

	broken := w.user("ada3")
	broken.User.Username = "a\r\nX-Admin: yes"
	_, err = w.s.Choose(t.Context(), broken, "box", "m")
	require.Equal(t, patchbay.CodeUnavailable, patchbay.CodeOf(err))
	require.ErrorContains(t, err, "control character")
}

// A saved file counts at once: addresses, keys, lists.
func TestLiveChange(t *testing.T) {
	before, after := testkit.NewModelsFunc(t, says("before")), testkit.NewModelsFunc(t, says("after"))
	w := newWorld(t, anywhere, custom("box", before))
	ada := w.user("ada")
	old, err := w.s.Choose(t.Context(), ada, "box", "")
	require.NoError(t, err)

	changed := custom("box", after)
	changed.Models = models("of the file")
	w.update(changed, custom("second", after))
	c, err := w.s.Choose(t.Context(), ada, "box", "")
	require.NoError(t, err)
	require.Equal(t, "of the file", c.Model)
	text, err := ask(t.Context(), c)
	require.NoError(t, err)
	require.Equal(t, "after", text)
	require.Equal(t, []string{"of the file", "fake-large", "fake-small"}, ids(w.providers(ada)["box"].Models))
	require.Contains(t, w.providers(ada), "second")
	text, err = ask(t.Context(), old)
	require.NoError(t, err, "what was chosen before goes on as it was")
	require.Equal(t, "before", text)

	w.update()
	require.Empty(t, w.providers(ada))
}

func TestSpecs(t *testing.T) {
	w := newWorld(t, anywhere)
	w.cfg.Specs, w.cfg.Enforce = []patchbay.ModelSpec{{Name: "fast"}, {Name: "deep"}}, true
	w.update()
	specs, enforce := w.s.Specs(w.user("ada"))
	require.True(t, enforce)
	require.Len(t, specs, 2)
	specs[0].Name = "changed by the caller"
	specs, _ = w.s.Specs(w.user("bob"))
	require.Equal(t, "fast", specs[0].Name)
}

func TestWith(t *testing.T) {
	c := roster.Chosen{Params: patchbay.ModelParams{Add: map[string]json.RawMessage{"a": json.RawMessage("1")}, Drop: []string{"x"}}}
	of := patchbay.ModelParams{MaxTokens: 5, Add: map[string]json.RawMessage{"a": json.RawMessage("2"), "b": json.RawMessage("3")}}
	got := c.With(of)
	want := patchbay.ModelParams{MaxTokens: 5, Add: map[string]json.RawMessage{"a": json.RawMessage("1"), "b": json.RawMessage("3")}, Drop: []string{"x"}}
	require.Empty(t, cmp.Diff(want, got))
	require.Equal(t, "2", string(of.Add["a"]), "the caller's own stays")
}

func TestNewNeedsItsParts(t *testing.T) {
	_, err := roster.New(roster.Options{})
	require.Error(t, err)
}

// A provider of the file may speak another vendor's format, at an address of its own.
func TestCustomFormat(t *testing.T) {
	api := testkit.NewModelsFunc(t, says("hi"))
	p := custom("box", api)
	p.Kind, p.BaseURL = patchbay.ProviderAnthropic, api.URL().String()
	w := newWorld(t, anywhere, p)
	ada := w.user("ada")
	require.Equal(t, testkit.ModelNames(), ids(w.providers(ada)["box"].Models))
	c, err := w.s.Choose(t.Context(), ada, "box", "m")
	require.NoError(t, err)
	_, err = ask(t.Context(), c)
	require.NoError(t, err)
	require.Equal(t, "/v1/messages", api.Requests()[0].Path)
}

// With `strict` the operator's own addresses are guarded too, and the reason is told.
func TestStrict(t *testing.T) {
	api := testkit.NewModelsFunc(t, says("hi"))
	w := newWorld(t, netguard.Policy{Strict: true}, custom("box", api))
	ada := w.user("ada")
	require.Contains(t, w.providers(ada)["box"].Problem, "cannot be reached")
	c, err := w.s.Choose(t.Context(), ada, "box", "m")
	require.NoError(t, err)
	_, err = ask(t.Context(), c)
	var failed *patchbay.ModelError
	require.ErrorAs(t, err, &failed)
	require.Contains(t, failed.Message, "not a public address")
	require.Empty(t, api.Requests())
}

// Nobody's choice waits for another's, whatever changes meanwhile.
func TestTogether(t *testing.T) {
	api := testkit.NewModelsFunc(t, says("hi"))
	w := newWorld(t, anywhere, personal("box", api), custom("all", api))
	var wait sync.WaitGroup
	for i := range 4 {
		user := w.user(fmt.Sprint("user", i))
		wait.Go(func() {
			for n := range 5 {
				own := fmt.Sprintf("fake-%d-%d", i, n)
				if err := w.s.SetKey(t.Context(), user, "box", key(own)); err != nil {
					t.Error(err)
				}
				if _, err := w.s.Providers(t.Context(), user); err != nil {
					t.Error(err)
				}
				if _, err := w.s.Choose(t.Context(), user, "box", "m"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 10 {
		w.s.Update(w.cfg)
	}
	wait.Wait()
}
