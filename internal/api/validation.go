package api

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"patchbay"
	"patchbay/internal/httpkit"
)

// errorBody is the shape of every error, for the OpenAPI document.
type errorBody struct {
	Error   string                `json:"error" doc:"A sentence that says what to do"`
	Code    patchbay.Code         `json:"code" doc:"Stable: codes are added, never renamed"`
	Path    string                `json:"path,omitempty" doc:"The first wrong member"`
	Message string                `json:"message,omitempty" doc:"What is wrong with it"`
	Fields  []patchbay.FieldError `json:"fields,omitempty"`
}

// transform turns what huma says of a request into our error answer. Its own would show
// the submitted value, which may be a password.
func (d *document) transform(ctx huma.Context, _ string, v any) (any, error) {
	switch e := v.(type) {
	case *answerError:
		return e.a.Body, nil
	case *huma.ErrorModel:
		a := httpkit.AnswerOf(d.s.o.Log, fromHuma(e, ctx.Operation().MaxBodyBytes-1))
		ctx.SetHeader("Content-Type", "application/json")
		return a.Body, nil
	}
	return v, nil
}

func fromHuma(e *huma.ErrorModel, limit int64) *patchbay.Error {
	switch e.Status {
	case http.StatusRequestEntityTooLarge:
		return httpkit.TooLarge(limit)
	case http.StatusUnsupportedMediaType:
		return patchbay.Errorf(patchbay.CodeMediaType, "Send the body as JSON, with Content-Type: application/json")
	case http.StatusBadRequest:
		return patchbay.Errorf(patchbay.CodeBadRequest, "The body is empty or not valid JSON")
	case http.StatusUnprocessableEntity:
		fields := make([]patchbay.FieldError, 0, len(e.Errors))
		for _, d := range e.Errors {
			if d != nil && len(fields) < maxFields {
				fields = append(fields, fieldOf(d.Location, d.Message))
			}
		}
		if len(fields) == 0 {
			break
		}
		return &patchbay.Error{Code: patchbay.CodeInvalid, Message: fields[0].Path + " " + fields[0].Message, Fields: fields}
	}
	return patchbay.Errorf(httpkit.CodeOf(e.Status), "The request cannot be read")
}

const (
	maxFields   = 20
	maxLocation = 200 // bytes of a path that a client made up
)

// words maps the beginnings of huma's messages to ours. With keep, the rest of the message
// is a number or a choice of our own schema. A message that is not here may hold what was
// submitted, and is replaced.
var words = [...]struct {
	huma, ours string
	keep       bool
}{
	{"unexpected property", "is not known here", false},
	{"expected boolean", "must be true or false", false},
	{"expected integer", "must be a whole number", false},
	{"expected number >= ", "must be at least ", true},
	{"expected number <= ", "must be at most ", true},
	{"expected number", "must be a number", false},
	{"expected length >= ", "is too short; the least length is ", true},
	{"expected length <= ", "is too long; the greatest length is ", true},
	{"expected value to be one of ", "must be one of ", true},
	{"expected string to be RFC 3339 date-time", "must be a time like 2026-01-31T12:00:00Z", false},
	{"expected string to be", "is not of the right form", false},
	{"expected string", "must be a string", false},
	{"expected array length", "has the wrong number of entries", false},
	{"expected array to be", "is not of the right form", false},
	{"expected array", "must be a list", false},
	{"expected object", "must be an object", false},
	{"invalid integer", "must be a whole number", false},
	{"invalid boolean", "must be true or false", false},
	{"required", "is missing", false},
}

func fieldOf(location, message string) patchbay.FieldError {
	if len(location) > maxLocation {
		location = strings.ToValidUTF8(location[:maxLocation], "") + "…"
	}
	if name, ok := between(message, "expected required property ", " to be present"); ok {
		return patchbay.FieldError{Path: location + "." + name, Message: "is missing"}
	}
	for _, w := range words {
		if rest, ok := strings.CutPrefix(message, w.huma); ok {
			if w.keep {
				return patchbay.FieldError{Path: location, Message: w.ours + rest}
			}
			return patchbay.FieldError{Path: location, Message: w.ours}
		}
	}
	return patchbay.FieldError{Path: location, Message: "is not valid"}
}

// ofBody says of the fields that services of chats name where the request has them. Those
// services know forms, and not how they came.
func ofBody(tags []string, err error) error {
	var e *patchbay.Error
	if !errors.As(err, &e) || len(e.Fields) == 0 || !slices.ContainsFunc(tags, func(tag string) bool { return tag == tagChat || tag == tagAgents || tag == tagModels }) {
		return err
	}
	placed := *e
	placed.Fields = slices.Clone(e.Fields)
	for i := range placed.Fields {
		if place, _, _ := strings.Cut(placed.Fields[i].Path, "."); place != "body" && place != "query" && place != "header" {
			placed.Fields[i].Path = "body." + placed.Fields[i].Path
		}
	}
	return &placed
}

func between(s, before, after string) (string, bool) {
	rest, ok := strings.CutPrefix(s, before)
	if !ok {
		return "", false
	}
	return strings.CutSuffix(rest, after)
}
