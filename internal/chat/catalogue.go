package chat

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"patchbay"
	"patchbay/internal/agent"
	"patchbay/internal/roster"
	"patchbay/internal/tools"
)

// Bounds of putting a catalogue together.
const (
	offerLimit    = 15 * time.Second // of opening connections before a model is asked
	offerOpening  = 16
	maxCatalogues = 256 // kept, of all users
)

// choice is the tools of one server that a run may use.
type choice struct {
	server string
	all    bool
	only   []string // own names, without all
	off    []string // keys that the person has turned off
	person bool     // chosen by the person, not by an agent
}

func (c *choice) takes(tool, key string) bool {
	if !c.all {
		return slices.Contains(c.only, tool)
	}
	return !slices.Contains(c.off, key)
}

// offering is what a model is offered in a turn. It is never changed.
type offering struct {
	catalogue *agent.Catalogue
	tools     map[patchbay.ToolRef]offered
	servers   []patchbay.ServerID
	notes     []string           // what was left out, and why
	signIn    []*patchbay.Server // nothing is known of their tools before the person signs in
}

type offered struct {
	hash   string
	why    string
	always bool // a person looks at each call
}

// approval is what a person is shown of a call that they have to approve.
func (o *offering) approval(c *agent.Call) patchbay.WaitDetail {
	if o == nil {
		return patchbay.WaitDetail{Args: c.Args, Why: whyRule}
	}
	t := o.tools[c.Ref()]
	return patchbay.WaitDetail{Args: c.Args, Why: t.why, Hash: t.hash}
}

// listed is what is known of one chosen server.
type listed struct {
	choice       *choice
	server       *patchbay.Server
	entries      []tools.Entry
	instructions string
	note         string
	signIn       bool
}

// offer puts together what a model is offered now. The person's permissions and the
// servers' lists are those of this moment.
func (r *seat) offer(ctx context.Context, actor patchbay.Actor, choices []choice, model *roster.Chosen) *offering {
	if len(choices) == 0 {
		return &offering{catalogue: agent.NewCatalogue(nil, nil)}
	}
	if !model.Tools {
		return &offering{catalogue: agent.NewCatalogue(nil, nil), notes: []string{"The model " + model.Model + " takes no tools: the chosen servers are left out."}}
	}
	lists := make([]listed, len(choices))
	within, cancel := context.WithTimeout(ctx, offerLimit)
	defer cancel()
	var g errgroup.Group
	g.SetLimit(offerOpening)
	for i := range choices {
		g.Go(func() error {
			lists[i] = r.listed(within, actor, &choices[i])
			return nil
		})
	}
	_ = g.Wait() // what went wrong is in the notes
	approvals, err := r.s.o.Store.ApprovalsFor(ctx, actor.ID(), r.conversation)
	if err != nil && ctx.Err() == nil {
		r.s.o.Logger.Error("Remembered approvals could not be read; people are asked", "run", string(r.id), "error", err)
	}
	return r.s.catalogues.of(actor.ID(), inputs{lists, approvals, r.s.o.Config().Approval})
}

// listed finds out what one server has to offer.
func (r *seat) listed(ctx context.Context, actor patchbay.Actor, c *choice) listed {
	s, l := r.s, listed{choice: c}
	srv, err := s.o.Servers.Authorise(actor, c.server, patchbay.PermUse)
	if err != nil {
		l.note = "The server " + c.server + " is left out: it is not there, or you may not use it."
		return l
	}
	l.server = srv
	l.entries, err = r.list(ctx, actor, c.server, true)
	if err != nil {
		var known error
		if l.entries, known = r.list(context.WithoutCancel(ctx), actor, c.server, false); known != nil {
			l.entries = nil
		}
		l.note = "The server " + c.server + " cannot be reached: " + sentenceOf(err)
		var ce *patchbay.ConnectError
		if len(l.entries) == 0 && errors.As(err, &ce) && (ce.Reason == patchbay.ReasonSigninRequired || ce.Reason == patchbay.ReasonSigninExpired) {
			l.signIn = c.person
		}
	}
	l.instructions = srv.Instructions.Text
	if l.instructions == "" && srv.Instructions.FromServer {
		l.instructions = s.o.Instructions(actor.ID(), srv)
	}
	return l
}

func sentenceOf(err error) string {
	var ce *patchbay.ConnectError
	var e *patchbay.Error
	switch {
	case errors.As(err, &ce):
		return ce.Message
	case errors.As(err, &e):
		return e.Message
	case errors.Is(err, context.DeadlineExceeded):
		return "it did not answer in time."
	}
	return "something went wrong on our side."
}

// inputs are all that an offering follows from.
type inputs struct {
	lists     []listed
	approvals []*patchbay.Approval
	policy    Approval
}

// same reports whether two inputs give the same offering. Lists that were not read anew
// share their memory, which makes this quick.
func (a *inputs) same(b *inputs) bool {
	return a.policy.same(&b.policy) && slices.EqualFunc(a.lists, b.lists, sameList) && slices.EqualFunc(a.approvals, b.approvals, func(x, y *patchbay.Approval) bool { return *x == *y })
}

func (a *Approval) same(b *Approval) bool {
	return a.Enabled == b.Enabled && a.Mode == b.Mode && slices.Equal(a.Allow, b.Allow) && slices.Equal(a.Deny, b.Deny) && slices.Equal(a.Ask, b.Ask)
}

