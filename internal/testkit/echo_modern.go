package testkit

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
)

// postModern answers one message of 2026-07-28. It is strict about headers, as that
// version demands (basic/transports/streamable-http): they must say what the body says.
func (e *Echo) postModern(w http.ResponseWriter, r *http.Request, m *message) {
	header := r.Header.Get("Mcp-Protocol-Version")
	if m.isRequest() {
		if m.version() != Modern {
			rpcError(w, http.StatusBadRequest, unsupported(m, e.opts.Versions, m.version()))
			return
		}
		if mismatch := headerMismatch(r.Header, m); mismatch != "" {
			rpcError(w, http.StatusBadRequest, failure(m.ID, codeHeaderMismatch, mismatch, ""))
			return
		}
	}
	if !m.isRequest() {
		w.WriteHeader(http.StatusAccepted)
		return
	}
	if header != Modern {
		rpcError(w, http.StatusBadRequest, failure(m.ID, codeHeaderMismatch, "Mcp-Protocol-Version does not match the body", ""))
		return
	}
	// The request is the whole life of the call; closing it cancels.
	ctx, stop := context.WithCancel(r.Context())
	defer stop()
	defer context.AfterFunc(e.ctx, stop)()
	if m.Method == "subscriptions/listen" {
		e.listen(ctx, w, m)
		return
	}
	e.respond(ctx, w, r, caller{modern: true, who: whoami(r, "")}, m)
}

func headerMismatch(h http.Header, m *message) string {
	if got := h.Get("Mcp-Method"); got != m.Method {
		return "Mcp-Method does not match the body"
	}
	if m.Method == "tools/call" && h.Get("Mcp-Name") != m.Params.Name {
		return "Mcp-Name does not match the body"
	}
	return ""
}

// unsupported is the error that tells the versions a server has.
func unsupported(m *message, versions []string, asked string) []byte {
	data, err := json.Marshal(map[string]any{"supported": slices.Clone(versions), "requested": asked})
	if err != nil {
		panic(err) // strings always encode
	}
	return failure(m.ID, codeUnsupportedVersion, "unsupported protocol version", string(data))
}
