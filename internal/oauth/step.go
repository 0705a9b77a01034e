package oauth

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// StepName says what was tried.
type StepName string

// The steps, in the order in which a sign-in takes them.
const (
	StepProbe      StepName = "probe"                 // asking the MCP server without a token
	StepResource   StepName = "resource metadata"     // RFC 9728
	StepAuthServer StepName = "authorization server"  // RFC 8414, OIDC discovery
	StepRegister   StepName = "client registration"   // which client, and RFC 7591
	StepAuthorize  StepName = "authorization request" // the address the person is sent to
	StepCallback   StepName = "callback"              // what came back with the person
	StepExchange   StepName = "code exchange"
	StepRefresh    StepName = "token refresh"
	StepMachine    StepName = "client credentials"
	StepRevoke     StepName = "revocation"
)

// Step is one thing that was tried, for doctor and for tests. It holds no secret: no
// query, no body, no token, no code.
type Step struct {
	Name   StepName `json:"name"`
	URL    string   `json:"url,omitempty"`    // scheme, host and path of what was asked
	Status int      `json:"status,omitempty"` // HTTP; 0 when nothing was sent or nothing came back
	Note   string   `json:"note"`             // a sentence
	OK     bool     `json:"ok"`
}

// Trace collects steps; its Add is an Options.Observe. The zero value is ready, and safe
// for concurrent use.
type Trace struct {
	mu    sync.Mutex
	steps []Step
}

// maxSteps bounds a trace.
const maxSteps = 200

// Add appends a step.
func (t *Trace) Add(s Step) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.steps) < maxSteps {
		t.steps = append(t.steps, s)
	}
}

// Steps returns what was added so far.
func (t *Trace) Steps() []Step {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.steps)
}

func (c *Client) step(name StepName, at string, status int, ok bool, format string, args ...any) {
	if c.opts.Observe != nil {
		c.opts.Observe(Step{Name: name, URL: c.shown(at), Status: status, Note: fmt.Sprintf(format, args...), OK: ok})
	}
}

// failed tells of an error as a step.
func (c *Client) failed(at string, e *Error) {
	c.step(e.Step, at, e.Status, false, "%s", e.Message)
}

// shown is the part of an address that may be seen by whoever may see the server.
func (c *Client) shown(address string) string {
	s := shown(address)
	if c.opts.HidePath && c.target != nil && len(c.target.Path) > 1 {
		s = strings.ReplaceAll(s, c.target.EscapedPath(), "/…")
	}
	return s
}

// shown is scheme, host and path of an address.
func shown(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return clip(address, 80)
	}
	return clip((&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String(), 300)
}
