package demo

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// modern is the first protocol version without handshake and sessions.
const modern = "2026-07-28"

// streamableHandler serves both eras on one URL. It needs two handlers of the SDK:
// the stateful one does not serve 2026-07-28, and the stateless one cannot ask older
// clients anything back.
func streamableHandler(server *mcp.Server) http.Handler {
	get := func(*http.Request) *mcp.Server { return server }
	legacy := mcp.NewStreamableHTTPHandler(get, &mcp.StreamableHTTPOptions{
		SessionTimeout: sessionIdle, MaxRequestBodyBytes: maxBody, DisableLocalhostProtection: true,
	})
	stateless := mcp.NewStreamableHTTPHandler(get, &mcp.StreamableHTTPOptions{
		Stateless: true, MaxRequestBodyBytes: maxBody, DisableLocalhostProtection: true,
		PropagateRequestCancellation: true,
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			legacy.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			status := http.StatusBadRequest
			if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
				status = http.StatusRequestEntityTooLarge
			}
			http.Error(w, "the body cannot be read", status)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if isModern(r.Header.Get("Mcp-Protocol-Version"), body) {
			stateless.ServeHTTP(w, r)
			return
		}
		legacy.ServeHTTP(w, r)
	})
}

// isModern tells the era of a message: by its version header, by the version in its
// _meta, or because it asks for discovery (2026-07-28, basic/versioning). What cannot
// be read is left to the legacy handler to refuse.
func isModern(header string, body []byte) bool {
	if header >= modern {
		return true
	}
	var m struct {
		Method string `json:"method"`
		Params struct {
			Meta struct {
				Version string `json:"io.modelcontextprotocol/protocolVersion"`
			} `json:"_meta"`
		} `json:"params"`
	}
	if json.Unmarshal(body, &m) != nil {
		return false
	}
	return m.Method == "server/discover" || m.Params.Meta.Version >= modern
}
