package chat

import (
	"context"
	"fmt"
	"slices"

	"patchbay"
	"patchbay/internal/tools"
)

// Caps of agents.
const (
	maxAgentName   = 120  // bytes
	maxDescription = 2000 // bytes
	maxStarters    = 20
	maxStarter     = 1000 // bytes
)

// checkAgent validates an agent and brings its tools into order: one entry per server, a
// tool once, no list where all are meant.
func (s *Service) checkAgent(ctx context.Context, owner patchbay.UserID, a *patchbay.Agent) error {
	var wrong fields
	switch {
	case a.Name == "":
		wrong.add("name", "must not be empty")
	case len(a.Name) > maxAgentName || !plainLine(a.Name):
		wrong.addf("name", "must be one line of at most %d bytes", maxAgentName)
	}
	wrong.text("description", a.Description, maxDescription)
	wrong.text("instructions", a.Instructions, maxWords)
	wrong.name("provider", a.Provider)
	wrong.name("model", a.Model)
	wrong.params("params", &a.Params)
	if len(a.Starters) > maxStarters {
		wrong.addf("starters", "must have at most %d messages", maxStarters)
	}
	for i, text := range a.Starters {
		wrong.text(fmt.Sprintf("starters[%d]", i), text, maxStarter)
	}
	a.Tools = wrong.tools(a.Tools)
	if a.Icon != "" {
		if _, err := s.o.Store.Attachment(ctx, owner, a.Icon); err != nil {
			if patchbay.CodeOf(err) != patchbay.CodeNotFound {
				return err
			}
			wrong.add("icon", "must be a file that the agent's owner has uploaded")
		}
	}
	return wrong.err()
}

// tools checks what an agent may use and puts it in order.
func (f *fields) tools(list []patchbay.AgentTools) (out []patchbay.AgentTools) {
	total := 0
	for i, t := range list {
		at := fmt.Sprintf("tools[%d]", i)
		if t.Server == "" {
			f.add(at+".serverName", "must not be empty")
		}
		f.name(at+".serverName", t.Server)
		f.names(at+".tools", t.Tools)
		j := slices.IndexFunc(out, func(o patchbay.AgentTools) bool { return o.Server == t.Server })
		if j < 0 {
			j = len(out)
			out = append(out, patchbay.AgentTools{Server: t.Server})
		}
		entry := &out[j]
		entry.All = entry.All || t.All
		seen := make(map[string]bool, len(entry.Tools)+len(t.Tools))
		for _, name := range entry.Tools {
			seen[name] = true
		}
		for _, name := range t.Tools {
			if !seen[name] {
				seen[name] = true
				entry.Tools = append(entry.Tools, name)
			}
		}
		if total += len(t.Tools); total > maxChosenTools {
			f.addf("tools", "must have at most %d tools", maxChosenTools)
			return out
		}
		if len(out) > maxChosen {
			f.addf("tools", "must have at most %d servers", maxChosen)
			return out
		}
	}
	for i := range out {
		if out[i].All {
			out[i].Tools = nil
		}
	}
	return out
}

// viewer shows agents to one actor; what it has looked up it keeps, so that a list costs
// one look at each server and author.
type viewer struct {
	s       *Service
	actor   patchbay.Actor
	names   map[patchbay.UserID]string
	servers map[string]*serverTools
}

// serverTools is what an actor has of a server.
type serverTools struct {
	there bool
	known bool // its list is known
	tools map[string]bool
}

func (s *Service) viewer(a patchbay.Actor) *viewer {
	return &viewer{s: s, actor: a, names: map[patchbay.UserID]string{}, servers: map[string]*serverTools{}}
}

// parts is an agent as the actor sees it.
func (v *viewer) parts(ctx context.Context, a *patchbay.Agent, has patchbay.Permission) (*AgentParts, error) {
	author, known := v.names[a.Owner]
	if !known {
		u, err := v.s.o.Store.User(ctx, a.Owner)
		if err != nil {
			return nil, err
		}
		if author = u.Name; author == "" {
			author = u.Username
		}
		v.names[a.Owner] = author
	}
	return &AgentParts{Agent: a, Permissions: has, Author: author, Missing: v.missing(ctx, a.Tools)}, nil
}

// missing is what an agent names and the actor has not got: servers that are not there or
// that they may not use, and tools that a server's list does not have. A server whose
// list is not known, because nobody has connected to it yet, is given the benefit of the
// doubt. With a server that is missing altogether its tools are listed as they are named.
func (v *viewer) missing(ctx context.Context, list []patchbay.AgentTools) (out []patchbay.AgentTools) {
	for _, t := range list {
		have := v.server(ctx, t.Server)
		if !have.there {
			out = append(out, t)
			continue
		}
		if t.All || !have.known {
			continue
		}
		gone := patchbay.AgentTools{Server: t.Server}
		for _, name := range t.Tools {
			if !have.tools[name] {
				gone.Tools = append(gone.Tools, name)
			}
		}
		if len(gone.Tools) > 0 {
			out = append(out, gone)
		}
	}
	return out
}

func (v *viewer) server(ctx context.Context, name string) *serverTools {
	if have, ok := v.servers[name]; ok {
		return have
	}
	have := &serverTools{}
	v.servers[name] = have
	entries, err := v.s.o.Tools.List(ctx, v.actor, tools.Filter{Server: name})
	if err != nil {
		return have
	}
	have.there, have.known = true, len(entries) > 0
	have.tools = make(map[string]bool, len(entries))
	for _, e := range entries {
		have.tools[e.Tool.Name] = true
	}
	return have
}
