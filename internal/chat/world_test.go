package chat_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"patchbay"
	"patchbay/internal/agent"
	"patchbay/internal/bus"
	"patchbay/internal/chat"
	"patchbay/internal/conn"
	"patchbay/internal/expand"
	"patchbay/internal/netguard"
	"patchbay/internal/registry"
	"patchbay/internal/roster"
	"patchbay/internal/seal"
	"patchbay/internal/store"
	"patchbay/internal/testkit"
	"patchbay/internal/testkit/storekit"
	"patchbay/internal/tools"
	"patchbay/internal/transport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 20 * time.Second

// world is a host with everything below chats, on which chat services can come and go.
type world struct {
	t     testing.TB
	store *store.Store
	bus   *bus.Bus
	reg   *registry.Registry
	pool  *conn.Pool
	tools *tools.Service
	log   *slog.Logger

	mu      sync.Mutex
	config  chat.Config
	models  map[string]agent.Model // by name, of the one provider
	title   string
	noTools bool
	signed  map[patchbay.UserID]time.Time
	current *chat.Service // which takes questions
}

// meter counts nothing.
type meter struct{}

func (meter) CallDone(string, string, time.Duration) {}

func newWorld(t testing.TB, s *store.Store, servers ...*patchbay.Server) *world {
	t.Helper()
	w := &world{t: t, store: s, bus: bus.New(), reg: registry.New(), log: slog.New(slog.DiscardHandler), models: map[string]agent.Model{}, signed: map[patchbay.UserID]time.Time{}}
	if os.Getenv("CHAT_LOG") != "" {
		w.log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	guard, err := netguard.New(netguard.Policy{})
	require.NoError(t, err)
	factory, err := transport.NewFactory(transport.Options{Guard: func() transport.Guard { return guard }})
	require.NoError(t, err)
	w.pool = conn.New(context.WithoutCancel(t.Context()), conn.Options{
		Opener: factory, Logger: w.log, Version: "test",
		Values: func(_ context.Context, t conn.Target) (expand.Values, error) {
			return expand.Values{User: t.User, Body: t.Body, HasBody: t.Key.Level() == patchbay.LevelRun}, nil
		},
		Question: func(ctx context.Context, k conn.Key, params json.RawMessage) (json.RawMessage, error) {
			w.mu.Lock()
			s := w.current
			w.mu.Unlock()
			return s.Question(ctx, k, params)
		},
	})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		w.pool.Close(ctx)
		factory.Close()
		guard.CloseIdle()
	})
	w.reg.Replace(servers, registry.Rules{})
	box, err := seal.New([]byte(strings.Repeat("k", seal.KeySize)))
	require.NoError(t, err)
	w.tools, err = tools.New(tools.Options{Registry: w.reg, Connections: w.pool, Sealer: box, Meter: meter{}, Logger: w.log})
	require.NoError(t, err)
	return w
}

// Choose is a roster with one provider.
func (w *world) Choose(_ context.Context, _ patchbay.Actor, provider, model string) (roster.Chosen, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := w.models[model]
	if provider != "fake" || m == nil {
		return roster.Chosen{}, patchbay.Errorf(patchbay.CodeNotFound, "There is no such model.")
	}
	return roster.Chosen{Provider: provider, Model: model, Stream: m, Tools: !w.noTools, TitleProvider: provider, TitleModel: w.title}, nil
}

// Held says since when somebody has signed in.
func (w *world) Held(_ context.Context, user patchbay.UserID, _ *patchbay.Server) (since, ends time.Time, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.signed[user], ends, nil
}

func (w *world) signIn(user patchbay.UserID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.signed[user] = time.Now()
}

