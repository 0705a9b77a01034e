package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"patchbay"
	"patchbay/internal/api"
	"patchbay/internal/auth"
	"patchbay/internal/bus"
	"patchbay/internal/chat"
	"patchbay/internal/config"
	"patchbay/internal/conn"
	"patchbay/internal/doctor"
	"patchbay/internal/flow"
	"patchbay/internal/netguard"
	"patchbay/internal/registry"
	"patchbay/internal/roster"
	"patchbay/internal/seal"
	"patchbay/internal/servers"
	"patchbay/internal/status"
	"patchbay/internal/store"
	"patchbay/internal/tools"
	"patchbay/internal/transport"
	"patchbay/internal/vault"
	"patchbay/internal/web"
)

// App is one instance with all its parts.
type App struct {
	opts    Options
	proc    config.Process
	log     *slog.Logger
	source  config.LoadOptions
	loaded  *config.Loaded // at the start
	state   configState
	now     atomic.Pointer[settings]
	retired []*netguard.Guard // of policies before; take and Close alone touch it
	metrics *metrics

	force sync.Mutex         // what is in force is put together by one at a time
	file  []*patchbay.Server // of the configuration file; guarded by force
	made  *servers.Set       // by people; guarded by force

	store    *store.Store
	box      *seal.Box
	keys     [][]byte // of box, the current one first
	bus      *bus.Bus
	auth     *auth.Service
	vault    *vault.Vault
	registry *registry.Registry
	spawner  *transport.Spawner
	factory  *transport.Factory
	conns    *conn.Pool
	status   *status.Service
	tools    *tools.Service
	roster   *roster.Service
	flows    *flow.Service
	doctor   *doctor.Service
	chat     *chat.Service
	servers  *servers.Service
	api      *api.Server

	ready   atomic.Bool
	stopped atomic.Bool
}

// New builds an instance: it reads the configuration, opens the store and wires the
// parts. Nothing is contacted and nothing listens before Run. ctx bounds the life of
// what it builds. The caller must Close it.
func New(ctx context.Context, o Options) (*App, error) {
	a := &App{opts: o, bus: bus.New(), registry: registry.New()}
	if err := a.build(ctx); err != nil {
		_ = a.Close() // what was opened so far; err says what matters
		return nil, err
	}
	return a, nil
}

// build makes the parts, lower floors first.
func (a *App) build(ctx context.Context) error {
	if err := a.configure(); err != nil {
		return err
	}
	if err := a.openStore(ctx); err != nil {
		return err
	}
	if err := a.buildServers(ctx); err != nil {
		return err
	}
	if err := a.connectParts(ctx); err != nil {
		return err
	}
	if err := a.openDoors(); err != nil {
		return err
	}
	a.take(a.loaded, a.now.Load())
	return a.relearnSignIns(ctx)
}

// configure reads environment and file, and sets up the log.
func (a *App) configure() error {
	a.source = config.LoadOptions{
		File: a.opts.ConfigFlag, Environ: a.opts.Environ,
		WorkDir: a.opts.WorkDir, Home: a.opts.Home, Executable: a.opts.Program,
	}
	var err error
	if a.loaded, err = config.Load(a.source); err != nil {
		return err
	}
	if a.proc, err = a.loaded.Env.Process(); err != nil {
		return err
	}
	if a.opts.Listen != "" {
		a.proc.Listen = a.opts.Listen
	}
	if a.opts.DataDir != "" {
		a.proc.DataDir = a.opts.DataDir
	}
	format := a.opts.LogFormat
	if format == "" && a.proc.LogJSON {
		format = "json"
	}
	a.log = newLogger(a.opts.Stderr, format, a.proc.LogLevel)
	if limit := limitMemory(os.DirFS("/"), a.opts.Environ); limit > 0 {
		a.log.Info("Memory is limited by the container", "bytes", limit)
	}
	s, err := newSettings(nil, a.loaded.Config, a.loaded.Env, a.proc)
	if err != nil {
		return err
	}
	a.now.Store(s)
	return nil
}

