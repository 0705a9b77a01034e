package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"patchbay"
	"patchbay/internal/client"
	"patchbay/internal/config"
)

// Bounds of our own HTTP server. Bodies and answers have their own, route by route.
const (
	headerTimeout  = 10 * time.Second
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = 64 << 10
	drainTimeout   = 30 * time.Second // for calls in flight at a stop (contract 1)
	answerTimeout  = 2 * time.Second  // and for telling the callers of the others
)

// Run serves until ctx ends, then stops in order: it takes no new requests, ends event
// streams, lets calls in flight end, closes connections and their children. It returns
// nil after an orderly stop.
func (a *App) Run(ctx context.Context) error {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", a.proc.Listen)
	if err != nil {
		return fmt.Errorf("app: listen: %w; is another instance running? --listen takes another address", err)
	}
	base := a.baseURL(ln.Addr())
	local := client.Local{Address: "http://" + reachable(ln.Addr()) + a.basePath(), Token: a.auth.OperatorToken(), PID: os.Getpid()}
	if err := client.WriteLocal(a.proc.DataDir, local); err != nil {
		_ = ln.Close() // nothing was served
		return err
	}
	defer func() {
		if err := client.RemoveLocal(a.proc.DataDir, local.Token); err != nil {
			a.log.Warn("The file for the shell could not be removed; its token is void", "error", err)
		}
	}()

	// What serves people ends with ctx; what serves calls in flight ends after them.
	back, endBack := context.WithCancel(context.WithoutCancel(ctx))
	defer endBack()
	var front, rear errgroup.Group
	failed := make(chan error, 8)
	start := func(g *errgroup.Group, ctx context.Context, run func(context.Context) error) {
		g.Go(func() error {
			err := run(ctx)
			if err != nil {
				failed <- err
			}
			return err
		})
	}
	watcher, err := config.NewWatcher(a.source, a.loaded, 0)
	if err != nil {
		_ = ln.Close() // nothing was served
		return err
	}
	fctx, endFront := context.WithCancel(ctx)
	defer endFront()
	start(&front, fctx, a.api.Run)
	start(&front, fctx, func(ctx context.Context) error { return watcher.Run(ctx, a.update) })
	start(&rear, back, a.auth.Run)
	start(&rear, back, a.conns.Run)
	start(&rear, back, a.status.Run)
	start(&rear, back, a.flows.Run)
	start(&rear, back, a.servers.Run)
	start(&rear, back, a.chat.Run)
	start(&rear, back, a.countRuns)
	start(&rear, back, a.followUsers)
	start(&rear, back, a.rotateKey)
	start(&rear, back, rest)

	servers := []*http.Server{a.httpServer(a.api)}
	listeners := []net.Listener{ln}
	if a.proc.MetricsListen != "" {
		mln, err := new(net.ListenConfig).Listen(ctx, "tcp", a.proc.MetricsListen)
		if err != nil {
			_ = ln.Close() // nothing was served
			return fmt.Errorf("app: listen for metrics: %w", err)
		}
		mux := http.NewServeMux()
		mux.Handle("GET /metrics", a.metrics.handler())
		servers, listeners = append(servers, a.httpServer(mux)), append(listeners, mln)
	}
	for i, srv := range servers {
		start(&front, fctx, func(context.Context) error {
			if err := srv.Serve(listeners[i]); !errors.Is(err, http.ErrServerClosed) {
				return fmt.Errorf("app: serve: %w", err)
			}
			return nil
		})
	}
	a.ready.Store(true)
	a.greet(ctx, base)

	var cause error
	select {
	case <-ctx.Done():
	case cause = <-failed:
	}
	a.log.Info("Stopping: calls in flight have 30 seconds")
	a.stopped.Store(true)
	endFront()
	a.drain(servers)
	if err := front.Wait(); cause == nil {
		cause = err
	}
	endBack()
	if err := rear.Wait(); cause == nil {
		cause = err
	}
	a.log.Info("Stopped")
	return cause
}

