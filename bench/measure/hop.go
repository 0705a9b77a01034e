package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// hop serves POST /KIND as patchbay serves a call, with nothing that a product needs: no
// account, no permission, no limit, no schema. Each user has a link of their own.
func hop(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("hop", flag.ContinueOnError)
	addr := fs.String("addr", "", "where to listen, on loopback")
	up := fs.String("up", "", "address of the upstream")
	if err := fs.Parse(args); err != nil {
		return err
	}
	h := &hopServer{ctx: ctx, up: *up, way: &http.Transport{
		MaxIdleConns: 4096, MaxIdleConnsPerHost: 4096, IdleConnTimeout: time.Minute, DisableCompression: true,
	}}
	return serve(ctx, *addr, h)
}

type hopServer struct {
	ctx   context.Context //nolint:containedctx // the hop's life, which links have
	up    string
	way   *http.Transport
	links sync.Map // kind and user -> *hopLink
}

type hopLink struct {
	mu sync.Mutex
	l  link
}

// ServeHTTP implements http.Handler.
func (h *hopServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client is gone
	}
	var call struct {
		Arguments json.RawMessage `json:"arguments"`
	}
	if err := json.Unmarshal(body, &call); err != nil {
		http.Error(w, "not a call", http.StatusBadRequest)
		return
	}
	k, ok := kindOf(r.URL.Path[1:])
	if !ok {
		http.NotFound(w, r)
		return
	}
	result, err := h.call(k, r.Header.Get("Authorization"), call.Arguments)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	w.Header()["Content-Type"] = []string{"application/json"}
	_, _ = w.Write(result) // the client may have gone
}

func (h *hopServer) call(k kind, user string, args []byte) ([]byte, error) {
	v, ok := h.links.Load(k.name + " " + user)
	if !ok {
		v, _ = h.links.LoadOrStore(k.name+" "+user, &hopLink{})
	}
	hl, ok := v.(*hopLink)
	if !ok {
		return nil, fmt.Errorf("not a link")
	}
	hl.mu.Lock()
	defer hl.mu.Unlock()
	if hl.l == nil {
		l, err := openLink(h.ctx, k, h.up, user, &netPoster{way: h.way, url: k.url(h.up)})
		if err != nil {
			return nil, err
		}
		hl.l = l
	}
	result, err := hl.l.call(args)
	return bytes.Clone(result), err
}

// openLink opens a link of any kind; way is for streamable HTTP.
func openLink(ctx context.Context, k kind, up, user string, way poster) (link, error) {
	switch k.typ {
	case "stdio":
		return openStdio(ctx)
	case "sse":
		client := http.DefaultClient
		if p, ok := way.(*netPoster); ok {
			client = &http.Client{Transport: p.way}
		}
		return openSSE(ctx, k.url(up), user, client)
	case "websocket":
		return openSocket(ctx, k.url(up), user)
	}
	return openHTTPLink(ctx, k, way, user)
}

// netPoster posts by net/http.
type netPoster struct {
	way *http.Transport
	url string
}

func (p *netPoster) close() {}

// post implements poster.
func (p *netPoster) post(ctx context.Context, headers []string, body []byte) (kind, session string, answer []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bytes.NewReader(body))
	if err != nil {
		return "", "", nil, err
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header[http.CanonicalHeaderKey(headers[i])] = []string{headers[i+1]}
	}
	resp, err := p.way.RoundTrip(req)
	if err != nil {
		return "", "", nil, err
	}
	out, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close() // read to its end
	if err != nil {
		return "", "", nil, err
	}
	return taken(resp, out)
}
