package httpkit

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"patchbay"
)

// Answer is an error as it goes out: a status, headers to set and the JSON members.
type Answer struct {
	Status int
	Header http.Header
	Body   map[string]any
}

// AnswerOf turns err into its answer. An error that is not a *patchbay.Error (nor the
// end of a context) is internal: it is logged with a short random id, and only the id is
// shown.
//
// Body has `error` and `code`; with field errors `path` and `message` of the first, and
// `fields` with all; and the members of Detail, which cannot replace those.
func AnswerOf(log *slog.Logger, err error) Answer {
	var e *patchbay.Error
	if !errors.As(err, &e) {
		e = fromOther(log, err)
	} else if e.Code == patchbay.CodeInternal {
		e = internal(log, err)
	}
	body := make(map[string]any, len(e.Detail)+5)
	for k, v := range e.Detail {
		body[k] = v
	}
	if len(e.Fields) > 0 {
		body["path"], body["message"], body["fields"] = e.Fields[0].Path, e.Fields[0].Message, e.Fields
	}
	body["error"], body["code"] = e.Message, e.Code
	a := Answer{Status: StatusOf(e.Code), Header: http.Header{}, Body: body}
	if e.RetryAfter > 0 {
		a.Header.Set("Retry-After", RetryAfter(e.RetryAfter))
	}
	if e.Code == patchbay.CodeUnauthenticated {
		a.Header.Set("WWW-Authenticate", "Bearer") // RFC 9110, 15.5.2
	}
	return a
}

// WriteError answers err as JSON. Nothing may have been written before.
func WriteError(w http.ResponseWriter, log *slog.Logger, err error) {
	a := AnswerOf(log, err)
	for k, v := range a.Header {
		w.Header()[k] = v
	}
	WriteJSON(w, a.Status, a.Body)
}

// RetryAfter renders d for the header of that name: whole seconds, rounded up, at least 1.
func RetryAfter(d time.Duration) string {
	return strconv.Itoa(max(1, int(math.Ceil(d.Seconds()))))
}

func fromOther(log *slog.Logger, err error) *patchbay.Error {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.Is(err, context.Canceled):
		return &patchbay.Error{Code: patchbay.CodeCancelled, Message: "The request was cancelled", Err: err}
	case errors.Is(err, context.DeadlineExceeded):
		return &patchbay.Error{Code: patchbay.CodeTimeout, Message: "There was no answer in time; try again", Err: err}
	case errors.As(err, &tooLarge):
		return TooLarge(tooLarge.Limit)
	}
	return internal(log, err)
}

func internal(log *slog.Logger, err error) *patchbay.Error {
	id := strings.ToLower(rand.Text()[:8])
	log.Error("internal error", "id", id, "error", err)
	return &patchbay.Error{
		Code:    patchbay.CodeInternal,
		Message: "Something went wrong here; the log has the details under id " + id,
		Detail:  map[string]any{"id": id},
	}
}

// TooLarge is the error of a body over limit bytes.
func TooLarge(limit int64) *patchbay.Error {
	return patchbay.Errorf(patchbay.CodeTooLarge, "The body is larger than the %d bytes that are taken here", limit)
}

// ParseError reads an error answer back, for clients of our own API. The code is that of
// the body when it has one, else that of the status.
func ParseError(status int, header http.Header, body []byte) *patchbay.Error {
	var known struct {
		Error  string                `json:"error"`
		Code   patchbay.Code         `json:"code"`
		Fields []patchbay.FieldError `json:"fields"`
	}
	detail := map[string]any{}
	e := &patchbay.Error{Code: CodeOf(status)}
	if json.Unmarshal(body, &known) == nil && json.Unmarshal(body, &detail) == nil {
		e.Message, e.Fields = known.Error, known.Fields
		if known.Code != "" {
			e.Code = known.Code
		}
		for _, k := range []string{"error", "code", "fields", "path", "message"} {
			delete(detail, k)
		}
		e.Detail = detail
	}
	if e.Message == "" {
		e.Message = "HTTP " + strconv.Itoa(status) + " " + http.StatusText(status)
	}
	if s, err := strconv.Atoi(header.Get("Retry-After")); err == nil && s > 0 {
		e.RetryAfter = time.Duration(min(s, 24*3600)) * time.Second
	}
	return e
}