// openStore opens the database, and refuses to go on with a key that does not open what
// is in it.
func (a *App) openStore(ctx context.Context) error {
	var err error
	a.store, err = store.Open(ctx, store.Options{DataDir: a.proc.DataDir, DatabaseURL: a.proc.DatabaseURL, Logger: a.log})
	if err != nil {
		return err
	}
	key := a.proc.CredsKey
	if key == nil {
		if key, err = seal.LoadOrCreateKey(filepath.Join(a.proc.DataDir, "creds.key")); err != nil {
			return err
		}
	}
	a.keys = append([][]byte{key}, a.proc.CredsKeysOld...)
	box, err := seal.New(key, a.proc.CredsKeysOld...)
	if err != nil {
		return err
	}
	if err := a.store.CheckKey(ctx, box); err != nil {
		return err
	}
	a.vault, err = vault.New(vault.Options{
		Store: a.store, Box: box, Logger: a.log,
		OnChange: func(user patchbay.UserID, server patchbay.ServerID) { a.conns.CloseKey(conn.UserKey(user, server)) },
		OnToken:  func(user patchbay.UserID, server patchbay.ServerID) { a.status.SignInChanged(user, server) },
		Clients: func(ctx context.Context, user *patchbay.User, server *patchbay.Server) (vault.Client, error) {
			return a.clients().forVault(ctx, user, server)
		},
	})
	if err != nil {
		return err
	}
	a.auth, err = auth.New(auth.Options{Store: a.store, Publisher: a.bus, Logger: a.log})
	if err != nil {
		return err
	}
	a.metrics = newMetrics(func() map[patchbay.Level]int { return a.conns.Counts() }, func(name string) bool {
		s, ok := a.registry.ByID(patchbay.YAMLServerID(name))
		return ok && s.Source == patchbay.SourceYAML
	})
	a.box = box
	return nil
}

// connectParts builds what talks to MCP servers.
func (a *App) connectParts(ctx context.Context) error {
	var err error
	reaper := []string{}
	if a.opts.Program != "" {
		reaper = []string{a.opts.Program, "reaper"}
	}
	a.spawner = transport.NewSpawner(transport.SpawnerOptions{Env: a.processEnv, Reaper: reaper, Logger: a.log})
	a.factory, err = transport.NewFactory(transport.Options{
		Guard:   func() transport.Guard { return a.now.Load().guard },
		Spawner: a.spawner, Logger: a.log, MaxMessage: a.maxMessage(), Stderr: a.opts.Stderr,
		UserAgent: "patchbay/" + a.opts.Version,
	})
	if err != nil {
		return err
	}
	a.conns = conn.New(ctx, conn.Options{
		Opener: a.factory, Values: values{now: &a.now, vault: a.vault}.of,
		Changed:      a.connectionChanged,
		ToolsChanged: func(k conn.Key, _ int) { a.status.ToolsChanged(k) },
		Logger:       a.log, Version: a.opts.Version, Idle: a.proc.UserIdle,
		List:   conn.ListCaps{Pages: a.proc.ToolsMaxPages, Tools: a.proc.ToolsMaxTools, Bytes: a.proc.ToolsMaxBytes, Timeout: a.proc.ToolsTimeout},
		Limits: func() conn.Limits { return a.now.Load().limits }, Credentials: credentials{a.vault}, Question: a.question,
	})
	a.status, err = status.New(status.Options{
		Registry: a.registry, Connections: a.conns, Vault: a.vault, SignIns: signIns{a}, Bus: a.bus, Logger: a.log,
	})
	if err != nil {
		return err
	}
	a.tools, err = tools.New(tools.Options{
		Registry: a.registry, Connections: a.conns, Sealer: a.box, Meter: a.metrics, Logger: a.log,
	})
	if err != nil {
		return err
	}
	a.roster, err = roster.New(roster.Options{Vault: a.vault, Config: models(a.loaded, a.now.Load()), Logger: a.log})
	if err != nil {
		return err
	}
	if err := a.buildFlows(ctx); err != nil {
		return err
	}
	if err := a.buildChat(ctx); err != nil {
		return err
	}
	return a.buildDoctor()
}

