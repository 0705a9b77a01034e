package api

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patchbay"
	"patchbay/internal/chat"
	"patchbay/internal/httpkit"
)

// Events of a run's stream.
const (
	runFact     = "fact"
	runDelta    = "delta"
	runProgress = "progress"
	runSnapshot = "snapshot"
	runEnd      = "end" // of the run, and of the stream
)

// runEvents tells of a run from a fact on: first what is stored, then as it comes. Ids are
// the facts' numbers, so that a browser goes on where it was.
func (s *Server) runEvents(w http.ResponseWriter, r *http.Request, c *caller) {
	after, err := afterSeq(r)
	if err != nil {
		s.fail(w, err)
		return
	}
	feed, err := s.o.Chat.Attach(r.Context(), c.actor, patchbay.RunID(param(r, "id")), after)
	if err != nil {
		s.fail(w, err)
		return
	}
	defer feed.Close()
	stream, err := httpkit.NewStream(w)
	if err != nil {
		return // the client is gone
	}
	s.followRun(r, stream, c, feed)
}

// afterSeq is the fact that the client has: of the header, as a browser comes back with
// it, else of the query.
func afterSeq(r *http.Request) (int64, error) {
	text := r.Header.Get("Last-Event-ID")
	if text == "" {
		text = r.URL.Query().Get("after")
	}
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, invalidQuery("after", "must be the number of a fact")
	}
	return n, nil
}

func (s *Server) followRun(r *http.Request, stream *httpkit.Stream, c *caller, feed *RunFeed) {
	beat := time.NewTicker(httpkit.Heartbeat)
	defer beat.Stop()
	ended := false
	for {
		var err error
		select {
		case u, ok := <-feed.Updates:
			if !ok {
				if ended {
					_ = stream.Send("", runEnd, []byte("{}")) // the client is gone: nobody to tell
				}
				return
			}
			ended, err = sendUpdate(stream, u)
		case <-beat.C:
			if !s.stillValid(r, c, patchbay.ScopeChat) {
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

// sendUpdate sends one update, and reports whether it is the fact that the run has ended.
func sendUpdate(stream *httpkit.Stream, u chat.Update) (ended bool, err error) {
	id, name, v := "", "", any(nil)
	switch {
	case u.Event != nil:
		id, name, v = strconv.FormatInt(u.Event.Seq, 10), runFact, u.Event
		ended = endsRun(u.Event)
	case u.Delta != nil:
		name, v = runDelta, u.Delta
	case u.Progress != nil:
		name, v = runProgress, u.Progress
	case u.Snapshot != nil:
		name, v = runSnapshot, u.Snapshot
	default:
		return false, nil
	}
	data, err := json.Marshal(v)
	if err != nil {
		return false, err
	}
	return ended, stream.Send(id, name, data)
}

func endsRun(e *patchbay.RunEvent) bool {
	if e.Kind != patchbay.RunEventStatus {
		return false
	}
	var status struct{ Status patchbay.RunStatus }
	return json.Unmarshal(e.Data, &status) == nil && status.Status != "" && !status.Status.Active()
}

func documentRunEvents(op *huma.Operation, schemas huma.Registry) {
	op.Parameters = append(op.Parameters,
		&huma.Param{Name: "after", In: "query", Schema: &huma.Schema{Type: "integer"}, Description: "The number of the last fact that is known"},
		&huma.Param{Name: "Last-Event-ID", In: "header", Schema: &huma.Schema{Type: "string"}, Description: "The same, as browsers send it"})
	for _, t := range []reflect.Type{reflect.TypeFor[patchbay.RunFact](), reflect.TypeFor[patchbay.RunDeltaData](), reflect.TypeFor[patchbay.RunProgressData](), reflect.TypeFor[patchbay.RunSnapshot]()} {
		schemas.Schema(t, true, "")
	}
	op.Responses["200"] = &huma.Response{
		Description: "Events `fact` (RunEvent; its id is its number), `snapshot` (RunSnapshot: what is written of the message so far), `delta` (RunDeltaData), " +
			"`progress` (RunProgressData), and `end` when the run has ended; a comment every 15 s.",
		Content: map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{Type: "string"}}},
	}
}
