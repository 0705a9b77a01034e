package transport_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"patchbay"
	"patchbay/internal/transport"
)

func TestHTTPAgainstSDK(t *testing.T) {
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			server := newSDKServer()
			srv := server.serve(t, w)
			f := newFactory(t, nil)
			wire := open(t, f, endpoint(t, patchbay.TransportHTTP, srv.URL))
			session := connect(t, wire)
			if got := wire.ProtocolVersion(); got != w.version {
				t.Errorf("version %q, want %q", got, w.version)
			}
			if got := wire.SessionID() != ""; got == w.modern {
				t.Errorf("session id %q", wire.SessionID())
			}
			if n := len(toolsOf(t, session, wire)); n != 7 {
				t.Errorf("%d tools", n)
			}

			t.Run("arguments as they are", func(t *testing.T) {
				const args = `{"n":9007199254740993,"s":"ü\u0000x","deep":[[{"a":null}]]}`
				if got := firstText(t, call(t, wire, "echo", args)); got != args {
					t.Errorf("echo %s, want %s", got, args)
				}
			})
			t.Run("five megabytes", func(t *testing.T) {
				if got := firstText(t, call(t, wire, "big", "")); got != strings.Repeat("0123456789abcdef", 5<<20/16) {
					t.Errorf("%d bytes", len(got))
				}
			})
			t.Run("tool error is a result", func(t *testing.T) {
				if r := call(t, wire, "fail", "{}"); !r.IsError || r.ResultType != transport.ResultComplete {
					t.Errorf("isError %v, type %q", r.IsError, r.ResultType)
				}
			})
			t.Run("unknown tool is an error", func(t *testing.T) {
				ce := callError(t, wire, &transport.Call{Name: "nope"})
				var rpc *transport.RPCError
				if !errors.As(ce, &rpc) || rpc.Code != -32602 || !ce.Sent {
					t.Errorf("%v, sent %v", ce.Err, ce.Sent)
				}
			})
			t.Run("argument headers", func(t *testing.T) {
				// First as if the list had been an older one, without the annotation.
				wire.SetTools([]patchbay.Tool{{Name: "headed"}})
				_, _ = wire.Call(t.Context(), &transport.Call{Name: "headed"})
				toolsOf(t, session, wire)
				want := " "
				if w.modern {
					want = "=?base64?IMO8?= 7"
				}
				if got := firstText(t, call(t, wire, "headed", `{"region":" ü","n":7}`)); got != want {
					t.Errorf("headers %q, want %q", got, want)
				}
			})
			if !w.json {
				t.Run("progress before the result", func(t *testing.T) { progress(t, wire) })
				if !w.modern {
					t.Run("a question during a lane call", func(t *testing.T) {
						if got := firstText(t, call(t, wire, "ask", "")); got != "person said decline" {
							t.Errorf("got %q", got)
						}
					})
				}
			}
			if !(w.modern && w.json) { // such a server does not notice that its caller left
				t.Run("cancel", func(t *testing.T) { cancelCall(t, server, wire) })
			}
			t.Run("usable afterwards", func(t *testing.T) {
				if got := firstText(t, call(t, wire, "echo", `{}`)); got != "{}" {
					t.Errorf("got %q", got)
				}
				if _, err := session.ListTools(t.Context(), nil); err != nil {
					t.Error(err)
				}
			})
			if err := wire.Close(); err != nil {
				t.Error(err)
			}
			if ce := callError(t, wire, &transport.Call{Name: "echo"}); !errors.Is(ce, transport.ErrClosed) || ce.Sent {
				t.Errorf("after close: %v, sent %v", ce, ce.Sent)
			}
		})
	}
}

// progress calls count and holds that all five notes came first and in order.
func progress(t *testing.T, wire transport.Wire) {
	t.Helper()
	var seen []float64
	r, err := wire.Call(t.Context(), &transport.Call{Name: "count", Observer: func(n patchbay.Note) {
		var p struct{ Progress float64 }
		if n.Kind != patchbay.NoteProgress || json.Unmarshal(n.Params, &p) != nil {
			t.Errorf("note %s %s", n.Kind, n.Params)
		}
		seen = append(seen, p.Progress)
	}})
	if err != nil || firstText(t, r) != "counted" {
		t.Fatalf("count: %v", err)
	}
	if len(seen) != 5 || seen[0] != 1 || seen[4] != 5 {
		t.Errorf("progress %v", seen)
	}
}

// cancelCall holds that the end of a call's context reaches the server's handler.
func cancelCall(t *testing.T, server *sdkServer, wire transport.Wire) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-server.waiting
		cancel()
	}()
	_, err := wire.Call(ctx, &transport.Call{Name: "wait"})
	var ce *transport.CallError
	if !errors.As(err, &ce) || !errors.Is(err, context.Canceled) || !ce.Sent {
		t.Errorf("got %v", err)
	}
	<-server.cancelled
}
