package httpkit

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"patchbay"
)

// WriteJSON answers v. Encoding what we made ourselves cannot fail; when it does all the
// same, the answer is a plain 500.
func WriteJSON(w http.ResponseWriter, status int, v any) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		http.Error(w, `{"error":"The answer cannot be encoded","code":"internal"}`, http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(buf.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(buf.Bytes()) // the client is gone: nobody to tell
}

// CheckJSON returns CodeMediaType unless the request's body is declared to be JSON. A
// missing Content-Type passes when the body is empty only: a form of another site can
// send a body without asking, but none that says JSON.
func CheckJSON(r *http.Request) error {
	ct := r.Header.Get("Content-Type")
	if ct == "" && r.ContentLength == 0 {
		return nil
	}
	if ct == "application/json" { // the common case, without a parse
		return nil
	}
	media, _, err := mime.ParseMediaType(ct)
	if err == nil && (media == "application/json" || strings.HasSuffix(media, "+json")) {
		return nil
	}
	return patchbay.Errorf(patchbay.CodeMediaType, "Send the body as JSON, with Content-Type: application/json")
}

// DecodeJSON reads the request's body, up to limit bytes, into dst. Unknown members and
// wrong types are CodeInvalid with their path; no error holds a submitted value.
func DecodeJSON(w http.ResponseWriter, r *http.Request, limit int64, dst any) error {
	if err := CheckJSON(r); err != nil {
		return err
	}
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, limit))
	dec.DisallowUnknownFields()
	err := dec.Decode(dst)
	if err == nil {
		if _, err = dec.Token(); err == io.EOF {
			return nil
		}
		if !isTooLarge(err) {
			return patchbay.Errorf(patchbay.CodeBadRequest, "The body holds something after its JSON value")
		}
	}
	return decodeError(err)
}

func isTooLarge(err error) bool {
	var tooLarge *http.MaxBytesError
	return errors.As(err, &tooLarge)
}

func decodeError(err error) error {
	var tooLarge *http.MaxBytesError
	var wrongType *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &tooLarge):
		return TooLarge(tooLarge.Limit)
	case errors.As(err, &wrongType):
		return Invalid(wrongType.Field, "must be "+jsonType(wrongType.Type.Kind()))
	case errors.Is(err, io.EOF):
		return patchbay.Errorf(patchbay.CodeBadRequest, "The body is empty; send a JSON object")
	case errors.As(err, &syntax):
		return patchbay.Errorf(patchbay.CodeBadRequest, "The body is not valid JSON (at byte %d)", syntax.Offset)
	}
	// encoding/json has no type for this error, and the name of a member is no value.
	if quoted, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		if name, uerr := strconv.Unquote(quoted); uerr == nil && len(name) <= 100 {
			return Invalid(name, "is not known here")
		}
		return Invalid("", "holds a member that is not known here")
	}
	return &patchbay.Error{Code: patchbay.CodeBadRequest, Message: "The body is not valid JSON", Err: err}
}

// Invalid is the error of one wrong member of the body; path "" is the body itself.
func Invalid(path, message string) *patchbay.Error {
	full := "body"
	if path != "" {
		full += "." + path
	}
	return &patchbay.Error{
		Code:    patchbay.CodeInvalid,
		Message: full + " " + message,
		Fields:  []patchbay.FieldError{{Path: full, Message: message}},
	}
}

func jsonType(kind reflect.Kind) string {
	switch kind {
	case reflect.String:
		return "a string"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Bool:
		return "true or false"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Struct, reflect.Map, reflect.Pointer, reflect.Interface:
		return "an object"
	}
	return "a whole number"
}
