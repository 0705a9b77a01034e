package provider

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"patchbay"
	"patchbay/internal/netguard"
)

// Endpoint is where a model API is, and how it is asked.
type Endpoint struct {
	URL    *url.URL     // base, with the version where the API has one in its path
	Client *http.Client // of netguard; it has no timeout of its own
	Key    Key
	Header http.Header // the endpoint's own, on every request
	Limits Limits
	Retry  Retry

	// Secrets are what else, beside Key, no error may show: a key of several parts.
	Secrets []Key
	// Sign signs a request that is complete otherwise; nil: nothing to sign. It is called
	// once an attempt and must not send anything.
	Sign func(req *http.Request, body []byte) error
	// Explain reads the body of an error answer; nil: ErrorOf. Where it says no
	// RetryAfter, the answer's headers do.
	Explain func(status int, header http.Header, body []byte) *patchbay.ModelError
}

// Limits bound one exchange. A zero field takes its default.
type Limits struct {
	Silence   time.Duration // between two reads, and until the first; default 5 min
	MaxStream int64         // bytes of one answer; default 64 MiB
	MaxEvent  int           // bytes of one event; default 16 MiB
}

// Defaults of Limits, and bounds that nobody needs to set.
const (
	defaultSilence   = 5 * time.Minute
	defaultMaxStream = 64 << 20
	defaultMaxEvent  = 16 << 20

	maxErrorBody = 64 << 10 // bytes of an error answer that are read
	maxList      = 8 << 20  // bytes of a list of models
	maxMessage   = 2 << 10  // bytes of a vendor's sentence that are kept
)

func (l Limits) withDefaults() Limits {
	if l.Silence <= 0 {
		l.Silence = defaultSilence
	}
	if l.MaxStream <= 0 {
		l.MaxStream = defaultMaxStream
	}
	if l.MaxEvent <= 0 {
		l.MaxEvent = defaultMaxEvent
	}
	return l
}

// request builds a request; path is escaped and appended to the base, whose query stays.
func (e *Endpoint) request(ctx context.Context, method, path string, header http.Header, body io.Reader) (*http.Request, error) {
	u := *e.URL
	path, extra, _ := strings.Cut(path, "?")
	raw := strings.TrimRight(u.EscapedPath(), "/") + path
	plain, err := url.PathUnescape(raw)
	if err != nil {
		return nil, &patchbay.ModelError{Kind: patchbay.ModelBadRequest, Message: "the address of the model API cannot be built", Err: err}
	}
	u.Path, u.RawPath = plain, raw
	if extra != "" {
		q := u.Query()
		more, err := url.ParseQuery(extra)
		if err != nil {
			return nil, &patchbay.ModelError{Kind: patchbay.ModelBadRequest, Message: "the address of the model API cannot be built", Err: err}
		}
		for k, v := range more {
			q[k] = v
		}
		u.RawQuery = q.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return nil, &patchbay.ModelError{Kind: patchbay.ModelBadRequest, Message: "the address of the model API cannot be used", Err: err}
	}
	for name, values := range header {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	// The endpoint's own headers win: that is what they are configured for.
	for name, values := range e.Header {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	return req, nil
}

// Get reads a small document, with the retries of Stream.
func (e *Endpoint) Get(ctx context.Context, path string, header http.Header) ([]byte, error) {
	var data []byte
	err := e.Retry.do(ctx, func() (bool, error) {
		watch, ctx := newWatch(ctx, e.Limits.withDefaults().Silence)
		defer watch.stop()
		req, err := e.request(ctx, http.MethodGet, path, header, nil)
		if err != nil {
			return true, err
		}
		req.Header.Set("Accept", "application/json")
		if err := e.sign(req, nil); err != nil {
			return true, err
		}
		resp, err := e.Client.Do(req)
		if err != nil {
			return false, e.failed(ctx, err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return false, e.refused(resp)
		}
		data, err = io.ReadAll(io.LimitReader(resp.Body, maxList+1))
		if err != nil {
			return false, e.failed(ctx, err)
		}
		if len(data) > maxList {
			return true, &patchbay.ModelError{Kind: patchbay.ModelTooLarge, Message: "the list of models is over 8 MiB"}
		}
		return true, nil
	})
	return data, err
}

// failed says what an exchange without an answer came to.
func (e *Endpoint) failed(ctx context.Context, err error) error {
	var blocked *netguard.BlockedError
	var limit *netguard.LimitError
	switch {
	case errors.Is(context.Cause(ctx), errSilence):
		return &patchbay.ModelError{Kind: patchbay.ModelTimeout, Message: "the model API fell silent", Err: errSilence}
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &blocked):
		return &patchbay.ModelError{Kind: patchbay.ModelUnreachable, Code: codeBlocked, Message: blocked.Error(), Err: err}
	case errors.As(err, &limit):
		return &patchbay.ModelError{Kind: patchbay.ModelTooLarge, Message: limit.Error(), Err: err}
	}
	// A client's error quotes the URL, which may hold a key in its query.
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return &patchbay.ModelError{Kind: patchbay.ModelUnreachable, Message: e.hide("the model API cannot be reached: " + err.Error()), Err: errors.New(e.hide(err.Error()))}
}

// codeBlocked marks an address that the guard refuses: asking again cannot help.
const codeBlocked = "blocked"

// hide takes the key out of a text, wherever it came from.
func (e *Endpoint) hide(s string) string {
	for _, key := range append([]Key{e.Key}, e.Secrets...) {
		if key.secret != "" {
			s = strings.ReplaceAll(s, key.secret, hiddenKey)
		}
	}
	return s
}

// sign signs a request, where the endpoint wants that.
func (e *Endpoint) sign(req *http.Request, body []byte) error {
	if e.Sign == nil {
		return nil
	}
	if err := e.Sign(req, body); err != nil {
		return &patchbay.ModelError{Kind: patchbay.ModelAuth, Message: "the request to the model API cannot be signed", Err: errors.New(e.hide(err.Error()))}
	}
	return nil
}
