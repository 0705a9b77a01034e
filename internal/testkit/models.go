package testkit

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"patchbay"
)

// Models is a model API over real HTTP that speaks OpenAI's Chat Completions
// (/v1/chat/completions; /openai/deployments/…/chat/completions is Azure's) and Responses
// (/v1/responses), Anthropic's Messages
// (/v1/messages), Google's Gemini (/v1beta/models/…:streamGenerateContent) and Amazon
// Bedrock's ConverseStream (/model/…/converse-stream), and lists its models for those who
// list any (/v1/models, /v1beta/models). It refuses, in the vendor's way, requests
// that the vendor would refuse: calls without results, results without calls, ids used
// twice, empty texts.
type Models struct {
	server *httptest.Server
	// key, when set, is the only one that is taken.
	key string

	mu       sync.Mutex
	replies  []ModelReply
	always   func(turn int) ModelReply
	requests []ModelRequest
}

// ModelReply is how one request is answered: by a message in the format that was asked
// in, or by bytes as they are.
type ModelReply struct {
	Message *patchbay.Message // written as a stream of the format

	Status int         // with Raw; 0: 200
	Header http.Header // with Raw
	Raw    []byte      // the body as it is; its type is text/event-stream unless Header says

	// Chunk is how many bytes are written at a time, each a chunk of its own; 0: all.
	Chunk int
	// Every is the time from one chunk to the next, as of a model that writes; 0: none.
	Every time.Duration
	// Pieces is how many characters one delta of a message holds; 0: 8.
	Pieces int
	// Broken ends the stream, in the vendor's way, with the error of a vendor that has no
	// room, where the message would end; one of no parts breaks before its first.
	Broken bool
	// Cut breaks the connection off after this many bytes; Stall says nothing more after
	// them until the client leaves. 0: never.
	Cut, Stall int
}

// ModelRequest is a request as it came.
type ModelRequest struct {
	Path   string
	Query  url.Values
	Header http.Header
	Body   []byte
}

// ModelNames are the models that Models lists.
func ModelNames() []string { return []string{"fake-large", "fake-small"} }

// NewModels starts a model API that gives these replies, one for each request, and
// answers 500 when they are used up.
func NewModels(t testing.TB, replies ...ModelReply) *Models {
	t.Helper()
	m := &Models{replies: replies}
	m.server = httptest.NewServer(http.HandlerFunc(m.serve))
	t.Cleanup(m.server.Close)
	return m
}

// NewModelsFunc starts a model API that asks reply for each answer. It is called by one
// goroutine at a time, with the number of the request from 0.
func NewModelsFunc(t testing.TB, reply func(turn int) ModelReply) *Models {
	t.Helper()
	m := NewModels(t)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.always = reply
	return m
}

// RequireKey makes the API refuse every other key. Requests may also be signed with it,
// as AWS has it.
func (m *Models) RequireKey(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.key = key
}

// URL is the base without a version.
func (m *Models) URL() *url.URL {
	u, err := url.Parse(m.server.URL)
	if err != nil {
		panic(err) // a test server's address is an address
	}
	return u
}

// Client is an HTTP client whose connections end with the server.
func (m *Models) Client() *http.Client { return m.server.Client() }

// Requests returns what has been asked so far.
func (m *Models) Requests() []ModelRequest {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]ModelRequest(nil), m.requests...)
}

// Last returns the body of the last request.
func (m *Models) Last() []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.requests) == 0 {
		return nil
	}
	return m.requests[len(m.requests)-1].Body
}

// format is one vendor's wire format.
type format struct {
	stream  func(w *sseWriter, m *patchbay.Message, model string)
	check   func(r *http.Request, body []byte) error
	failure func(status int, kind, message string) []byte
	model   func(r *http.Request, body []byte) string // nil: the body says it
	kind    string                                    // of a stream; empty: server-sent events
}

func ofBody(check func(body []byte) error) func(*http.Request, []byte) error {
	return func(_ *http.Request, body []byte) error { return check(body) }
}

func (m *Models) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 64<<20))
	if err != nil {
		return // the client left
	}
	f, known := formatOf(r)
	if m.refused(w, r, body, f) {
		return
	}
	if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/models") {
		m.list(w, r)
		return
	}
	if !known || r.Method != http.MethodPost {
		fail(w, f, http.StatusNotFound, "not_found_error", "no such path")
		return
	}
	reply := m.next(r, body)
	if reply.Message == nil {
		playReply(w, r, reply)
		return
	}
	if err := f.check(r, body); err != nil {
		fail(w, f, http.StatusBadRequest, "invalid_request_error", err.Error())
		return
	}
	pieces := reply.Pieces
	if pieces == 0 {
		pieces = 8
	}
	sse := &sseWriter{pieces: pieces, broken: reply.Broken}
	f.stream(sse, reply.Message, f.asked(r, body))
	reply.Raw = sse.out.Bytes()
	if f.kind != "" {
		reply.Header = reply.Header.Clone()
		if reply.Header == nil {
			reply.Header = http.Header{}
		}
		reply.Header.Set("Content-Type", f.kind)
	}
	playReply(w, r, reply)
}

