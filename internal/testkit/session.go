package testkit

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Identity is who a request came from, as the server saw it.
type Identity struct {
	Path          string
	Query         string
	Authorization string
	// Headers are the X- headers, "Name: value" in lines, sorted.
	Headers string
}

// Session is one protocol session of the legacy era.
type Session struct {
	ID      string
	Version string
	// Closed is set by DELETE and by ForgetSessions.
	Closed bool
	// Identities counts the requests of each identity that used the session. A session
	// that no two users share has one.
	Identities map[Identity]int
}

// Request is one HTTP request that reached the server.
type Request struct {
	Method  string // GET, POST, DELETE
	Path    string
	Query   string
	Header  http.Header
	RPC     string // JSON-RPC method, empty for a response and without a body
	Session string
	Body    []byte // only up to maxBodyKept
}

// Bounds of what is kept.
const (
	maxRequests = 10_000
	maxBodyKept = 4 << 10
)

type session struct {
	id, version string
	closed      bool
	identities  map[Identity]int
}

// copy is for the reader; the owner's lock is held.
func (s *session) copy() Session {
	return Session{ID: s.id, Version: s.version, Closed: s.closed, Identities: maps.Clone(s.identities)}
}

func identityOf(r *http.Request) Identity {
	var lines []string
	for name, values := range r.Header {
		if strings.HasPrefix(name, "X-") {
			lines = append(lines, name+": "+strings.Join(values, ", "))
		}
	}
	slices.Sort(lines)
	return Identity{
		Path: r.URL.Path, Query: r.URL.RawQuery, Authorization: r.Header.Get("Authorization"),
		Headers: strings.Join(lines, "\n"),
	}
}

// whoami is the text that tool `whoami` answers over HTTP.
func whoami(r *http.Request, sessionID string) json.RawMessage {
	headers := map[string]string{}
	for name := range r.Header {
		if name == "Authorization" || strings.HasPrefix(name, "X-") {
			headers[name] = r.Header.Get(name)
		}
	}
	raw, err := json.Marshal(WhoAmI{Path: r.URL.Path, Query: r.URL.RawQuery, Session: sessionID, Headers: headers})
	if err != nil {
		panic(err) // strings always encode
	}
	return raw
}

// WhoAmI is what tool `whoami` answers, as JSON in its text.
type WhoAmI struct {
	Path    string            `json:"path,omitempty"`
	Query   string            `json:"query,omitempty"`
	Session string            `json:"session,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
	// Env, Args, Dir and PID are those of a child process.
	Env  []string `json:"env,omitempty"`
	Args []string `json:"args,omitempty"`
	Dir  string   `json:"dir,omitempty"`
	PID  int      `json:"pid,omitempty"`
}
