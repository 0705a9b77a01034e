package main

import (
	"encoding/json"
	"strconv"
	"sync"
	"sync/atomic"
)

// server is the upstream's MCP, without its transports.
type server struct {
	inits   atomic.Int64
	version atomic.Int64 // of the tool list

	mu        sync.Mutex
	listeners map[*listener]struct{}
}

// listener is a stream on which the server speaks unasked. send may be called
// concurrently.
type listener struct{ send func(message []byte) }

func newServer() *server { return &server{listeners: map[*listener]struct{}{}} }

func (s *server) listen(send func([]byte)) (leave func()) {
	l := &listener{send}
	s.mu.Lock()
	s.listeners[l] = struct{}{}
	s.mu.Unlock()
	return func() {
		s.mu.Lock()
		delete(s.listeners, l)
		s.mu.Unlock()
	}
}

// touch changes the tool list and says so to everybody who listens.
func (s *server) touch() {
	s.version.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	for l := range s.listeners {
		l.send([]byte(`{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}`))
	}
}

// message is what the upstream reads of a message.
type message struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params struct {
		ProtocolVersion string `json:"protocolVersion"`
		Name            string `json:"name"`
		Arguments       struct {
			Text json.RawMessage `json:"text"`
		} `json:"arguments"`
	} `json:"params"`
}

// answer appends the answer to a message; nothing for one that has none.
func (s *server) answer(dst []byte, m *message, k kind) []byte {
	modern := k.modern
	if len(m.ID) == 0 || m.Method == "" {
		return dst
	}
	dst = append(append(dst, `{"jsonrpc":"2.0","id":`...), m.ID...)
	result := `,"result":{`
	if modern {
		result = `,"result":{"resultType":"complete",`
	}
	switch {
	case m.Method == "initialize" && !modern:
		s.inits.Add(1)
		v := m.Params.ProtocolVersion
		if v == "" || v > legacyVersion {
			v = legacyVersion
		}
		capabilities := `{"tools":{"listChanged":true}}`
		if k.quiet {
			capabilities = `{"tools":{}}`
		}
		dst = append(dst, result+`"protocolVersion":"`+v+`","capabilities":`+capabilities+`,"serverInfo":{"name":"bench","version":"1"}}}`...)
	case m.Method == "server/discover" && modern:
		s.inits.Add(1)
		dst = append(dst, result+`"supportedVersions":["`+modernVersion+`"],"capabilities":{"tools":{"listChanged":true}},"ttlMs":0,"cacheScope":"public"}}`...)
	case m.Method == "ping":
		dst = append(dst, `,"result":{}}`...)
	case m.Method == "tools/list":
		dst = append(dst, result+`"tools":[`+
			`{"name":"echo","description":"returns the text","inputSchema":{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]}},`+
			`{"name":"touch","description":"changes this list, for the `...)
		dst = strconv.AppendInt(dst, s.version.Load(), 10)
		dst = append(dst, `th time","inputSchema":{"type":"object"}}]}}`...)
	case m.Method == "tools/call" && m.Params.Name == "touch":
		s.touch()
		dst = append(dst, result+`"content":[{"type":"text","text":"touched"}]}}`...)
	case m.Method == "tools/call" && m.Params.Name == "echo":
		text := m.Params.Arguments.Text
		if len(text) == 0 {
			text = json.RawMessage(`""`)
		}
		dst = append(append(append(dst, result+`"content":[{"type":"text","text":`...), text...), `}]}}`...)
	default:
		dst = append(dst, `,"error":{"code":-32601,"message":"method not found"}}`...)
	}
	return dst
}
