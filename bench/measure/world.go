package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// world is what is measured in one go: the upstream, the hop, and patchbay with accounts.
type world struct {
	ctx      context.Context //nolint:containedctx // the run's, which everything in it has
	dir      string
	patchbay string // the programs
	seed     string
	self     string

	up, hop, host             *process
	upAddr, hopAddr, hostAddr string
	tokens                    []string
}

// limits count everything and refuse nothing.
const limits = `version: 1.2.8
mcpSettings:
  limits:
    perUser: {connections: 1000000, concurrentCalls: 1000000, callsPerMinute: 1000000000}
    perServer: {connections: 1000000}
    stdioProcesses: 1000000
mcpServers:
`

// credsKey seals nothing but the run's own folder.
const credsKey = "CREDS_KEY=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// yaml is the definition of one server. Whoever calls has a connection of their own when
// own is set; else all share one.
func (w *world) yaml(name string, k kind, own bool) string {
	user := ""
	if own {
		user = "{{LIBRECHAT_USER_ID}}"
	}
	if k.typ == "stdio" {
		return fmt.Sprintf("  %s:\n    type: stdio\n    command: %q\n    args: [upstream, -stdio]\n    env: {BENCH_USER: %q}\n", name, w.self, user)
	}
	return fmt.Sprintf("  %s:\n    type: %s\n    url: %q\n    headers: {X-User-ID: %q}\n", name, k.typ, k.url(w.upAddr), user)
}

// startUpstream starts the upstream.
func (w *world) startUpstream() (err error) {
	if w.upAddr, err = freeAddr(); err != nil {
		return err
	}
	if w.up, err = start(w.dir, filepath.Join(w.dir, "upstream.log"), nil, w.self, "upstream", "-addr", w.upAddr); err != nil {
		return err
	}
	return w.up.awaitPort(w.ctx, w.upAddr)
}

// startHop starts the plain hop in front of it.
func (w *world) startHop() (err error) {
	if w.hopAddr, err = freeAddr(); err != nil {
		return err
	}
	if w.hop, err = start(w.dir, filepath.Join(w.dir, "hop.log"), nil, w.self, "hop", "-addr", w.hopAddr, "-up", w.upAddr); err != nil {
		return err
	}
	return w.hop.awaitPort(w.ctx, w.hopAddr)
}

// startHost starts patchbay on a new data folder with so many accounts.
func (w *world) startHost(servers string, accounts int) (err error) {
	dir, err := os.MkdirTemp(w.dir, "host-")
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "tokens")
	seed := exec.CommandContext(w.ctx, w.seed, "-data", filepath.Join(dir, "data"), "-n", fmt.Sprint(accounts), "-out", file)
	if out, err := seed.CombinedOutput(); err != nil {
		return fmt.Errorf("seed: %w: %s", err, out)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	w.tokens = strings.Fields(string(raw))
	config := filepath.Join(dir, "librechat.yaml")
	if err := os.WriteFile(config, []byte(limits+servers), 0o600); err != nil {
		return err
	}
	if w.hostAddr, err = freeAddr(); err != nil {
		return err
	}
	w.host, err = start(dir, filepath.Join(dir, "patchbay.log"), []string{credsKey},
		w.patchbay, "serve", "--config", config, "--data", filepath.Join(dir, "data"), "--listen", w.hostAddr)
	if err != nil {
		return err
	}
	return w.host.awaitPort(w.ctx, w.hostAddr)
}

// stop ends what was started.
func (w *world) stop() {
	for _, p := range []*process{w.host, w.hop, w.up} {
		if p != nil {
			p.stop()
		}
	}
	w.host, w.hop, w.up = nil, nil, nil
}

// inits is how many connections the upstream has seen.
func (w *world) inits() (int, error) {
	resp, err := http.Get("http://" + w.upAddr + "/stats") //nolint:noctx // loopback, answered at once
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	var s struct{ Inits int }
	return s.Inits, json.NewDecoder(resp.Body).Decode(&s)
}

// pause lets things settle.
func (w *world) pause(d time.Duration) {
	select {
	case <-time.After(d):
	case <-w.ctx.Done():
	}
}