// service starts a chat service; ending it is the test's, or happens when the test ends.
func (w *world) service(change func(*chat.Options)) *chat.Service {
	w.t.Helper()
	o := chat.Options{
		Store: w.store, Tools: w.tools, Servers: w.reg, Models: w, SignIns: w, Bus: w.bus, Logger: w.log, Lease: 3 * time.Second,
		Instructions: func(user patchbay.UserID, srv *patchbay.Server) string {
			k, _ := conn.KeyOf(srv, user, "")
			return w.pool.Facts(k).Instructions
		},
		Config: func() *chat.Config {
			w.mu.Lock()
			defer w.mu.Unlock()
			c := w.config
			return &c
		},
	}
	if change != nil {
		change(&o)
	}
	s, err := chat.New(w.t.Context(), o)
	require.NoError(w.t, err)
	w.mu.Lock()
	w.current = s
	w.mu.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := s.Run(ctx); err != nil {
			w.t.Error(err)
		}
	})
	w.t.Cleanup(func() {
		cancel()
		running.Wait()
		w.shut(s)
	})
	return s
}

func (w *world) shut(s *chat.Service) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	s.Close(ctx)
}

// person makes an account and acts as it.
func (w *world) person(name string) patchbay.Actor {
	w.t.Helper()
	u := &patchbay.User{Email: name + "@example.com", EmailVerified: true, Username: name, Role: patchbay.RoleUser}
	require.NoError(w.t, w.store.CreateUser(w.t.Context(), u, ""))
	u, err := w.store.User(w.t.Context(), u.ID)
	require.NoError(w.t, err)
	return patchbay.Actor{User: u, Kind: patchbay.ActorUser, Door: patchbay.DoorWeb}
}

// server is a definition of one person's connection each, whose calls run unasked.
func server(name, url string, change func(*patchbay.Server)) *patchbay.Server {
	everyone := []patchbay.Grantee{{Kind: patchbay.GranteeEveryone}}
	s := &patchbay.Server{
		ID: patchbay.YAMLServerID(name), Name: name, Source: patchbay.SourceYAML, Hash: "1", ChatMenu: true,
		Transport: patchbay.TransportHTTP, URL: url, Access: patchbay.Access{View: everyone, Use: everyone},
		CallTimeout: 15 * time.Second, ConnectTimeout: 10 * time.Second, ForcedLevel: patchbay.LevelUser,
	}
	if change != nil {
		change(s)
	}
	return s
}

func with(servers ...string) *patchbay.ChatSettings {
	return &patchbay.ChatSettings{Provider: "fake", Model: "m", Servers: servers}
}

// send sends a message to a new conversation.
func send(t testing.TB, s *chat.Service, a patchbay.Actor, text string, settings *patchbay.ChatSettings) chat.Sent {
	t.Helper()
	sent, err := s.Send(t.Context(), a, chat.Send{Text: text, Settings: settings})
	require.NoError(t, err)
	return sent
}

// until waits until a run is as wanted.
func (w *world) until(id patchbay.RunID, what string, ok func(*patchbay.Run) bool) *patchbay.Run {
	w.t.Helper()
	var run *patchbay.Run
	w.eventually(what, func() bool {
		var err error
		run, err = w.store.RunByID(w.t.Context(), id)
		require.NoError(w.t, err)
		return ok(run)
	})
	return run
}

