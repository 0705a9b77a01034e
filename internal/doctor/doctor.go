package doctor

import (
	"context"
	"errors"
	"time"

	"patchbay"
	"patchbay/internal/conn"
	"patchbay/internal/expand"
	"patchbay/internal/netguard"
	"patchbay/internal/oauth"
	"patchbay/internal/vault"
)

// limit bounds one examination.
const limit = 90 * time.Second

// Step is one thing that was looked at. It holds no secret.
type Step struct {
	Name   string `json:"name"`
	Asked  string `json:"asked,omitempty"` // scheme, host and path, or what was run
	Status int    `json:"status,omitempty"`
	Answer string `json:"answer"` // a sentence
	OK     bool   `json:"ok"`
	TookMS int64  `json:"tookMs"`
}

// Report is what an examination found.
type Report struct {
	ServerName string             `json:"serverName"`
	Transport  patchbay.Transport `json:"type"`
	Level      patchbay.Level     `json:"level"`
	OK         bool               `json:"ok"`
	Steps      []Step             `json:"steps"`
	Reason     patchbay.Reason    `json:"reason"`
	Next       string             `json:"next"` // the one thing to do
	Action     patchbay.Action    `json:"action"`
}

// Tokens tells what is known of a person's sign-in.
type Tokens interface {
	TokenInfo(ctx context.Context, user patchbay.UserID, server patchbay.ServerID) (vault.TokenInfo, error)
}

// Facts tells what is known of connections.
type Facts interface {
	Facts(k conn.Key) conn.Facts
}

// Options are the parts of a Service. All are required.
type Options struct {
	Values  func(ctx context.Context, t conn.Target) (expand.Values, error)
	Guard   func() *netguard.Guard
	Tokens  Tokens
	Facts   Facts
	Connect func(ctx context.Context, a patchbay.Actor, server *patchbay.Server) error
	// Client makes the wire client of a definition; base is our own address.
	Client func(ctx context.Context, user *patchbay.User, server *patchbay.Server, base string, observe func(oauth.Step)) (*oauth.Client, error)
}

// Service examines servers.
type Service struct{ o Options }

// New returns a service.
func New(o Options) (*Service, error) {
	if o.Values == nil || o.Guard == nil || o.Tokens == nil || o.Facts == nil || o.Connect == nil || o.Client == nil {
		return nil, errors.New("doctor: every option is required")
	}
	return &Service{o: o}, nil
}

// Examine walks through a server on behalf of the actor, who may use it. A connection that
// works is left as it is; one that does not is tried anew. What is wrong is in the report;
// an error means that there is none.
func (s *Service) Examine(ctx context.Context, a patchbay.Actor, server *patchbay.Server, base string) (*Report, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	x := &examination{Service: s, actor: a, server: server, base: base, report: &Report{
		ServerName: server.Name, Transport: server.Transport, Level: server.Level, Steps: []Step{}, Action: patchbay.ActionNone,
	}}
	x.walk(ctx)
	if err := ctx.Err(); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return nil, err
	}
	return x.report, nil
}

// examination is one walk. It is used by one goroutine.
type examination struct {
	*Service
	actor  patchbay.Actor
	server *patchbay.Server
	base   string
	key    conn.Key
	report *Report
}

// walk takes the steps until one fails: what lies behind it cannot be judged.
func (x *examination) walk(ctx context.Context) {
	ep := x.definition(ctx)
	if ep == nil {
		return
	}
	if ep.URL != nil && !x.reach(ctx, ep) {
		return
	}
	guarded := expand.MaySignIn(x.server) && x.signIn(ctx, ep)
	x.connect(ctx, guarded)
}

// step adds a step, with the time since begin.
func (x *examination) step(begin time.Time, s Step) {
	s.TookMS = time.Since(begin).Milliseconds()
	x.report.Steps = append(x.report.Steps, s)
}

// conclude says why it stops here, and what to do. The first reason counts.
func (x *examination) conclude(reason patchbay.Reason, next string, action patchbay.Action) {
	if x.report.Next == "" {
		x.report.Reason, x.report.Next, x.report.Action = reason, next, action
	}
}

// concluded is conclude for an error of a step.
func (x *examination) concluded(err error) string {
	var ce *patchbay.ConnectError
	if errors.As(err, &ce) {
		x.conclude(ce.Reason, ce.Message, patchbay.StatusOf(patchbay.StatusFacts{Phase: patchbay.PhaseFailed, Err: ce}).Action)
		return ce.Message
	}
	if e, ok := oauth.As(err); ok {
		x.conclude(e.Reason, e.Message, e.Action())
		return e.Message
	}
	var own *patchbay.Error
	if errors.As(err, &own) {
		x.conclude("", own.Message, patchbay.ActionNone)
		return own.Message
	}
	const unknown = "Something went wrong on our side; the log says what."
	x.conclude("", unknown, patchbay.ActionRetry)
	return unknown
}

// definition looks at what is written, with the person's variables in it.
func (x *examination) definition(ctx context.Context) *expand.Endpoint {
	begin := time.Now()
	step := Step{Name: "definition", Asked: string(x.server.ID)}
	if p := x.server.Problem; p != nil {
		step.Answer = p.Message
		x.step(begin, step)
		x.conclude(p.Reason, p.Message, patchbay.ActionNone)
		return nil
	}
	var ok bool
	if x.key, ok = conn.KeyOf(x.server, x.actor.ID(), "doctor"); !ok {
		step.Answer = "The server has a connection for each person, and nobody was named."
		x.step(begin, step)
		x.conclude("", "Say for whom to look: --as EMAIL.", patchbay.ActionNone)
		return nil
	}
	v, err := x.o.Values(ctx, conn.Target{Key: x.key, Server: x.server, User: x.actor.User})
	var ep *expand.Endpoint
	if err == nil {
		ep, err = expand.Server(x.server, v)
	}
	if err != nil {
		step.Answer = x.concluded(err)
		x.step(begin, step)
		return nil
	}
	step.OK, step.Answer = true, "It can be read, and every placeholder has a value. It leads to "+ep.String()+"."
	x.step(begin, step)
	return ep
}
