package httpkit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"patchbay"
	"patchbay/internal/httpkit"
)

func TestTableBothWays(t *testing.T) {
	tests := map[patchbay.Code]struct {
		status int
		back   patchbay.Code // what the bare status is read as
	}{
		patchbay.CodeBadRequest:      {400, patchbay.CodeBadRequest},
		patchbay.CodeUnauthenticated: {401, patchbay.CodeUnauthenticated},
		patchbay.CodeSigninRequired:  {401, patchbay.CodeUnauthenticated},
		patchbay.CodeForbidden:       {403, patchbay.CodeForbidden},
		patchbay.CodeToolNotFound:    {404, patchbay.CodeNotFound},
		patchbay.CodeNotAllowed:      {405, patchbay.CodeNotAllowed},
		patchbay.CodeInputRequired:   {409, patchbay.CodeConflict},
		patchbay.CodeStale:           {412, patchbay.CodeStale},
		patchbay.CodeTooLarge:        {413, patchbay.CodeTooLarge},
		patchbay.CodeMediaType:       {415, patchbay.CodeMediaType},
		patchbay.CodeMisdirected:     {421, patchbay.CodeMisdirected},
		patchbay.CodeNeedsVariables:  {422, patchbay.CodeInvalid},
		patchbay.CodeRateLimited:     {429, patchbay.CodeRateLimited},
		patchbay.CodeCancelled:       {499, patchbay.CodeCancelled},
		patchbay.CodeConnectFailed:   {500, patchbay.CodeInternal},
		patchbay.CodeUnknownFate:     {502, patchbay.CodeProtocol},
		patchbay.CodeCapacity:        {503, patchbay.CodeUnavailable},
		patchbay.CodeTimeout:         {504, patchbay.CodeTimeout},
		"never heard of":             {500, patchbay.CodeInternal},
	}
	for code, want := range tests {
		status := httpkit.StatusOf(code)
		if status != want.status || httpkit.CodeOf(status) != want.back {
			t.Errorf("%s: got %d and back %s, want %d and %s", code, status, httpkit.CodeOf(status), want.status, want.back)
		}
	}
	if got := httpkit.CodeOf(418); got != patchbay.CodeBadRequest {
		t.Errorf("an unknown 4xx is %s, want bad_request", got)
	}
}

func TestWriteError(t *testing.T) {
	invalid := httpkit.Invalid("email", "must hold an @")
	tests := map[string]struct {
		err    error
		status int
		body   string
		retry  string
	}{
		"plain": {patchbay.NotFound("x"), 404, `{"code":"not_found","error":"MCP server 'x' not found in configuration"}`, ""},
		"wrapped, with a cause that stays here": {
			fmt.Errorf("tools: call: %w", &patchbay.Error{Code: patchbay.CodeTimeout, Message: "Too late", Err: errors.New("sk-fake-secret")}),
			504, `{"code":"timeout","error":"Too late"}`, "",
		},
		"detail, which replaces nothing of ours": {
			&patchbay.Error{Code: patchbay.CodeConnectFailed, Message: "Failed", Detail: map[string]any{"serverName": "s", "code": "hers"}},
			500, `{"code":"connect_failed","error":"Failed","serverName":"s"}`, "",
		},
		"fields": {invalid, 422, `{"code":"invalid","error":"body.email must hold an @","fields":[{"path":"body.email","message":"must hold an @"}],"message":"must hold an @","path":"body.email"}`, ""},
		"retry":  {&patchbay.Error{Code: patchbay.CodeRateLimited, Message: "Slow down", RetryAfter: 1100 * time.Millisecond}, 429, `{"code":"rate_limited","error":"Slow down"}`, "2"},
		"cancel": {fmt.Errorf("x: %w", context.Canceled), 499, `{"code":"cancelled","error":"The request was cancelled"}`, ""},
		"over the cap": {
			&http.MaxBytesError{Limit: 5}, 413,
			`{"code":"too_large","error":"The body is larger than the 5 bytes that are taken here"}`, "",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			rec := httptest.NewRecorder()
			httpkit.WriteError(rec, slog.New(slog.DiscardHandler), test.err)
			if rec.Code != test.status {
				t.Errorf("status %d, want %d", rec.Code, test.status)
			}
			if diff := cmp.Diff(test.body, strings.TrimSpace(rec.Body.String())); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
			if got := rec.Header().Get("Retry-After"); got != test.retry {
				t.Errorf("Retry-After %q, want %q", got, test.retry)
			}
			back := httpkit.ParseError(rec.Code, rec.Header(), rec.Body.Bytes())
			var sent *patchbay.Error
			if errors.As(test.err, &sent) && (back.Code != sent.Code || back.Message != sent.Message || !cmp.Equal(back.Fields, sent.Fields)) {
				t.Errorf("read back: %+v", back)
			}
		})
	}
}