func (w *world) eventually(what string, ok func() bool) {
	w.t.Helper()
	late := time.After(patience)
	for !ok() {
		select {
		case <-late:
			w.t.Fatalf("not in time: %s", what)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func (w *world) untilStatus(id patchbay.RunID, status patchbay.RunStatus) *patchbay.Run {
	w.t.Helper()
	return w.until(id, "run "+string(status), func(r *patchbay.Run) bool {
		return r.Status == status && (status != patchbay.RunWaiting || r.Owner == "")
	})
}

func (w *world) messages(id patchbay.RunID) []patchbay.Message {
	w.t.Helper()
	list, err := w.store.RunMessages(w.t.Context(), id)
	require.NoError(w.t, err)
	return list
}

func (w *world) calls(id patchbay.RunID) map[string]*patchbay.RunCall {
	w.t.Helper()
	list, err := w.store.RunCalls(w.t.Context(), []patchbay.RunID{id}, true)
	require.NoError(w.t, err)
	calls := map[string]*patchbay.RunCall{}
	for _, c := range list {
		calls[c.ID] = c
	}
	return calls
}

// open waits until a run has n open waits.
func (w *world) open(s *chat.Service, a patchbay.Actor, id patchbay.RunID, n int) []*patchbay.RunWait {
	w.t.Helper()
	var waits []*patchbay.RunWait
	w.eventually(fmt.Sprintf("%d open waits", n), func() bool {
		var err error
		waits, _, err = s.Waits(w.t.Context(), a, chat.WaitFilter{Run: id, Open: true})
		require.NoError(w.t, err)
		return len(waits) == n
	})
	return waits
}

// noGaps holds a run's facts against what they promise.
func (w *world) noGaps(id patchbay.RunID) {
	w.t.Helper()
	list, err := w.store.RunEvents(w.t.Context(), id, 0, 0)
	require.NoError(w.t, err)
	for i, e := range list {
		require.EqualValues(w.t, i+1, e.Seq)
	}
}

// script is a model whose answers a test writes. Each answer may block.
type script struct {
	mu      sync.Mutex
	answers []func(ctx context.Context, req *patchbay.ModelRequest, yield func(patchbay.Delta)) error
	always  func(ctx context.Context, req *patchbay.ModelRequest, yield func(patchbay.Delta)) error
	asked   []patchbay.ModelRequest
}

func (m *script) Stream(ctx context.Context, req *patchbay.ModelRequest, yield func(patchbay.Delta)) error {
	m.mu.Lock()
	m.asked = append(m.asked, *req)
	n := len(m.asked) - 1
	answer := m.always
	if n < len(m.answers) {
		answer = m.answers[n]
	}
	m.mu.Unlock()
	if answer == nil {
		return &patchbay.ModelError{Kind: patchbay.ModelBadRequest, Message: "the script is over"}
	}
	return answer(ctx, req, yield)
}

func (m *script) requests() []patchbay.ModelRequest {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]patchbay.ModelRequest(nil), m.asked...)
}

// say answers in words.
func say(text string) func(context.Context, *patchbay.ModelRequest, func(patchbay.Delta)) error {
	return func(_ context.Context, _ *patchbay.ModelRequest, yield func(patchbay.Delta)) error {
		yield(patchbay.Delta{Part: 0, Kind: patchbay.PartText, Text: text})
		yield(patchbay.Delta{Part: patchbay.OfMessage, Stop: patchbay.StopEnd, Usage: &patchbay.Usage{Input: 10, Output: 5}})
		return nil
	}
}

// call answers with calls: id, name and arguments of each.
func call(calls ...[3]string) func(context.Context, *patchbay.ModelRequest, func(patchbay.Delta)) error {
	return func(_ context.Context, _ *patchbay.ModelRequest, yield func(patchbay.Delta)) error {
		for i, c := range calls {
			yield(patchbay.Delta{Part: i, Kind: patchbay.PartCall, CallID: c[0], CallName: c[1], CallArgs: c[2]})
		}
		yield(patchbay.Delta{Part: patchbay.OfMessage, Stop: patchbay.StopCalls, Usage: &patchbay.Usage{Input: 10, Output: 5}})
		return nil
	}
}

// sqlite is a world on SQLite.
func sqlite(t testing.TB, servers ...*patchbay.Server) *world {
	t.Helper()
	return newWorld(t, storekit.SQLite(t), servers...)
}

func echo(t testing.TB, o testkit.EchoOptions) *testkit.Echo {
	t.Helper()
	return testkit.NewEcho(t, o)
}

// replace puts a definition in the place of the one with its name.
func (w *world) replace(srv *patchbay.Server) {
	var next []*patchbay.Server
	for _, s := range w.reg.All() {
		if s.Name == srv.Name {
			s = srv
		}
		next = append(next, s)
	}
	w.reg.Replace(next, registry.Rules{})
}

func listing(server string) tools.Filter { return tools.Filter{Server: server, Connect: true} }

func sendOf(text string, settings *patchbay.ChatSettings) chat.Send {
	return chat.Send{Text: text, Settings: settings}
}
