package transport

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxErrorBody is how much of a refusal is read.
const maxErrorBody = 64 << 10

// refusal says what a status outside 2xx means. sent tells whether the message may have
// been acted on. A JSON-RPC answer under such a status, customary in the modern era,
// counts as the answer: then err is nil and the sink has it. A session that is gone does
// not end the wire: what else is under way on it may have been taken before, and gets an
// answer of its own.
func (w *httpWire) refusal(resp *http.Response, s *sink) (sent bool, err error) {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody)) // as much as came
	switch resp.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		return false, &AuthError{Status: resp.StatusCode, Challenge: resp.Header.Values("Www-Authenticate")}
	}
	// Servers say 404 for an unknown session with a JSON-RPC error that names the call.
	// It is no answer to it: nothing was executed (2025-11-25, session management).
	if resp.StatusCode == http.StatusNotFound && w.SessionID() != "" {
		return false, ErrSessionGone
	}
	var rpc *RPCError
	if e, err := scanEnvelope(body); err == nil && e.isAnswer() && e.err != nil {
		if e.id != nil && string(e.id) != "null" {
			if err := w.sift(s, body, true); err == nil && s.done {
				return true, nil
			}
		}
		errors.As(rpcError(e.err), &rpc)
	}
	if w.SessionID() != "" && noSession(resp.StatusCode, rpc) {
		return false, ErrSessionGone
	}
	if rpc != nil && resp.StatusCode < 500 && resp.StatusCode != http.StatusTooManyRequests {
		return true, rpc
	}
	return resp.StatusCode != http.StatusTooManyRequests, httpError(resp, body)
}

// noSession reports whether a 400 means that the session is not known: servers made
// from the TypeScript SDK's example say so in place of the protocol's 404.
func noSession(status int, rpc *RPCError) bool {
	return status == http.StatusBadRequest && rpc != nil && rpc.Code == -32000 &&
		strings.Contains(strings.ToLower(rpc.Message), "session")
}

func httpError(resp *http.Response, body []byte) *HTTPError {
	e := &HTTPError{Status: resp.StatusCode, RetryAfter: retryAfter(resp.Header.Get("Retry-After"), time.Now())}
	switch t := mediaType(resp.Header); {
	case t == "text/plain", strings.HasSuffix(t, "json"):
		e.Snippet = snippet(body, 200)
	case t == "text/html":
		e.HTML = true
	}
	return e
}

// retryAfter reads the header's two forms; at most a day.
func retryAfter(v string, now time.Time) time.Duration {
	const most = 24 * time.Hour
	if n, err := strconv.ParseUint(strings.TrimSpace(v), 10, 31); err == nil {
		return min(time.Duration(n)*time.Second, most)
	}
	if t, err := http.ParseTime(v); err == nil && t.After(now) {
		return min(t.Sub(now), most)
	}
	return 0
}
