package testkit

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// Protocol versions that the servers here know.
const (
	Modern = "2026-07-28"
	Legacy = "2025-11-25"
)

// LegacyVersions returns every version with a handshake, oldest first.
func LegacyVersions() []string {
	return []string{"2024-11-05", "2025-03-26", "2025-06-18", Legacy}
}

// JSON-RPC error codes in use.
const (
	codeInvalidRequest     = -32600
	codeMethodNotFound     = -32601
	codeInvalidParams      = -32602
	codeSession            = -32000
	codeSessionGone        = -32001
	codeHeaderMismatch     = -32020
	codeUnsupportedVersion = -32022
)

const (
	metaVersion      = "io.modelcontextprotocol/protocolVersion"
	metaServerInfo   = "io.modelcontextprotocol/serverInfo"
	metaSubscription = "io.modelcontextprotocol/subscriptionId"
)

// message is a JSON-RPC message as far as a server reads it.
type message struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params params          `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  json.RawMessage `json:"error"`
}

// params are the members of all methods together.
type params struct {
	ProtocolVersion string                     `json:"protocolVersion"`
	Name            string                     `json:"name"`
	Cursor          string                     `json:"cursor"`
	Arguments       json.RawMessage            `json:"arguments"`
	RequestID       json.RawMessage            `json:"requestId"`
	Meta            map[string]json.RawMessage `json:"_meta"`
	InputResponses  map[string]json.RawMessage `json:"inputResponses"`
	RequestState    string                     `json:"requestState"`
}

// isRequest reports whether m wants an answer.
func (m *message) isRequest() bool {
	return m.Method != "" && len(m.ID) > 0 && string(m.ID) != "null"
}

// isAnswer reports whether m answers a request of the server's.
func (m *message) isAnswer() bool { return m.Method == "" && len(m.ID) > 0 }

// version is the protocol version in _meta, empty before 2026-07-28.
func (m *message) version() string {
	var v string
	if json.Unmarshal(m.Params.Meta[metaVersion], &v) != nil {
		return ""
	}
	return v
}

// success frames result, whose bytes stay as they are.
func success(id json.RawMessage, result []byte) []byte {
	var b bytes.Buffer
	b.WriteString(`{"jsonrpc":"2.0","id":`)
	b.Write(id)
	b.WriteString(`,"result":`)
	b.Write(result)
	b.WriteString(`}`)
	return b.Bytes()
}

// failure frames an error; data may be empty.
func failure(id json.RawMessage, code int, text string, data string) []byte {
	if len(id) == 0 {
		id = json.RawMessage("null")
	}
	var b bytes.Buffer
	b.WriteString(`{"jsonrpc":"2.0","id":`)
	b.Write(id)
	b.WriteString(`,"error":{"code":` + strconv.Itoa(code) + `,"message":` + quote(text))
	if data != "" {
		b.WriteString(`,"data":` + data)
	}
	b.WriteString(`}}`)
	return b.Bytes()
}

// notification frames a notification.
func notification(method, params string) []byte {
	return []byte(`{"jsonrpc":"2.0","method":` + quote(method) + `,"params":` + params + `}`)
}

// quote is s as a JSON string, without the escapes of HTML.
func quote(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic(err) // a string always encodes
	}
	return string(bytes.TrimSpace(b.Bytes()))
}

// textResult is a CallToolResult of one text.
func textResult(s string) []byte {
	return []byte(`{"content":[{"type":"text","text":` + quote(s) + `}]}`)
}