// maxMessage is the cap on one message of a server. LibreChat's line cap counts when the
// operator set it: by default it would refuse results that the body cap lets pass. An
// operator who lifts the cap gets a high one all the same.
func (a *App) maxMessage() int {
	const most = 256 << 20
	limit := a.proc.MaxBody
	if _, set := a.loaded.Env.Lookup("MCP_STREAMABLE_HTTP_MAX_LINE_BYTES"); set && a.proc.MaxLine > 0 {
		limit = min(limit, a.proc.MaxLine)
	}
	if limit <= 0 || limit > most {
		limit = most
	}
	return int(limit)
}

// openDoors builds what listens.
func (a *App) openDoors() error {
	ui, err := web.New(web.Options{BasePath: a.basePath()})
	if err != nil {
		return err
	}
	a.api, err = api.New(api.Options{
		Log: a.log, Auth: a.auth, Accounts: a.auth,
		Servers: a.registry, Tools: toolbox{a.tools}, Statuses: a.status,
		Variables: a.vault, Config: &a.state,
		Icons:   icons{guard: func() *netguard.Guard { return a.now.Load().guard }},
		SignIns: a.flows, Doctor: a.doctor, Logs: a.tools, Made: a.servers, Trial: trial{a},
		Chat: chats{a.chat}, Agents: chats{a.chat}, Models: modelView{a.roster, a.vault}, Sites: site{a},
		Watch: a.conns.Watch,
		Bus:   a.bus, Ready: a.whyNotReady, Metrics: a.metrics.handler(), Web: ui,
		BaseURL: a.proc.PublicURL, Instance: a.instance(), Proxies: a.proc.TrustProxy,
	})
	return err
}

// instance is an id that tells this instance's cookies from another's on the same host:
// ports share a cookie jar.
func (a *App) instance() string {
	where, err := filepath.Abs(a.proc.DataDir)
	if err != nil {
		where = a.proc.DataDir
	}
	sum := sha256.Sum256([]byte(where + "|" + a.proc.DatabaseURL))
	return hex.EncodeToString(sum[:4])
}

// whyNotReady says why the instance takes no work; nil when it does.
func (a *App) whyNotReady() error {
	if a.stopped.Load() {
		return patchbay.Errorf(patchbay.CodeUnavailable, "The host is stopping.")
	}
	if !a.ready.Load() {
		return patchbay.Errorf(patchbay.CodeUnavailable, "The host is starting.")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := a.store.Ping(ctx); err != nil {
		return &patchbay.Error{Code: patchbay.CodeUnavailable, Message: "The database does not answer.", Err: err}
	}
	return nil
}

// processEnv looks up a variable of our own environment, for what a child inherits.
func (a *App) processEnv(name string) (string, bool) {
	for i := len(a.opts.Environ) - 1; i >= 0; i-- {
		if k, v, ok := strings.Cut(a.opts.Environ[i], "="); ok && k == name {
			return v, true
		}
	}
	return "", false
}

// Close frees what New took. It is safe after a New that failed and after Run.
func (a *App) Close() error {
	var errs []error
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	if a.flows != nil {
		a.flows.Close()
	}
	if a.chat != nil {
		a.chat.Close(ctx) // before the connections that its calls are on
	}
	if a.conns != nil {
		a.conns.Close(ctx)
	}
	if a.factory != nil {
		a.factory.Close()
	}
	if a.spawner != nil {
		a.spawner.Close()
	}
	if a.vault != nil {
		a.vault.Close() // before the store: what an issuer gives is still to be written
	}
	if s := a.now.Load(); s != nil {
		for _, g := range s.guards() {
			g.CloseIdle()
		}
	}
	for _, g := range a.retired {
		g.CloseIdle()
	}
	if a.store != nil {
		if err := a.store.Close(); err != nil {
			errs = append(errs, fmt.Errorf("app: close the store: %w", err))
		}
	}
	return errors.Join(errs...)
}

// closeTimeout bounds what is left to end when Close is called.
const closeTimeout = 5 * time.Second