func TestInternalErrorShowsItsIDOnly(t *testing.T) {
	var log bytes.Buffer
	rec := httptest.NewRecorder()
	httpkit.WriteError(rec, slog.New(slog.NewTextHandler(&log, nil)), errors.New("dial db.example:5432"))
	e := httpkit.ParseError(rec.Code, rec.Header(), rec.Body.Bytes())
	id, _ := e.Detail["id"].(string)
	if len(id) != 8 || strings.Contains(rec.Body.String(), "db.example") {
		t.Errorf("the answer is to hold an id and nothing else: %s", rec.Body)
	}
	if !strings.Contains(log.String(), "id="+id) || !strings.Contains(log.String(), "db.example") {
		t.Errorf("the log is to hold the id and the cause: %s", log.String())
	}
}

func TestParseErrorOfStrangers(t *testing.T) {
	e := httpkit.ParseError(502, http.Header{"Retry-After": {"3"}}, []byte("<html>bad gateway</html>"))
	want := &patchbay.Error{Code: patchbay.CodeProtocol, Message: "HTTP 502 Bad Gateway", RetryAfter: 3 * time.Second}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDecodeJSON(t *testing.T) {
	type body struct {
		Name  string `json:"name"`
		Age   int    `json:"age"`
		Inner struct {
			List []string `json:"list"`
		} `json:"inner"`
	}
	tests := map[string]struct {
		contentType, body string
		code              patchbay.Code
		path, message     string
	}{
		"good":             {"application/json", `{"name":"a","age":3}`, "", "", ""},
		"charset":          {"application/json; charset=utf-8", `{}`, "", "", ""},
		"form":             {"application/x-www-form-urlencoded", `{}`, patchbay.CodeMediaType, "", "Send the body"},
		"plain":            {"text/plain", `{}`, patchbay.CodeMediaType, "", "Send the body"},
		"no type":          {"", `{}`, patchbay.CodeMediaType, "", "Send the body"},
		"empty":            {"application/json", ``, patchbay.CodeBadRequest, "", "is empty"},
		"broken":           {"application/json", `{"name": hunter2}`, patchbay.CodeBadRequest, "", "not valid JSON (at byte 10)"},
		"cut":              {"application/json", `{"name": "hunt`, patchbay.CodeBadRequest, "", "not valid JSON"},
		"two values":       {"application/json", `{} {}`, patchbay.CodeBadRequest, "", "after its JSON value"},
		"wrong type":       {"application/json", `{"age":"hunter2"}`, patchbay.CodeInvalid, "body.age", "must be a whole number"},
		"deep wrong type":  {"application/json", `{"inner":{"list":"hunter2"}}`, patchbay.CodeInvalid, "body.inner.list", "must be a list"},
		"unknown":          {"application/json", `{"pass":"hunter2"}`, patchbay.CodeInvalid, "body.pass", "is not known here"},
		"too large":        {"application/json", `{"name":"` + strings.Repeat("x", 100) + `"}`, patchbay.CodeTooLarge, "", "larger than the 64"},
		"too large behind": {"application/json", `{}` + strings.Repeat(" ", 100), patchbay.CodeTooLarge, "", "larger than the 64"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/", strings.NewReader(test.body))
			r.Header.Set("Content-Type", test.contentType)
			var dst body
			err := httpkit.DecodeJSON(httptest.NewRecorder(), r, 64, &dst)
			if got := patchbay.CodeOf(err); got != test.code {
				t.Fatalf("code %q (%v), want %q", got, err, test.code)
			}
			if err == nil {
				return
			}
			var e *patchbay.Error
			if !errors.As(err, &e) || !strings.Contains(e.Message, test.message) {
				t.Errorf("got %v, want the message %q", err, test.message)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error shows what was submitted: %v", err)
			}
			if test.path != "" {
				if diff := cmp.Diff([]patchbay.FieldError{{Path: test.path, Message: test.message}}, e.Fields); diff != "" {
					t.Errorf("fields (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestStream(t *testing.T) {
	rec := httptest.NewRecorder()
	s, err := httpkit.NewStream(rec)
	if err := errors.Join(err,
		s.Send("p.1", "status", []byte(`{"a":1}`)),
		s.Beat(),
		s.Send("", "", []byte("a\rb\r\nc\nevent: forged"))); err != nil {
		t.Fatal(err)
	}
	if err := s.Send("1\nevent: forged", "x", nil); err == nil {
		t.Error("an id with a line break was sent")
	}
	want := "id: p.1\nevent: status\ndata: {\"a\":1}\n\n: \n\ndata: a\ndata: b\ndata: c\ndata: event: forged\n\n"
	if diff := cmp.Diff(want, rec.Body.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if ct := rec.Header().Get("Content-Type"); ct != "text/event-stream" || !rec.Flushed {
		t.Errorf("Content-Type %q, flushed %v", ct, rec.Flushed)
	}
}

func TestProxies(t *testing.T) {
	tests := map[string]struct {
		trust, remote, forwarded string
		ip, scheme, host         string
	}{
		"nobody is trusted":         {"", "10.0.0.1:1", "203.0.113.9", "10.0.0.1", "http", "a.test"},
		"false":                     {"false", "10.0.0.1:1", "203.0.113.9", "10.0.0.1", "http", "a.test"},
		"one hop":                   {"1", "10.0.0.1:1", "198.51.100.1, 203.0.113.9", "203.0.113.9", "https", "b.test"},
		"two hops":                  {"2", "10.0.0.1:1", "198.51.100.1, 203.0.113.9", "198.51.100.1", "https", "b.test"},
		"a forged first entry":      {"1", "10.0.0.1:1", "127.0.0.1, 203.0.113.9", "203.0.113.9", "https", "b.test"},
		"by network":                {"uniquelocal, 198.51.100.7", "10.0.0.1:1", "203.0.113.9, 198.51.100.7", "203.0.113.9", "https", "b.test"},
		"a stranger says forwarded": {"192.168.0.0/16", "10.0.0.1:1", "203.0.113.9", "10.0.0.1", "http", "a.test"},
		"garbage ends the walk":     {"32", "10.0.0.1:1", "203.0.113.9, unknown", "10.0.0.1", "https", "b.test"},
		"mapped IPv6":               {"loopback", "[::ffff:127.0.0.1]:1", "203.0.113.9", "203.0.113.9", "https", "b.test"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := httpkit.ParseProxies(test.trust)
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequest("GET", "http://a.test/", nil)
			r.RemoteAddr = test.remote
			r.Header.Set("X-Forwarded-For", test.forwarded)
			r.Header.Set("X-Forwarded-Proto", "https")
			r.Header.Set("X-Forwarded-Host", "b.test, c.test")
			scheme, host := p.Forwarded(r)
			got := []string{p.ClientIP(r).String(), scheme, host}
			if diff := cmp.Diff([]string{test.ip, test.scheme, test.host}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	for _, bad := range []string{"true", "-1", "99", "example.com", "10.0.0.0/99"} {
		_, err := httpkit.ParseProxies(bad)
		if err == nil || strings.Contains(err.Error(), "example.com") {
			t.Errorf("%s: got the error %v, want one without the value", bad, err)
		}
	}
}
