package conn

import (
	"errors"
	"testing"
	"time"

	"patchbay"
	"patchbay/internal/transport"
)

// TestCallsCutAtOneLength: the second call that is cut after the same time names a
// proxy, and its fate is unknown all the same.
func TestCallsCutAtOneLength(t *testing.T) {
	l := &live{entry: &entry{}, target: Target{Server: &patchbay.Server{Name: "s"}}}
	cut := &transport.CallError{Sent: true, Err: transport.ErrLost}
	for i, want := range []any{nil, patchbay.ReasonCutByProxy} {
		err := l.explainCall("tool", cut, time.Minute+time.Duration(i)*100*time.Millisecond)
		var e *patchbay.Error
		if !errors.As(err, &e) || e.Code != patchbay.CodeUnknownFate {
			t.Fatalf("%v", err)
		}
		if e.Detail["reason"] != want {
			t.Errorf("call %d: reason %v, want %v: %s", i, e.Detail["reason"], want, e.Message)
		}
	}
	gateway := &transport.CallError{Sent: true, Err: &transport.HTTPError{Status: 504}}
	if err := l.explainCall("tool", gateway, time.Second); patchbay.CodeOf(err) != patchbay.CodeUnknownFate {
		t.Errorf("a proxy gave up waiting, the server may not have: %v", err)
	}
}
