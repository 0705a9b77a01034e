package transport

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
)

// Write implements mcp.Connection. An error is about this message only, unless the wire
// has ended.
func (w *httpWire) Write(ctx context.Context, msg jsonrpc.Message) error {
	if err := w.Err(); err != nil {
		return err
	}
	data, err := jsonrpc.EncodeMessage(msg)
	if err != nil {
		return &rejected{err}
	}
	var s sink
	req, _ := msg.(*jsonrpc.Request)
	call := req != nil && req.IsCall()
	if call {
		if auth := w.refused.Swap(nil); auth != nil && req.Method == methodInitialize {
			return &rejected{auth} // a moment after server/discover met the same
		}
		s.sdk = req.ID
		w.sent(req)
	}
	x, err := w.begin(ctx)
	if err != nil {
		return err
	}
	resp, err := x.do(http.MethodPost, w.forMessage(w.now.Load(), msg), data)
	if err != nil {
		x.end(nil)
		return &rejected{wayError(err)}
	}
	if resp.StatusCode/100 != 2 {
		_, err := w.refusal(resp, &s)
		x.end(resp.Body)
		return w.refusedMessage(req, err)
	}
	if !call {
		_, _ = io.CopyN(io.Discard, resp.Body, tailBytes) // lets the connection be used again
		x.end(resp.Body)
		return nil
	}
	if req.Method == methodInitialize {
		w.gave(sessionOf(resp.Header))
	}
	switch mediaType(resp.Header) {
	case "application/json":
		if err := w.body(x, resp, &s); err != nil {
			return &rejected{err}
		}
		return nil
	case "text/event-stream":
		started := w.spawn(func() {
			if err := w.stream(x, resp, &s); err != nil {
				w.unanswered(req, err)
			}
		})
		if !started {
			x.end(resp.Body)
			return w.Err()
		}
		return nil
	}
	x.end(resp.Body)
	return &rejected{protocolErrorf("the answer to %s is of type %q", req.Method, snippet([]byte(mediaType(resp.Header)), 60))}
}

// refusedMessage is what the SDK is told of a refusal.
func (w *httpWire) refusedMessage(req *jsonrpc.Request, err error) error {
	var auth *AuthError
	var rpc *RPCError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &auth) && req != nil && req.Method == methodDiscover:
		w.refused.Store(auth)
	case errors.As(err, &rpc):
		// The SDK reads code and data of its own type when it negotiates.
		err = errors.Join(err, &jsonrpc.Error{Code: rpc.Code, Message: rpc.Message, Data: rpc.Data})
	}
	return &rejected{err}
}

// unanswered gives the SDK an answer to a request whose stream broke, so that its caller
// does not wait for ever.
func (w *httpWire) unanswered(req *jsonrpc.Request, err error) {
	if w.Err() != nil {
		return // Read tells
	}
	if err := w.put(w.Done, &jsonrpc.Response{ID: req.ID, Error: err}, 0); err != nil {
		w.fail(err)
	}
}

// sessionOf returns the session id of an answer, "" when there is none or it is not fit
// for a header.
func sessionOf(h http.Header) string {
	id := h.Get(headerSession)
	if len(id) > 1024 {
		return ""
	}
	for i := range len(id) {
		if id[i] < 0x21 || id[i] > 0x7e {
			return ""
		}
	}
	return id
}
