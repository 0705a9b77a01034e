package expand

import (
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"patchbay"
)

// Endpoint is a definition with every placeholder replaced: what transport opens. It
// holds secrets, so printing it shows where it leads and nothing else.
type Endpoint struct {
	Transport patchbay.Transport
	Inferred  bool // the transport was inferred: sse may be tried as streamable HTTP

	Argv   []string // command and arguments; the program is looked up in PATH at connect
	Env    []string // "K=V", only the definition's own, sorted
	Dir    string
	Stderr patchbay.Stderr

	URL    *url.URL
	Header http.Header // `headers`, and the header of apiKey
	// CallHeader is the whole set of headers for tools/call when the definition has
	// `requestHeaders`: Header overlaid by them, case-insensitively. Nil: use Header.
	CallHeader  http.Header
	OAuthHeader http.Header
	Proxy       *url.URL
	Trust       patchbay.Trust

	ConnectTimeout time.Duration
	CallTimeout    time.Duration
	SSEReadTimeout time.Duration
}

// ForCalls returns the headers that a tool call carries.
func (e *Endpoint) ForCalls() http.Header {
	if e.CallHeader != nil {
		return e.CallHeader
	}
	return e.Header
}

// String returns transport and program or host: never arguments, headers, path or query.
func (e *Endpoint) String() string {
	switch {
	case e == nil:
		return "<nil>"
	case e.URL != nil:
		return string(e.Transport) + " " + e.URL.Scheme + "://" + e.URL.Host
	case len(e.Argv) > 0:
		return string(e.Transport) + " " + e.Argv[0]
	}
	return string(e.Transport)
}

// GoString is String, so that %#v shows no secret either.
func (e *Endpoint) GoString() string { return e.String() }

// LogValue is String for slog.
func (e *Endpoint) LogValue() slog.Value { return slog.StringValue(e.String()) }
