package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"patchbay"
	"patchbay/internal/httpkit"
)

// CallRequest is one tool call.
type CallRequest struct {
	Server string
	Tool   string
	Args   json.RawMessage   // a JSON object, sent as written; empty for none
	Body   patchbay.CallBody // for servers that ask for it
	// Observer sees progress and log lines as they come, before Call returns. With
	// none, the answer is asked for in one piece.
	Observer func(patchbay.Note)
}

// body is the request's JSON. The arguments go in as they are: encoding/json would compact
// and escape them.
func (r *CallRequest) body() (json.RawMessage, error) {
	body, err := json.Marshal(r.Body)
	if err != nil || len(r.Args) == 0 {
		return body, err
	}
	all := append([]byte(`{"arguments":`), r.Args...)
	if len(body) > len(`{}`) {
		all = append(append(all, ','), body[1:]...)
		return all, nil
	}
	return append(all, '}'), nil
}

// Call calls a tool and returns the MCP CallToolResult. A tool that ran and failed is a
// result with isError, not an error. Cancelling ctx cancels the call on the server.
func (c *Client) Call(ctx context.Context, r CallRequest) (json.RawMessage, error) {
	path := "/api/mcp/servers/" + segment(r.Server) + "/tools/" + segment(r.Tool) + "/call"
	accept := "application/json"
	if r.Observer != nil {
		accept = "text/event-stream, application/json;q=0.5"
	}
	body, err := r.body()
	if err != nil {
		return nil, fmt.Errorf("client: encode call: %w", err)
	}
	resp, err := c.send(ctx, http.MethodPost, path, accept, body)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if mediaType(resp.Header) == "text/event-stream" {
		return c.callStream(ctx, resp, r.Observer)
	}
	data, err := readAll(resp.Body, maxBody)
	if err != nil {
		return nil, c.lost(ctx, err)
	}
	if !json.Valid(data) {
		return nil, c.notPatchbay(nil)
	}
	return data, nil
}

// callStream reads events until the call's last one, which is result or error.
func (c *Client) callStream(ctx context.Context, resp *http.Response, observe func(patchbay.Note)) (json.RawMessage, error) {
	events := newEventReader(resp.Body, maxBody)
	for {
		e, err := events.next()
		if err != nil {
			return nil, c.lost(ctx, err)
		}
		switch e.name {
		case string(patchbay.NoteProgress), string(patchbay.NoteLog):
			if observe != nil {
				observe(patchbay.Note{Kind: patchbay.NoteKind(e.name), Params: e.data})
			}
		case "result":
			return e.data, nil
		case "error":
			return nil, eventError(e.data)
		}
	}
}

// eventError reads an error event: an error answer that also says its status and when to
// try again, since the head of the answer is gone.
func eventError(data []byte) *patchbay.Error {
	var head struct {
		Status     int    `json:"status"`
		RetryAfter string `json:"retryAfter"`
	}
	if json.Unmarshal(data, &head) != nil || head.Status == 0 {
		head.Status = http.StatusInternalServerError
	}
	header := http.Header{}
	if head.RetryAfter != "" {
		header.Set("Retry-After", head.RetryAfter)
	}
	return httpkit.ParseError(head.Status, header, data)
}

// lost is the error of an answer that began and did not end: the call may have run.
func (c *Client) lost(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &patchbay.Error{
			Code:    patchbay.CodeUnknownFate,
			Message: "The connection to patchbay ended before the result came; the call may have run, so look before you repeat it",
			Err:     err,
		}
	}
	return c.unreachable(ctx, err)
}
