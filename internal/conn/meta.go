package conn

import "encoding/json"

// clientName is what servers are told we are.
const clientName = "patchbay"

// modernMeta is the `_meta` of our own requests to a modern server (2026-07-28, basic,
// request metadata); the SDK fills it in for its own. It says what newClient says.
func modernMeta(protocol, version string) json.RawMessage {
	type object map[string]any
	raw, _ := json.Marshal(object{ // strings always encode
		"io.modelcontextprotocol/protocolVersion":    protocol,
		"io.modelcontextprotocol/clientInfo":         object{"name": clientName, "version": version},
		"io.modelcontextprotocol/clientCapabilities": object{"elicitation": object{"form": object{}}},
	})
	return raw
}

// metaFor returns modernMeta for a protocol version, nil for those of the legacy era.
// Nearly all modern servers share one.
func (p *Pool) metaFor(protocol string) json.RawMessage {
	switch {
	case protocol < firstModern:
		return nil
	case protocol == firstModern:
		return p.meta
	}
	return modernMeta(protocol, p.opts.Version)
}

// params returns the parameters of a request of ours. cursor is "" for none.
func (l *live) params(cursor string) json.RawMessage {
	raw, _ := json.Marshal(struct { // a string and JSON of our own always encode
		Cursor string          `json:"cursor,omitempty"`
		Meta   json.RawMessage `json:"_meta,omitempty"`
	}{cursor, l.meta})
	return raw
}
