package transport

import (
	"encoding/json"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// era is what a handshake found out. It is never changed, only replaced.
type era struct {
	version string
	session string // legacy streamable HTTP only
	meta    []byte // modern: the _meta members of every request, without braces
}

func (e *era) modern() bool { return e != nil && e.version >= FirstModern }

// metaOf returns the _meta members that requests carry.
func metaOf(e *era) []byte {
	if e == nil {
		return nil
	}
	return e.meta
}

// handshake watches the SDK's initialize or server/discover go by, because the SDK tells
// what it negotiated to its own connections only.
type handshake struct {
	now atomic.Pointer[era] // nil until negotiated

	mu       sync.Mutex
	discover *pendingHandshake
	initial  *pendingHandshake
	session  string // from the header of the answer to initialize
}

type pendingHandshake struct {
	id   jsonrpc.ID
	meta map[string]json.RawMessage
}

// ProtocolVersion implements Wire.
func (h *handshake) ProtocolVersion() string {
	if e := h.now.Load(); e != nil {
		return e.version
	}
	return ""
}

// SessionID implements mcp.Connection.
func (h *handshake) SessionID() string {
	if e := h.now.Load(); e != nil {
		return e.session
	}
	return ""
}

// sent notes a request of the SDK.
func (h *handshake) sent(req *jsonrpc.Request) {
	switch req.Method {
	case methodDiscover:
		var p struct {
			Meta map[string]json.RawMessage `json:"_meta"`
		}
		if json.Unmarshal(req.Params, &p) != nil {
			return // the SDK wrote it; without its meta there is nothing to learn
		}
		h.mu.Lock()
		h.discover = &pendingHandshake{id: req.ID, meta: p.Meta}
		h.mu.Unlock()
	case methodInitialize:
		h.mu.Lock()
		h.initial = &pendingHandshake{id: req.ID}
		h.mu.Unlock()
	}
}

// gave notes the session header of the answer to initialize.
func (h *handshake) gave(session string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.session = session
}

// answered looks at an answer on its way to the SDK.
func (h *handshake) answered(resp *jsonrpc.Response) {
	if h.now.Load() != nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.discover != nil && resp.ID == h.discover.id:
		if resp.Error == nil {
			h.now.Store(discovered(h.discover.meta, resp.Result))
		}
		h.discover = nil
	case h.initial != nil && resp.ID == h.initial.id:
		var r struct {
			ProtocolVersion string `json:"protocolVersion"`
		}
		if resp.Error == nil && json.Unmarshal(resp.Result, &r) == nil && r.ProtocolVersion != "" {
			h.now.Store(&era{version: r.ProtocolVersion, session: h.session})
		}
		h.initial = nil
	}
}

// discovered negotiates as the SDK does: the version that was asked for when the server
// has it, else the newest modern one both have. nil means that initialize follows.
func discovered(meta map[string]json.RawMessage, result json.RawMessage) *era {
	var r struct {
		SupportedVersions []string `json:"supportedVersions"`
	}
	var asked string
	if json.Unmarshal(result, &r) != nil || json.Unmarshal(meta[metaVersion], &asked) != nil {
		return nil
	}
	version := ""
	for _, v := range append([]string{asked}, mcp.SupportedProtocolVersions()...) {
		if slices.Contains(r.SupportedVersions, v) {
			version = v
			break
		}
	}
	if version < FirstModern {
		return nil
	}
	b := append([]byte(`"`+metaVersion+`":`), appendString(nil, version)...)
	for _, name := range []string{metaClientInfo, metaCapabilities} {
		if raw := meta[name]; len(raw) > 0 {
			b = append(append(append(b, `,"`...), name...), `":`...)
			b = append(b, raw...)
		}
	}
	return &era{version: version, meta: b}
}
