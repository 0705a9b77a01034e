package api

import (
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patchbay"
	"patchbay/internal/httpkit"
)

// Events of the stream that are not on the bus.
const (
	eventReady = "ready" // first of all: from this id on, the browser misses nothing
	eventReset = "reset" // what was missed cannot be told: read everything anew
)

// events is the one stream that each browser keeps open.
func (s *Server) events(w http.ResponseWriter, r *http.Request, c *caller) {
	lastID := r.Header.Get("Last-Event-ID")
	f, missed, at, reset, err := s.hub.join(c.actor, lastID)
	if err != nil {
		s.fail(w, err)
		return
	}
	defer s.hub.leave(f)
	if s.o.Watch != nil {
		defer s.o.Watch(c.actor.ID())()
	}
	stream, err := httpkit.NewStream(w)
	if err != nil {
		return // the client is gone
	}
	if s.greet(stream, c, missed, at, lastID, reset) == nil {
		s.follow(r, stream, c, f)
	}
}

// greet sends what was missed, or that it cannot be told, or where the stream begins.
func (s *Server) greet(stream *httpkit.Stream, c *caller, missed []*message, at uint64, lastID string, reset bool) error {
	switch {
	case lastID == "":
		return stream.Send(s.hub.id(at), eventReady, []byte("{}"))
	case reset:
		return stream.Send(s.hub.id(at), eventReset, []byte("{}"))
	}
	for _, m := range missed {
		if err := s.send(stream, c, m); err != nil {
			return err
		}
	}
	return stream.Send(s.hub.id(at), eventReady, []byte("{}"))
}

// follow sends events as they come, until the browser leaves, is too slow, or its
// credential does not hold any more.
func (s *Server) follow(r *http.Request, stream *httpkit.Stream, c *caller, f *feed) {
	beat := time.NewTicker(httpkit.Heartbeat)
	defer beat.Stop()
	for {
		var err error
		select {
		case m, ok := <-f.events:
			if !ok {
				return
			}
			err = s.sendAll(stream, c, f, m)
		case <-beat.C:
			if !s.stillValid(r, c, patchbay.ScopeServersRead) {
				return
			}
			err = stream.Beat()
		case <-r.Context().Done():
			return
		}
		if err != nil {
			return // the client is gone
		}
	}
}

// maxGather bounds the events of one write.
const maxGather = 16

// sendAll sends m and what waits behind it in one write, as far as the caller may see it:
// each write is a system call and a packet of its own, for each of very many browsers.
func (s *Server) sendAll(stream *httpkit.Stream, c *caller, f *feed, m *message) error {
	frames := make([][]byte, 0, maxGather)
	for m != nil {
		if s.hub.sees(&c.actor, m) {
			frames = append(frames, m.frame)
		}
		if m = nil; len(frames) < maxGather {
			select {
			case m = <-f.events: // nil when it was closed: follow meets that again
			default:
			}
		}
	}
	return stream.SendFrames(frames...)
}

func (s *Server) send(stream *httpkit.Stream, c *caller, m *message) error {
	if !s.hub.sees(&c.actor, m) {
		return nil
	}
	return stream.SendFrames(m.frame)
}

// stillValid asks again whether the credential holds: a stream outlives many snapshots.
func (s *Server) stillValid(r *http.Request, c *caller, scope patchbay.Scope) bool {
	now, err := s.actor(r)
	return err == nil && now.actor.ID() == c.actor.ID() && admit(&now.actor, &route{scope: scope, operator: true}) == nil
}

func documentEvents(op *huma.Operation, schemas huma.Registry) {
	op.Parameters = append(op.Parameters, &huma.Param{
		Name: "Last-Event-ID", In: "header", Schema: &huma.Schema{Type: "string"},
		Description: "Of the last event that was received: what came after it is sent first",
	})
	for _, t := range []reflect.Type{
		reflect.TypeFor[patchbay.StatusEvent](), reflect.TypeFor[patchbay.ToolsEvent](), reflect.TypeFor[patchbay.ConfigEvent](), reflect.TypeFor[patchbay.RunFact](),
		reflect.TypeFor[patchbay.RunDelta](), reflect.TypeFor[patchbay.RunProgress](), reflect.TypeFor[patchbay.ConversationEvent](),
	} {
		schemas.Schema(t, true, "")
	}
	op.Responses["200"] = &huma.Response{
		Description: "Events `ready`, `reset`, `status` (StatusEvent), `tools` (ToolsEvent), `config` (ConfigEvent), `run` and `conversation` (ConversationEvent), " +
			"with ids `<process>.<n>`; a comment every 15 s. A `run` is a RunFact, or by its `kind` a RunDelta or a RunProgress: those two are not sent again to who comes back, " +
			"and one may be left out for who reads slowly. Whoever sees an offset that does not go on from what they have reads GET /api/runs/{id}.",
		Content: map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{Type: "string"}}},
	}
}
