package transport

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"

	"patchbay/internal/expand"
)

// headerSource makes the headers of requests. Header maps are shared by all requests
// that carry the same and never changed once handed out.
type headerSource struct {
	common     *commonHeader
	configured headerFields
	forCalls   headerFields // nil: as configured
	token      func() string
	cache      atomic.Pointer[headerSet]
}

// commonHeader is the values that every request of a factory carries.
type commonHeader struct{ contentType, accept, encoding, agent []string }

func newCommonHeader(agent string) *commonHeader {
	return &commonHeader{
		contentType: []string{"application/json"}, accept: []string{"application/json, text/event-stream"},
		encoding: []string{"identity"}, agent: []string{agent},
	}
}

// headerFields is a header as it is kept: a map of one costs as much as one of eight, and
// there is one for each connection.
type headerFields []headerField

type headerField struct {
	name   string
	values []string
}

func fieldsOf(h http.Header) headerFields {
	fields := make(headerFields, 0, len(h))
	for name, values := range h {
		fields = append(fields, headerField{name, values})
	}
	return fields
}

// init makes s the source for an endpoint.
func (s *headerSource) init(common *commonHeader, ep *expand.Endpoint, token func() string) {
	s.common, s.configured, s.token = common, fieldsOf(ep.Header), token
	if calls := ep.ForCalls(); !maps.EqualFunc(calls, ep.Header, slices.Equal) {
		s.forCalls = fieldsOf(calls)
	}
}

// headerSet is the headers for one era and token.
type headerSet struct {
	era   *era
	token string
	call  http.Header // tools/call in the legacy era
	other http.Header
	tools *toolSet // that named was made from
	named sync.Map // string -> http.Header: tools/call by tool, in the modern era
}

// get returns the headers in force for e.
func (s *headerSource) get(e *era) *headerSet {
	token := ""
	if s.token != nil {
		token = s.token()
	}
	if set := s.cache.Load(); set != nil && set.era == e && set.token == token {
		return set
	}
	set := &headerSet{era: e, token: token, other: s.build(s.configured, e, token)}
	set.call = set.other
	if s.forCalls != nil {
		set.call = s.build(s.forCalls, e, token)
	}
	s.cache.Store(set)
	return set
}

// build makes a map whose values are shared with other maps: they are only ever replaced.
func (s *headerSource) build(configured headerFields, e *era, token string) http.Header {
	h := make(http.Header, len(configured)+7)
	for _, f := range configured {
		h[f.name] = f.values
	}
	h.Del("Host") // goes into the request line
	h["Content-Type"], h["Accept"], h["Accept-Encoding"] = s.common.contentType, s.common.accept, s.common.encoding
	if h.Get("User-Agent") == "" {
		h["User-Agent"] = s.common.agent
	}
	if token != "" {
		h.Set("Authorization", "Bearer "+token)
	}
	for _, name := range []string{headerVersion, headerSession, headerMethod, headerName, headerLastEventID} {
		h.Del(name) // the protocol's own
	}
	if e != nil {
		h.Set(headerVersion, e.version)
		if e.session != "" {
			h.Set(headerSession, e.session)
		}
	}
	return h
}

// forCall returns the headers of a tools/call.
func (w *httpWire) forCall(e *era, c *Call) http.Header {
	set := w.set.get(e)
	if !e.modern() {
		return set.call
	}
	tools := w.tools.Load()
	if set.tools != tools { // a new list: what is known by name may be out of date
		set = &headerSet{era: set.era, token: set.token, call: set.call, other: set.other, tools: tools}
		w.set.cache.Store(set)
	}
	if h, ok := set.named.Load(c.Name); ok {
		return h.(http.Header)
	}
	h := set.call.Clone()
	h.Set(headerMethod, methodCall)
	h.Set(headerName, headerValue(c.Name))
	if tools == nil {
		return h
	}
	params, known := tools.params[c.Name]
	switch {
	case len(params) > 0:
		tools.set(h, c.Name, c.Args)
	case known:
		set.named.Store(c.Name, h) // bounded by the tool list
	}
	return h
}

// forMessage returns the headers of a message of the SDK.
func (w *httpWire) forMessage(e *era, msg jsonrpc.Message) http.Header {
	set := w.set.get(e)
	req, ok := msg.(*jsonrpc.Request)
	if !ok {
		return set.other
	}
	var p struct {
		Meta struct {
			Version string `json:"io.modelcontextprotocol/protocolVersion"`
		} `json:"_meta"`
		Name      string          `json:"name"`
		URI       string          `json:"uri"`
		Arguments json.RawMessage `json:"arguments"`
	}
	if len(req.Params) > 0 && json.Unmarshal(req.Params, &p) != nil {
		p.Meta.Version = "" // not an object with these members: nothing to repeat in headers
	}
	version := p.Meta.Version
	if version == "" && e != nil {
		version = e.version
	}
	if version < FirstModern {
		return set.other
	}
	h := set.other.Clone()
	h.Set(headerVersion, version)
	h.Set(headerMethod, req.Method)
	switch req.Method {
	case methodCall, "prompts/get":
		h.Set(headerName, headerValue(p.Name))
	case "resources/read":
		h.Set(headerName, headerValue(p.URI))
	}
	if tools := w.tools.Load(); tools != nil && req.Method == methodCall {
		tools.set(h, p.Name, p.Arguments)
	}
	return h
}
