package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"patchbay"
	"patchbay/internal/httpkit"
)

// noteBuffer is how many notes wait for a slow reader; more are dropped and counted, since
// a note must not hold up the call.
const noteBuffer = 256

// streamedCall is a call whose notes are sent while it runs.
type streamedCall struct {
	call    patchbay.CallRequest
	notes   chan patchbay.Note
	dropped atomic.Int64
	done    chan struct{} // closed when out and err are there
	out     patchbay.Outcome
	err     error
}

func newStreamedCall(call patchbay.CallRequest) *streamedCall {
	run := &streamedCall{call: call, notes: make(chan patchbay.Note, noteBuffer), done: make(chan struct{})}
	run.call.Observer = func(n patchbay.Note) {
		select {
		case run.notes <- n:
		default:
			run.dropped.Add(1)
		}
	}
	return run
}

// streamCall runs a call and sends what it says on the way: `progress` and `log` in wire
// order, then one `result` or `error`. It returns when the call has ended.
func (s *Server) streamCall(w http.ResponseWriter, r *http.Request, c *caller, call patchbay.CallRequest) {
	stream, err := httpkit.NewStream(w)
	if err != nil {
		return // the client is gone
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	run := newStreamedCall(call)
	go func() {
		defer close(run.done)
		run.out, run.err = s.o.Tools.Call(ctx, c.actor, run.call)
	}()
	if relay(stream, run) == nil {
		err = s.sendEnd(ctx, stream, c, run)
	}
	if err != nil {
		s.o.Log.Debug("client left a streamed call", "server", c.server.Name, "error", err)
	}
	cancel() // where nobody reads any more, the call need not go on
	<-run.done
}

// relay sends notes until the call has ended and the last one is out.
func relay(stream *httpkit.Stream, run *streamedCall) error {
	beat := time.NewTicker(httpkit.Heartbeat)
	defer beat.Stop()
	for {
		var err error
		select {
		case n := <-run.notes:
			err = stream.Send("", string(n.Kind), n.Params)
		case <-beat.C:
			err = stream.Beat()
		case <-run.done:
			for len(run.notes) > 0 && err == nil {
				n := <-run.notes
				err = stream.Send("", string(n.Kind), n.Params)
			}
			return err
		}
		if err != nil {
			return err
		}
	}
}

// sendEnd sends how the call ended. An error event has the members of the JSON answer, and
// `status`.
func (s *Server) sendEnd(ctx context.Context, stream *httpkit.Stream, c *caller, run *streamedCall) error {
	if n := run.dropped.Load(); n > 0 {
		if err := stream.Send("", "dropped", []byte(`{"notes":`+strconv.FormatInt(n, 10)+`}`)); err != nil {
			return err
		}
	}
	err := run.err
	if err == nil && run.out.Wait != nil {
		err = questionError(c.server, run.out.Wait)
	}
	if err == nil {
		return stream.Send("", "result", run.out.Result.Raw)
	}
	a := httpkit.AnswerOf(s.o.Log, s.farEnd(ctx, c, err))
	a.Body["status"] = a.Status
	if retry := a.Header.Get("Retry-After"); retry != "" {
		a.Body["retryAfter"] = retry
	}
	data, err := json.Marshal(a.Body)
	if err != nil {
		return err
	}
	return stream.Send("", "error", data)
}
