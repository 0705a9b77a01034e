package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"patchbay"
)

// accept gives the calls of an answer ids of their own and decides what becomes of each:
// queued, waiting for an approval, or answered at once because it cannot be run. The
// message is changed to the ids and without repetitions.
func (l *Loop) accept(ctx context.Context, s *State, in *Input, m *patchbay.Message) {
	used := usedIDs(in.History, s.Added)
	seen := map[string]*patchbay.ToolCall{} // by the id that the model gave
	s.Calls = nil
	parts := m.Parts[:0:0]
	for i := range m.Parts {
		p := m.Parts[i]
		if p.Kind != patchbay.PartCall {
			parts = append(parts, p)
			continue
		}
		call := *p.Call
		if first := seen[call.ID]; call.ID != "" && first != nil && first.Name == call.Name && first.Args == call.Args {
			continue // the same call written twice runs once
		}
		if call.ID != "" && seen[call.ID] == nil {
			seen[call.ID] = p.Call
		}
		call.ID = freshID(call.ID, used, s.Step, i)
		p.Call = &call
		parts = append(parts, p)
		s.Calls = append(s.Calls, l.judge(ctx, s, in, call))
	}
	m.Parts = parts
}

// usedIDs are the ids of all calls so far: vendors want them unique in a conversation.
func usedIDs(lists ...[]patchbay.Message) map[string]bool {
	used := map[string]bool{}
	for _, list := range lists {
		for i := range list {
			for j := range list[i].Parts {
				if c := list[i].Parts[j].Call; c != nil {
					used[c.ID] = true
				}
			}
		}
	}
	return used
}

// freshID keeps the model's id when it is new and plain, else makes one.
func freshID(id string, used map[string]bool, step, n int) string {
	if id == "" || used[id] || len(id) > 40 || strings.ContainsFunc(id, func(r rune) bool {
		return r != '_' && r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) {
		base := "call_" + strconv.Itoa(step) + "_" + strconv.Itoa(n)
		id = base
		for salt := 1; used[id]; salt++ {
			id = base + "_" + strconv.Itoa(salt)
		}
	}
	used[id] = true
	return id
}

// judge decides what becomes of one call, which follows those of s.Calls in its answer.
func (l *Loop) judge(ctx context.Context, s *State, in *Input, call patchbay.ToolCall) Call {
	c := Call{ToolCall: call, State: CallQueued}
	offer := in.Catalogue.Find(call.Name)
	if offer != nil {
		c.ServerID, c.Tool, c.Server = offer.Ref.Server, offer.Ref.Tool, offer.Server
	}
	switch problem := badArgs(call.Args); {
	case l.o.Limits.over(s) == "steps": // nobody would read its result
		c.finish(failure(&c, limitedCall))
	case l.o.Limits.CallsPerStep > 0 && len(s.Calls) >= l.o.Limits.CallsPerStep:
		c.finish(failure(&c, fmt.Sprintf("more than %d calls at once are not run. Ask again for those that still matter.", l.o.Limits.CallsPerStep)))
	case call.Name == readTool && offer == nil && l.o.Results != nil:
		if problem != "" {
			c.finish(failure(&c, problem))
		} else {
			c.finish(l.read(ctx, call.Args))
		}
	case offer == nil:
		c.finish(failure(&c, "there is no tool called "+strconv.Quote(call.Name)+" now. It may have been removed; use only the tools that are offered."))
	case problem != "":
		c.finish(failure(&c, problem))
	case offer.Ask:
		c.State, c.Wait = CallWaiting, &Wait{Kind: patchbay.WaitApproval}
	}
	return c
}

// badArgs says what is wrong with arguments that are no JSON object; "" for nothing. An
// empty text is an empty object.
func badArgs(args string) string {
	raw := bytes.TrimSpace([]byte(args))
	switch {
	case len(raw) == 0:
		return ""
	case !json.Valid(raw):
		return "the arguments are not valid JSON. They may have been broken off; write them again, whole."
	case raw[0] != '{':
		return "the arguments must be a JSON object."
	}
	return ""
}
