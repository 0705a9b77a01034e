package client

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"patchbay"
)

// instance answers like patchbay at one path and records what it was asked.
type instance struct {
	*httptest.Server
	method, path, body string
	header             http.Header
}

func newInstance(t *testing.T, answer http.HandlerFunc) (*instance, *Client) {
	t.Helper()
	in := &instance{}
	in.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		in.method, in.path, in.body, in.header = r.Method, r.URL.EscapedPath(), string(body), r.Header
		if r.URL.RawQuery != "" {
			in.path += "?" + r.URL.RawQuery
		}
		answer(w, r)
	}))
	t.Cleanup(in.Close)
	c, err := New(Options{BaseURL: in.URL + "/sub/", Token: "fake-token", As: "ada@example.com"})
	noError(t, err)
	t.Cleanup(c.Close)
	return in, c
}

func say(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func TestNewRefuses(t *testing.T) {
	for name, base := range map[string]string{
		"empty":      "",
		"no scheme":  "127.0.0.1:3080",
		"other kind": "ftp://example.com",
		"no host":    "http://",
		"user":       "http://me:secret@example.com",
		"query":      "http://example.com/?token=secret",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New(Options{BaseURL: base})
			equal(t, patchbay.CodeBadRequest, patchbay.CodeOf(err))
			contains(t, err.Error(), "secret", false)
		})
	}
}

func TestRequests(t *testing.T) {
	tests := map[string]struct {
		do     func(context.Context, *Client) error
		answer string
		method string
		path   string
		body   string
	}{
		"server, name escaped": {
			do:     func(ctx context.Context, c *Client) error { _, err := c.Server(ctx, "my server/x?"); return err },
			answer: `{"name":"x"}`, method: "GET", path: "/sub/api/mcp/servers/my%20server%2Fx%3F",
		},
		"server called ..": {
			do:     func(ctx context.Context, c *Client) error { _, err := c.Server(ctx, ".."); return err },
			answer: `{"name":".."}`, method: "GET", path: "/sub/api/mcp/servers/%2E%2E",
		},
		"tools": {
			do:     func(ctx context.Context, c *Client) error { _, err := c.Tools(ctx, "demo", true); return err },
			answer: `[]`, method: "GET", path: "/sub/api/mcp/tools?connect=1&server=demo",
		},
		"call without arguments": {
			do: func(ctx context.Context, c *Client) error {
				_, err := c.Call(ctx, CallRequest{Server: "demo", Tool: "now"})
				return err
			},
			answer: `{"content":[]}`, method: "POST", path: "/sub/api/mcp/servers/demo/tools/now/call", body: `{}`,
		},
		"call with a large number and a conversation": {
			do: func(ctx context.Context, c *Client) error {
				_, err := c.Call(ctx, CallRequest{
					Server: "demo", Tool: "add", Args: json.RawMessage(`{"a": 9007199254740993, "s": "<b>"}`),
					Body: patchbay.CallBody{ConversationID: "c1"},
				})
				return err
			},
			answer: `{"content":[]}`, method: "POST", path: "/sub/api/mcp/servers/demo/tools/add/call",
			body: `{"arguments":{"a": 9007199254740993, "s": "<b>"},"conversationId":"c1"}`,
		},
		"reinitialize": {
			do:     func(ctx context.Context, c *Client) error { _, err := c.Reinitialize(ctx, "demo"); return err },
			answer: `{"success":true}`, method: "POST", path: "/sub/api/mcp/demo/reinitialize", body: `{}`,
		},
		"set a variable": {
			do: func(ctx context.Context, c *Client) error {
				return c.SetAuthValues(ctx, "demo", map[string]string{"KEY": "v"})
			},
			answer: `{"success":true}`, method: "PUT", path: "/sub/api/mcp/demo/auth-values", body: `{"authValues":{"KEY":"v"}}`,
		},
		"disable": {
			do:     func(ctx context.Context, c *Client) error { return c.SetDisabled(ctx, "u1", true) },
			answer: `{}`, method: "PATCH", path: "/sub/api/users/u1", body: `{"disabled":true}`,
		},
		"token": {
			do: func(ctx context.Context, c *Client) error {
				at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
				token, err := c.AddToken(ctx, NewToken{Name: "laptop", ExpiresAt: &at})
				if err == nil && (token.Secret != "pb_fake" || strings.Contains(token.String(), "pb_fake")) {
					return errors.New("wrong token")
				}
				return err
			},
			answer: `{"id":"t1","token":"pb_fake"}`, method: "POST", path: "/sub/api/user/tokens",
			body: `{"name":"laptop","expiresAt":"2026-01-02T03:04:05Z"}`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			in, c := newInstance(t, say(200, test.answer))
			noError(t, test.do(t.Context(), c))
			equal(t, test.method+" "+test.path+" "+test.body, in.method+" "+in.path+" "+in.body)
			equal(t, "Bearer fake-token", in.header.Get("Authorization"))
			equal(t, "ada@example.com", in.header.Get(HeaderAs))
		})
	}
}

func TestServersReadsEveryPage(t *testing.T) {
	pages := map[string]string{
		"":   `{"data":[{"name":"a"},{"name":"b"}],"has_more":true,"after":"p2"}`,
		"p2": `{"data":[{"name":"c","future":1}],"has_more":false,"after":null}`,
	}
	_, c := newInstance(t, func(w http.ResponseWriter, r *http.Request) {
		equal(t, "x", r.URL.Query().Get("search"))
		say(200, pages[r.URL.Query().Get("after")])(w, r)
	})
	servers, err := c.Servers(t.Context(), "x")
	noError(t, err)
	equal(t, 3, len(servers))
	equal(t, `{"name":"c","future":1}`, string(servers[2].Raw))
}

func TestErrors(t *testing.T) {
	tests := map[string]struct {
		answer http.HandlerFunc
		want   *patchbay.Error
	}{
		"of ours": {
			answer: say(422, `{"error":"The arguments are wrong","code":"invalid","path":"arguments.a","message":"must be a number","fields":[{"path":"arguments.a","message":"must be a number"}]}`),
			want: &patchbay.Error{
				Code: patchbay.CodeInvalid, Message: "The arguments are wrong",
				Fields: []patchbay.FieldError{{Path: "arguments.a", Message: "must be a number"}},
			},
		},
		"redirect is not followed": {
			answer: func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", "https://elsewhere.example/")
				w.WriteHeader(302)
			},
			want: &patchbay.Error{Code: patchbay.CodeBadRequest},
		},
		"a page of something else": {answer: say(200, `<html>`), want: &patchbay.Error{Code: patchbay.CodeProtocol}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, c := newInstance(t, test.answer)
			_, err := c.Server(t.Context(), "demo")
			var got *patchbay.Error
			equal(t, true, errors.As(err, &got))
			equal(t, test.want.Code, got.Code)
			if test.want.Message != "" {
				equal(t, test.want.Message, got.Message)
			}
			equal(t, test.want.Fields, got.Fields)
		})
	}
}

func TestNobodyThere(t *testing.T) {
	in, c := newInstance(t, say(200, `{}`))
	in.Close()
	_, err := c.Server(t.Context(), "demo")
	equal(t, patchbay.CodeUnavailable, patchbay.CodeOf(err))
	contains(t, err.Error(), "patchbay serve", true)
	equal(t, true, errors.Is(err, ErrUnreachable))
}