// asked is the model that a request asks.
func (f *format) asked(r *http.Request, body []byte) string {
	if f.model != nil {
		return f.model(r, body)
	}
	var asked struct {
		Model string `json:"model"`
	}
	// A request without a model was refused before.
	_ = json.Unmarshal(body, &asked)
	return asked.Model
}

// refused answers a request with a wrong key.
func (m *Models) refused(w http.ResponseWriter, r *http.Request, body []byte, f format) bool {
	m.mu.Lock()
	key := m.key
	m.mu.Unlock()
	sent := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	for _, name := range []string{"X-Api-Key", "X-Goog-Api-Key", "Api-Key"} {
		if sent == "" {
			sent = r.Header.Get(name)
		}
	}
	if key == "" || sent == key || signedBy(r, body, key) {
		return false
	}
	// Vendors quote what they were sent; ours must not pass it on.
	fail(w, f, http.StatusUnauthorized, "authentication_error", "Incorrect API key provided: "+sent)
	return true
}

func (m *Models) next(r *http.Request, body []byte) ModelReply {
	m.mu.Lock()
	defer m.mu.Unlock()
	turn := len(m.requests)
	m.requests = append(m.requests, ModelRequest{Path: r.URL.Path, Query: r.URL.Query(), Header: r.Header.Clone(), Body: body})
	if m.always != nil {
		return m.always(turn)
	}
	if turn >= len(m.replies) {
		return ModelReply{Status: http.StatusBadRequest, Raw: []byte(`{"error":{"message":"the fake has no more replies","type":"invalid_request_error"}}`)}
	}
	return m.replies[turn]
}

func (m *Models) list(w http.ResponseWriter, r *http.Request) {
	if strings.Contains(r.URL.Path, "/v1beta/") {
		listGoogle(w, r)
		return
	}
	type entry struct {
		ID          string `json:"id"`
		Type        string `json:"type"`
		Object      string `json:"object"`
		DisplayName string `json:"display_name"`
	}
	var data []entry
	for _, name := range ModelNames() {
		data = append(data, entry{name, "model", "model", "Fake " + name})
	}
	doc := map[string]any{"object": "list", "data": data}
	if r.Header.Get("Anthropic-Version") != "" { // one to a page, to be paged through
		i := 0
		if r.URL.Query().Get("after_id") == data[0].ID {
			i = 1
		}
		doc = map[string]any{"data": data[i : i+1], "has_more": i == 0, "first_id": data[i].ID, "last_id": data[i].ID}
	}
	w.Header().Set("Content-Type", "application/json")
	// The client may have left.
	_ = json.NewEncoder(w).Encode(doc)
}

func formatOf(r *http.Request) (format, bool) {
	switch {
	case strings.Contains(r.URL.Path, "/openai/deployments/"):
		return azureFormat, strings.HasSuffix(r.URL.Path, "/chat/completions")
	case strings.HasSuffix(r.URL.Path, "/chat/completions"):
		return format{stream: chatStream, check: ofBody(checkChat), failure: openAIFailure}, true
	case strings.HasSuffix(r.URL.Path, "/responses"):
		return format{stream: responsesStream, check: ofBody(checkResponses), failure: openAIFailure}, true
	case strings.HasSuffix(r.URL.Path, "/v1/messages"):
		return format{stream: messagesStream, check: ofBody(checkMessages), failure: anthropicFailure}, true
	case strings.HasPrefix(r.URL.Path, "/model/"):
		return bedrockFormat, strings.HasSuffix(r.URL.Path, "/converse-stream")
	case strings.Contains(r.URL.Path, "/v1beta/"):
		return googleFormat, strings.HasSuffix(r.URL.Path, ":streamGenerateContent")
	}
	return format{failure: openAIFailure}, false
}

func fail(w http.ResponseWriter, f format, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// The client may have left.
	_, _ = w.Write(f.failure(status, kind, message))
}

// playReply writes a reply's bytes in its chunks, with its faults.
func playReply(w http.ResponseWriter, r *http.Request, reply ModelReply) {
	for name, values := range reply.Header {
		w.Header()[http.CanonicalHeaderKey(name)] = values
	}
	status := reply.Status
	if status == 0 {
		status = http.StatusOK
	}
	if w.Header().Get("Content-Type") == "" {
		kind := "text/event-stream; charset=utf-8"
		if status != http.StatusOK {
			kind = "application/json"
		}
		w.Header().Set("Content-Type", kind)
	}
	w.WriteHeader(status)
	flush := http.NewResponseController(w)
	body := reply.Raw
	stop := max(reply.Cut, reply.Stall)
	if stop > 0 && stop < len(body) {
		body = body[:stop]
	}
	var pace <-chan time.Time
	if reply.Every > 0 {
		tick := time.NewTicker(reply.Every)
		defer tick.Stop()
		pace = tick.C
	}
	for len(body) > 0 {
		n := len(body)
		if reply.Chunk > 0 {
			n = min(n, reply.Chunk)
		}
		if pace != nil {
			select {
			case <-pace:
			case <-r.Context().Done():
				return
			}
		}
		if _, err := w.Write(body[:n]); err != nil {
			return
		}
		if err := flush.Flush(); err != nil {
			return
		}
		body = body[n:]
	}
	switch {
	case reply.Cut > 0:
		panic(http.ErrAbortHandler) // how a handler breaks its connection off
	case reply.Stall > 0:
		<-r.Context().Done()
	}
}
