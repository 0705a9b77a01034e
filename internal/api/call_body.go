package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"
	"unicode/utf8"

	"patchbay"
	"patchbay/internal/httpkit"
)

const (
	firstRead = 64 << 10 // what a client's Content-Length makes us set aside at once
	maxBodyID = 256      // bytes of conversationId and its like
	maxResume = 1 << 20  // bytes of resume: it holds what the server wants back
)

// readCall reads the body of a tool call. The raw members of the result are parts of one
// buffer that nobody else has: no pool, because a wire may go on sending after the call
// was given up.
func readCall(w http.ResponseWriter, r *http.Request) (patchbay.CallRequest, error) {
	body, err := readBody(w, r, callCap)
	if err != nil {
		return patchbay.CallRequest{}, err
	}
	if len(body) == 0 {
		return patchbay.CallRequest{}, nil
	}
	if err := httpkit.CheckJSON(r); err != nil {
		return patchbay.CallRequest{}, err
	}
	return parseCall(body)
}

// readBody reads a body of at most limit bytes.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength == 0 {
		return nil, nil
	}
	rc := http.NewResponseController(w)
	_ = rc.SetReadDeadline(time.Now().Add(bodyTimeout)) // not supported: a recorder of a test
	defer func() { _ = rc.SetReadDeadline(time.Time{}) }()
	if n := r.ContentLength; n > 0 && n <= firstRead {
		buf := make([]byte, n)
		if _, err := io.ReadFull(r.Body, buf); err != nil {
			return nil, errCutBody(err)
		}
		return buf, nil
	}
	var buf bytes.Buffer
	if _, err := buf.ReadFrom(http.MaxBytesReader(w, r.Body, limit)); err != nil {
		return nil, errCutBody(err)
	}
	return buf.Bytes(), nil
}

func errCutBody(err error) error {
	if isTooLarge(err) {
		return err
	}
	return &patchbay.Error{Code: patchbay.CodeBadRequest, Message: "The body ended too early, or came too slowly", Err: err}
}

// parseCall takes the members of a call apart without decoding them: arguments, _meta and
// answers keep their bytes. body is valid JSON and UTF-8 afterwards, and has no member
// twice, so that nobody behind can read it in another way.
func parseCall(body []byte) (patchbay.CallRequest, error) {
	var call patchbay.CallRequest
	if !json.Valid(body) || !utf8.Valid(body) {
		return call, patchbay.Errorf(patchbay.CodeBadRequest, "The body is not valid JSON")
	}
	m, ok := scanObject(body)
	if !ok {
		return call, httpkit.Invalid("", "must be an object")
	}
	var seen [7]bool
	for m.next() {
		i, err := call1(&call, m.key, m.value)
		if err != nil {
			return call, err
		}
		if seen[i] {
			return call, invalidMember(string(m.key), "is given twice")
		}
		seen[i] = true
	}
	return call, nil
}

// call1 puts one member where it belongs and returns its number.
func call1(call *patchbay.CallRequest, key, value []byte) (int, error) {
	switch string(key) {
	case "arguments":
		call.Args = value
		return 0, object("arguments", value)
	case "_meta":
		call.Meta = value
		return 1, object("_meta", value)
	case "answers":
		call.Answers = value
		return 2, object("answers", value)
	case "resume":
		return 3, text("resume", value, &call.Resume, maxResume)
	case "conversationId":
		return 4, text("conversationId", value, &call.Body.ConversationID, maxBodyID)
	case "parentMessageId":
		return 5, text("parentMessageId", value, &call.Body.ParentMessageID, maxBodyID)
	case "messageId":
		return 6, text("messageId", value, &call.Body.MessageID, maxBodyID)
	}
	name := ""
	if len(key) <= 100 {
		name = string(key)
	}
	return 0, invalidMember(name, "is not known here")
}

func object(path string, value []byte) error {
	if value[0] != '{' {
		return invalidMember(path, "must be an object")
	}
	return nil
}

func text(path string, value []byte, dst *string, limit int) error {
	if value[0] != '"' {
		return invalidMember(path, "must be a string")
	}
	if len(value) > limit {
		return invalidMember(path, "is too long")
	}
	if err := json.Unmarshal(value, dst); err != nil {
		return invalidMember(path, "must be a string")
	}
	return nil
}

// invalidMember names a member of a call as tools does: "arguments", not "body.arguments".
func invalidMember(path, message string) *patchbay.Error {
	if path == "" {
		return httpkit.Invalid("", "holds a member that is not known here")
	}
	return &patchbay.Error{
		Code: patchbay.CodeInvalid, Message: path + " " + message,
		Fields: []patchbay.FieldError{{Path: path, Message: message}},
	}
}

func isTooLarge(err error) bool {
	var tooLarge *http.MaxBytesError
	return errors.As(err, &tooLarge)
}