// drain stops taking requests, waits for those in flight, and closes the connections
// that they used. Calls that outlast the wait end with their connection, so that their
// callers are told what is known of them, and not just cut off.
func (a *App) drain(servers []*http.Server) {
	calls, endCalls := context.WithTimeout(context.Background(), drainTimeout)
	defer endCalls()
	answers, endAnswers := context.WithTimeout(context.Background(), drainTimeout+answerTimeout)
	defer endAnswers()
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		for _, srv := range servers {
			if err := srv.Shutdown(answers); err != nil {
				a.log.Warn("Requests were still running and are cut off", "error", err)
				_ = srv.Close() // what is left is what Shutdown waited for
			}
		}
	}()
	// Runs keep what they have, and their calls in flight have as long as all others.
	kept := make(chan struct{})
	go func() {
		defer close(kept)
		a.chat.Close(calls)
	}()
	// What no call uses ends now: a child that has to be killed takes six seconds.
	a.conns.Keep(nil)
	for _, srv := range a.registry.All() {
		a.conns.CloseServer(srv.ID)
	}
	select {
	case <-answered:
	case <-calls.Done():
		a.log.Warn("Calls still run: they are ended, and their callers told")
	}
	<-kept // at the latest when calls is over: before the connections go
	a.conns.Close(calls)
	<-answered
}

func (a *App) httpServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelDebug), // clients that hang up
	}
}

// greet says where the instance is, and how to make the first account.
func (a *App) greet(ctx context.Context, base string) {
	a.log.Info("Ready", "url", base, "version", a.opts.Version, "engine", string(a.store.Engine()))
	if strings.HasPrefix(base, "http://") {
		a.log.Warn("The address is http: logins and tokens are not encrypted on the way. Set DOMAIN_SERVER to an https URL behind a proxy, or keep to this machine")
	}
	token, err := a.auth.SetupToken(ctx)
	if err != nil {
		a.log.Error("Could not find out whether an administrator exists", "error", err)
		return
	}
	if token != "" {
		// The one secret that a log may hold: whoever starts the host reads it (contract 1).
		a.log.Info("Nobody can sign in yet: make the administrator's account there", "link", base+"/setup#token="+token)
	}
}

// rotateKey seals everything under the current key, when there are previous ones, so that
// those can be taken out of the environment.
func (a *App) rotateKey(ctx context.Context) error {
	if len(a.proc.CredsKeysOld) == 0 {
		return nil
	}
	n, err := a.vault.Rotate(ctx)
	if err == nil {
		var more int
		more, err = a.servers.Rotate(ctx)
		n += more
	}
	switch {
	case err != nil && ctx.Err() == nil:
		a.log.Error("Values could not be sealed under the new key; keep CREDS_KEY_PREVIOUS", "error", err)
	case err == nil:
		a.log.Info("Every value is sealed under the current key: CREDS_KEY_PREVIOUS can go", "sealed", n)
	}
	return nil
}

// followUsers closes the connections of people whose account changed, so that no server
// goes on with a role or an address that is no longer theirs.
func (a *App) followUsers(ctx context.Context) error {
	for ctx.Err() == nil {
		sub := a.bus.Subscribe(1024, func(ev patchbay.Event) bool { return ev.Kind == patchbay.EventUser })
		a.follow(ctx, sub.Events())
		sub.Close()
	}
	return nil
}

func (a *App) follow(ctx context.Context, events <-chan patchbay.Event) {
	for {
		select {
		case <-ctx.Done():
			return
		case ev, ok := <-events:
			if !ok {
				return
			}
			u, err := a.store.User(ctx, ev.User)
			switch {
			case patchbay.CodeOf(err) == patchbay.CodeNotFound || err == nil && u.Disabled:
				a.conns.CloseUser(ev.User)
				a.vault.Forget(ev.User)
			case err != nil:
				a.log.Error("A changed account could not be read", "user", string(ev.User), "error", err)
			default:
				a.conns.CloseChanged(u)
			}
		}
	}
}

// baseURL is the address for people: DOMAIN_SERVER, else where we listen.
func (a *App) baseURL(addr net.Addr) string {
	if u := a.proc.PublicURL; u != nil {
		return strings.TrimRight(u.String(), "/")
	}
	return "http://" + reachable(addr)
}

// basePath is the path that the instance is under.
func (a *App) basePath() string {
	if a.proc.PublicURL == nil {
		return ""
	}
	return strings.TrimRight(a.proc.PublicURL.Path, "/")
}

// reachable turns a listening address into one that can be dialled on this machine.
func reachable(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if ok && tcp.IP.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", fmt.Sprint(tcp.Port))
	}
	return addr.String()
}
