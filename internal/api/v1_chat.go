package api

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"reflect"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patchbay"
	"patchbay/internal/chat"
	"patchbay/internal/httpkit"
)

// v1Chat answers a conversation that the client brings along, in OpenAI's format. Tools of
// servers are called here, those of the client by the client.
func (s *Server) v1Chat(w http.ResponseWriter, r *http.Request, c *caller) {
	body, in, err := readV1(w, r)
	if err != nil {
		s.failV1(w, err)
		return
	}
	base := s.baseOf(r)
	in.SignIn = func(server string) string { return base + "/servers/" + url.PathEscape(server) }
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	run := newV1Run(&in)
	go func() {
		defer close(run.done)
		run.answer, run.err = s.o.Chat.AnswerOnce(ctx, c.actor, in)
	}()
	out := &v1Writer{s: s, w: w, body: body, head: v1Head{
		ID: "chatcmpl-" + rand.Text(), Created: time.Now().Unix(), Model: body.Model,
	}}
	if err := s.followV1(r, c, run, out); err != nil {
		s.o.Log.Debug("client left an answer", "error", err)
	}
	cancel() // where nobody reads any more, the answer need not go on
	<-run.done
}

// v1Run is an answer that is under way.
type v1Run struct {
	mu     sync.Mutex
	deltas []v1Delta
	wake   chan struct{} // holds one token when there are deltas

	done   chan struct{} // closed when answer and err are there
	answer chat.OnceAnswer
	err    error
}

type v1Delta struct {
	step int
	patchbay.Delta
}

func newV1Run(in *chat.Once) *v1Run {
	run := &v1Run{wake: make(chan struct{}, 1), done: make(chan struct{})}
	in.Observe = func(step int, d patchbay.Delta) {
		run.mu.Lock()
		run.deltas = append(run.deltas, v1Delta{step, d})
		run.mu.Unlock()
		select {
		case run.wake <- struct{}{}:
		default:
		}
	}
	return run
}

func (run *v1Run) take() []v1Delta {
	run.mu.Lock()
	defer run.mu.Unlock()
	deltas := run.deltas
	run.deltas = nil
	return deltas
}

// followV1 writes an answer: as it comes, or when it is whole. Before the model's first
// word nothing is sent, so that what is wrong gets its status.
func (s *Server) followV1(r *http.Request, c *caller, run *v1Run, out *v1Writer) error {
	beat := time.NewTicker(httpkit.Heartbeat)
	defer beat.Stop()
	for {
		var err error
		select {
		case <-run.wake:
			err = out.deltas(run.take())
		case <-beat.C:
			if !s.stillValid(r, c, patchbay.ScopeChat) {
				return out.end(&chat.OnceAnswer{}, errUnauthenticated())
			}
			err = out.beat()
		case <-run.done:
			if err := out.deltas(run.take()); err != nil {
				return err
			}
			return out.end(&run.answer, run.err)
		}
		if err != nil {
			return err
		}
	}
}

func documentV1Chat(op *huma.Operation, schemas huma.Registry) {
	op.RequestBody = &huma.RequestBody{Content: map[string]*huma.MediaType{
		"application/json": {Schema: schemas.Schema(reflect.TypeFor[v1ChatBody](), true, "")},
	}}
	schemas.Schema(reflect.TypeFor[v1Chunk](), true, "")
	op.Responses["200"] = &huma.Response{
		Description: "The answer (v1Completion). With `stream`: chunks (v1Chunk), then `[DONE]`; an `error` in the place of a chunk ends the stream. Errors have OpenAI's shape.",
		Content: map[string]*huma.MediaType{
			"application/json":  {Schema: schemas.Schema(reflect.TypeFor[v1Completion](), true, "")},
			"text/event-stream": {Schema: &huma.Schema{Type: "string"}},
		},
	}
}
