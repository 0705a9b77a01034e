package testkit

import (
	"bytes"
	"io"
	"net/http"
	"sync"
)

// ModelClient is an HTTP client that answers every request with one stream, cut into
// reads of chunk bytes (0: whole), without a network. It is for what must be run ten
// thousand times; Models is the real thing.
type ModelClient struct {
	// Type is the media type of the stream; empty: server-sent events.
	Type string

	stream []byte
	chunk  int

	mu   sync.Mutex
	last []byte
}

// NewModelClient returns a client that answers with stream.
func NewModelClient(stream []byte, chunk int) *ModelClient {
	return &ModelClient{stream: stream, chunk: chunk}
}

// Client is the client to hand in.
func (c *ModelClient) Client() *http.Client { return &http.Client{Transport: c} }

// Last is the body of the last request.
func (c *ModelClient) Last() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}

// RoundTrip answers.
func (c *ModelClient) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		defer req.Body.Close()
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = body
	kind := c.Type
	if kind == "" {
		kind = "text/event-stream"
	}
	return &http.Response{
		StatusCode: http.StatusOK, Status: "200 OK", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: req,
		Header: http.Header{"Content-Type": {kind}},
		Body:   io.NopCloser(&chunkReader{bytes.NewReader(c.stream), c.chunk}),
	}, nil
}

type chunkReader struct {
	in *bytes.Reader
	n  int
}

func (r *chunkReader) Read(p []byte) (int, error) {
	if r.n > 0 && len(p) > r.n {
		p = p[:r.n]
	}
	return r.in.Read(p)
}
