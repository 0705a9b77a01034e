package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"patchbay"
	"patchbay/internal/flow"
	"patchbay/internal/oauth"
	"patchbay/internal/tools"
)

// maxSignIns bounds how often the person signs in during one scenario.
const maxSignIns = 6

// machine reports whether the scenario is about the host's own name.
func (s scenario) machine() bool { return strings.HasPrefix(s.Name, "auth/client-credentials") }

// play does what a person would: connect, look at the tools, and use them, signing in
// whenever the host asks for it.
func play(ctx context.Context, address string, s scenario) error {
	def, err := definition(address, s)
	if err != nil {
		return err
	}
	issuer := s.Issuer
	if issuer == "" && s.ClientSecret != "" {
		if issuer, err = named(ctx, def); err != nil {
			return err
		}
	}
	h, err := newHouse(ctx, def, issuer)
	if err != nil {
		return err
	}
	defer h.close()
	if s.PrivateKey != "" {
		if h.key, err = oauth.ReadKey([]byte(s.PrivateKey), ""); err != nil {
			return err
		}
	}
	defer h.conns.Watch(h.person.ID())() // the person looks on: servers may ask
	if err := h.signingIn(ctx, func() error { return h.tools.Connect(ctx, h.person, h.server()) }); err != nil {
		return err
	}
	var listed []tools.Entry
	err = h.signingIn(ctx, func() error {
		listed, err = h.tools.List(ctx, h.person, tools.Filter{Server: "target", Connect: true})
		return err
	})
	if err != nil {
		return err
	}
	if strings.HasPrefix(s.Name, "elicitation") {
		// The suite asks on the standing stream, which older servers do not confirm, and
		// forgets what it asks while there is none.
		if err := rest(ctx, time.Second); err != nil {
			return err
		}
	}
	for _, call := range calls(s, listed) {
		if err := h.signingIn(ctx, func() error { return h.call(ctx, call) }); err != nil {
			return fmt.Errorf("%s: %w", call.Name, err)
		}
	}
	return nil
}

func (h *house) server() *patchbay.Server { return h.registry.All()[0] }

// rest lets time pass.
func rest(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// calls are those that the suite names, else one of each tool that is offered.
func calls(s scenario, listed []tools.Entry) []toolCall {
	if len(s.ToolCalls) > 0 {
		return s.ToolCalls
	}
	all := make([]toolCall, 0, len(listed))
	for _, e := range listed {
		call := toolCall{Name: e.Tool.Name, Arguments: arguments(e.Tool.InputSchema)}
		if e.Tool.Name == "json_schema_echo" { // it wants the other tool's schema, as it came
			for _, other := range listed {
				if other.Tool.Name != e.Tool.Name {
					call.Arguments = json.RawMessage(`{"schema":` + string(other.Tool.InputSchema) + `}`)
				}
			}
		}
		all = append(all, call)
	}
	return all
}

// arguments fills the properties of a schema with plain values.
func arguments(schema json.RawMessage) json.RawMessage {
	var s struct {
		Properties map[string]struct {
			Type string `json:"type"`
		} `json:"properties"`
	}
	if json.Unmarshal(schema, &s) != nil {
		return json.RawMessage(`{}`)
	}
	values := map[string]any{}
	for name, p := range s.Properties {
		switch p.Type {
		case "number", "integer":
			values[name] = 2
		case "boolean":
			values[name] = true
		case "string":
			values[name] = "text"
		}
	}
	raw, err := json.Marshal(values)
	if err != nil {
		return json.RawMessage(`{}`)
	}
	return raw
}

// call calls a tool and answers what it asks.
func (h *house) call(ctx context.Context, c toolCall) error {
	req := patchbay.CallRequest{Ref: patchbay.ToolRef{Server: h.server().ID, Tool: c.Name}, Args: c.Arguments}
	for range 4 {
		out, err := h.tools.Call(ctx, h.person, req)
		if err != nil || out.Wait == nil {
			return err
		}
		var questions map[string]json.RawMessage
		if err := json.Unmarshal(out.Wait.Questions, &questions); err != nil {
			return err
		}
		answers := map[string]any{}
		for id := range questions {
			answers[id] = map[string]any{"action": "accept", "content": map[string]any{"confirmed": true}}
		}
		if req.Answers, err = json.Marshal(answers); err != nil {
			return err
		}
		req.Resume = out.Wait.Resume
	}
	return errors.New("it asks without an end")
}

// signingIn does something, and signs in whenever that is what it takes.
func (h *house) signingIn(ctx context.Context, do func() error) error {
	for range maxSignIns {
		err := do()
		var ce *patchbay.ConnectError
		if !errors.As(err, &ce) || ce.Reason != patchbay.ReasonSigninRequired && ce.Reason != patchbay.ReasonSigninExpired {
			return err
		}
		if err := h.signIn(ctx, ce.Challenge); err != nil {
			return err
		}
	}
	return errors.New("the server asks for a sign-in again and again")
}

// signIn is a person with a browser: the link, the authorization server, and back.
func (h *house) signIn(ctx context.Context, challenge []string) error {
	in, err := h.flows.Start(ctx, h.person, h.server(), base, challenge)
	if err != nil {
		return err
	}
	v := flow.Visit{Actor: h.person, Server: h.server(), Browser: strings.Repeat("b", 43), Base: base}
	to, err := h.flows.Initiate(ctx, v, string(h.person.ID()), in.FlowID)
	for err == nil && to != "" {
		var back url.Values
		if back, err = follow(ctx, to); err == nil {
			to, err = h.flows.Callback(ctx, v, back)
		}
	}
	return err
}

// follow goes where a browser is led, until it is led back to us.
func follow(ctx context.Context, to string) (url.Values, error) {
	c := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for range 10 {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, to, nil)
		if err != nil {
			return nil, err
		}
		resp, err := c.Do(req)
		if err != nil {
			return nil, err
		}
		_ = resp.Body.Close() // only where it leads counts
		next, err := resp.Location()
		if err != nil {
			return nil, fmt.Errorf("the authorization server leads nowhere (HTTP %d)", resp.StatusCode)
		}
		if strings.HasPrefix(next.String(), base+"/") {
			return next.Query(), nil
		}
		to = next.String()
	}
	return nil, errors.New("the authorization server leads round in circles")
}

// named finds out the issuer that an operator with a client secret would have written.
func named(ctx context.Context, def *patchbay.Server) (string, error) {
	open := *def
	open.OAuth = nil
	h, err := newHouse(ctx, &open, "")
	if err != nil {
		return "", err
	}
	defer h.close()
	c, err := h.Client(ctx, h.person.User, &open, flow.Address{RedirectURI: base + "/x"}, nil)
	if err != nil {
		return "", err
	}
	ch, err := c.Probe(ctx)
	if err != nil {
		return "", err
	}
	d, err := c.Discover(ctx, ch)
	if err != nil {
		return "", err
	}
	return d.AuthServer.Issuer, nil
}

var _ flow.Clients = (*house)(nil)
