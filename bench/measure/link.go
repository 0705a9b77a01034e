package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
)

// link is one user's way to the upstream with nothing in between: what the hop uses, and
// the load where it goes direct. One call at a time.
type link interface {
	// call calls echo with arguments and returns the result.
	call(args []byte) ([]byte, error)
	close()
}

const (
	callHead = `,"method":"tools/call","params":{"name":"echo",`
	// modernMeta is what a message of 2026-07-28 says of itself.
	modernMeta = `"_meta":{"io.modelcontextprotocol/protocolVersion":"` + modernVersion +
		`","io.modelcontextprotocol/clientInfo":{"name":"hop","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}},`
	initialize = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"` + legacyVersion +
		`","capabilities":{},"clientInfo":{"name":"hop","version":"1"}}}`
	initialized = `{"jsonrpc":"2.0","method":"notifications/initialized"}`
)

func appendEcho(dst []byte, id int, args []byte, modern bool) []byte {
	dst = strconv.AppendInt(append(dst, `{"jsonrpc":"2.0","id":`...), int64(id), 10)
	dst = append(dst, callHead...)
	if modern {
		dst = append(dst, modernMeta...)
	}
	return append(append(append(dst, `"arguments":`...), args...), `}}`...)
}

// resultOf takes the result out of an answer.
func resultOf(answer []byte) ([]byte, error) {
	var m struct {
		Result json.RawMessage `json:"result"`
	}
	if err := json.Unmarshal(answer, &m); err != nil || len(m.Result) == 0 {
		return nil, fmt.Errorf("answer %.200q", answer)
	}
	return m.Result, nil
}

// poster posts a message to a streamable HTTP server.
type poster interface {
	post(ctx context.Context, headers []string, body []byte) (kind, session string, answer []byte, err error)
	close()
}

// httpLink is streamable HTTP.
type httpLink struct {
	ctx     context.Context //nolint:containedctx // a link is a run whose life it is
	kind    kind
	way     poster
	headers []string // name, value, …
	id      int
	buf     []byte
}

func openHTTPLink(ctx context.Context, k kind, way poster, user string) (*httpLink, error) {
	l := &httpLink{ctx: ctx, kind: k, way: way, id: 1, headers: []string{
		"X-User-ID", user, "Content-Type", "application/json", "Accept", "application/json, text/event-stream",
	}}
	if k.modern {
		l.headers = append(l.headers, "Mcp-Protocol-Version", modernVersion, "Mcp-Method", "tools/call", "Mcp-Name", "echo")
		return l, nil
	}
	_, session, answer, err := way.post(ctx, l.headers, []byte(initialize))
	if err == nil && session == "" {
		err = fmt.Errorf("initialize: %.200q", answer)
	}
	if err == nil {
		l.headers = append(l.headers, "Mcp-Session-Id", session, "Mcp-Protocol-Version", legacyVersion)
		_, _, _, err = way.post(ctx, l.headers, []byte(initialized))
	}
	if err != nil {
		way.close()
		return nil, err
	}
	return l, nil
}

func (l *httpLink) call(args []byte) ([]byte, error) {
	l.id++
	l.buf = appendEcho(l.buf[:0], l.id, args, l.kind.modern)
	kind, _, answer, err := l.way.post(l.ctx, l.headers, l.buf)
	if err != nil {
		return nil, err
	}
	if kind == "text/event-stream" {
		_, answer, _ = bytes.Cut(answer, []byte("data: "))
	}
	return resultOf(answer)
}

func (l *httpLink) close() { l.way.close() }