func sameList(a, b listed) bool {
	return a.server == b.server && a.note == b.note && a.signIn == b.signIn && a.instructions == b.instructions &&
		a.choice.server == b.choice.server && a.choice.all == b.choice.all && slices.Equal(a.choice.only, b.choice.only) && slices.Equal(a.choice.off, b.choice.off) &&
		slices.EqualFunc(a.entries, b.entries, sameEntry)
}

func sameEntry(a, b tools.Entry) bool {
	x, y := &a.Tool, &b.Tool
	return x.Name == y.Name && x.Title == y.Title && x.Description == y.Description &&
		string(x.InputSchema) == string(y.InputSchema) && string(x.Annotations) == string(y.Annotations)
}

// build puts an offering together.
func (a *inputs) build() *offering {
	o := &offering{tools: map[patchbay.ToolRef]offered{}}
	var list []agent.Tool
	var texts []agent.Instructions
	memory := map[patchbay.ToolRef][]string{} // hashes that were approved
	for _, x := range a.approvals {
		ref := patchbay.ToolRef{Server: x.Server, Tool: x.Tool}
		memory[ref] = append(memory[ref], x.Hash)
	}
	for i := range a.lists {
		l := &a.lists[i]
		if l.note != "" {
			o.notes = append(o.notes, l.note)
		}
		if l.server != nil {
			o.servers = append(o.servers, l.server.ID)
		}
		if l.signIn {
			o.signIn = append(o.signIn, l.server)
		}
		if l.instructions != "" {
			texts = append(texts, agent.Instructions{Server: l.server.Name, Text: l.instructions})
		}
		for j := range l.entries {
			e := &l.entries[j]
			if !l.choice.takes(e.Tool.Name, e.Key) {
				continue
			}
			ref := patchbay.ToolRef{Server: l.server.ID, Tool: e.Tool.Name}
			hash := hashOf(&e.Tool)
			p := judge(l.server, &e.Tool, a.policy, recall(memory[ref], hash))
			if p.denied {
				continue
			}
			o.tools[ref] = offered{hash, p.why, p.always}
			list = append(list, agent.Tool{Server: l.server.ID, Name: l.server.Name, Tool: &e.Tool, Ask: p.ask})
		}
		for _, name := range l.choice.only {
			if l.server != nil && l.note == "" && !slices.ContainsFunc(l.entries, func(e tools.Entry) bool { return e.Tool.Name == name }) {
				o.notes = append(o.notes, "The tool "+name+" of "+l.server.Name+" is not there any more.")
			}
		}
	}
	o.catalogue = agent.NewCatalogue(list, texts)
	return o
}

func recall(hashes []string, hash string) remembered {
	switch {
	case slices.Contains(hashes, hash):
		return approved
	case len(hashes) > 0:
		return otherwise
	}
	return never
}

// catalogues keep the last offerings of people: to put a thousand tools together for each
// turn anew would cost more than the rest of the turn. Keys begin with the user.
type catalogues struct {
	mu   sync.Mutex
	kept map[string]*keptOffering
}

type keptOffering struct {
	inputs   inputs
	offering *offering
}

func (c *catalogues) of(user patchbay.UserID, in inputs) *offering {
	var key strings.Builder
	key.WriteString(string(user))
	for i := range in.lists {
		key.WriteByte(0)
		key.WriteString(in.lists[i].choice.server)
	}
	c.mu.Lock()
	k := c.kept[key.String()]
	c.mu.Unlock()
	if k != nil && k.inputs.same(&in) {
		return k.offering
	}
	k = &keptOffering{in, in.build()}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil {
		c.kept = map[string]*keptOffering{}
	}
	if len(c.kept) >= maxCatalogues {
		for old := range c.kept { // any one: they are quick to make again
			delete(c.kept, old)
			break
		}
	}
	c.kept[key.String()] = k
	return k.offering
}

// tool returns a tool as it is now; ok is false when it cannot be told, or there is none.
func (r *seat) tool(ctx context.Context, actor patchbay.Actor, server, name string) (tool patchbay.Tool, ok bool) {
	entries, err := r.list(ctx, actor, server, false)
	if err != nil {
		return patchbay.Tool{}, false
	}
	for i := range entries {
		if entries[i].Tool.Name == name {
			return entries[i].Tool, true
		}
	}
	return patchbay.Tool{}, false
}

// changed holds a call that is about to be sent against the definition that the model, or
// the person, has seen. It returns the approval that the new one needs, nil for none.
func (r *seat) changed(ctx context.Context, actor patchbay.Actor, c *agent.Call, seen string) *patchbay.RunWait {
	if seen == "" || c.Resume != "" {
		return nil
	}
	tool, ok := r.tool(ctx, actor, c.Server, c.Tool)
	if !ok {
		return nil // the call says so
	}
	hash := hashOf(&tool)
	srv, ok := r.s.o.Servers.ByID(c.ServerID)
	if !ok || hash == seen {
		return nil
	}
	if p := judge(srv, &tool, r.s.o.Config().Approval, never); !p.ask && !p.denied {
		return nil // nobody is asked about this one either
	}
	return &patchbay.RunWait{
		Kind: patchbay.WaitApproval, Call: c.ID, Server: c.ServerID, ServerName: c.Server, Tool: c.Tool,
		Detail: patchbay.WaitDetail{Args: c.Args, Why: whyChanged, Hash: hash},
	}
}
