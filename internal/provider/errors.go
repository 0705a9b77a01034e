package provider

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"patchbay"
)

// codeNoRetry is the code of an error whose answer said not to ask again.
const codeNoRetry = "should_not_retry"

// refused reads an answer that is an error.
func (e *Endpoint) refused(resp *http.Response) error {
	// An error that cannot be read whole is still the error that its status says.
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
	err := ErrorOf(resp.StatusCode, body)
	if e.Explain != nil {
		err = e.Explain(resp.StatusCode, resp.Header, body)
	}
	if err.RetryAfter == 0 {
		err.RetryAfter = retryAfterHeader(resp.Header)
	}
	if resp.Header.Get("X-Should-Retry") == "false" {
		err.Code = codeNoRetry
	}
	err.Message = e.hide(err.Message)
	return err
}

// ErrorOf reads the error object of a vendor, {"error":{"message","type","code"}} and its
// relatives; status is 0 for one that came in the middle of a stream. A body that is no
// such object (a proxy's page) is judged by its status.
func ErrorOf(status int, body []byte) *patchbay.ModelError {
	var doc struct {
		Error   json.RawMessage `json:"error"`
		Message string          `json:"message"`
		Detail  json.RawMessage `json:"detail"`
		Type    string          `json:"type"`
		Code    any             `json:"code"`
	}
	var in struct {
		Message string `json:"message"`
		Type    string `json:"type"`
		Code    any    `json:"code"`
	}
	if json.Unmarshal(body, &doc) == nil {
		in.Message, in.Type, in.Code = doc.Message, doc.Type, doc.Code
		if len(doc.Error) > 0 && doc.Error[0] == '{' {
			// What does not fit stays empty, and the status decides.
			_ = json.Unmarshal(doc.Error, &in)
		} else if len(doc.Error) > 0 && doc.Error[0] == '"' {
			_ = json.Unmarshal(doc.Error, &in.Message)
		} else if in.Message == "" && len(doc.Detail) > 0 {
			in.Message = strings.Trim(string(doc.Detail), `"`)
		}
	}
	code, _ := in.Code.(string)
	if n, isNumber := in.Code.(float64); isNumber && status == 0 && n >= 400 && n < 600 {
		status = int(n) // routers pass the status of the vendor behind them on like this
	}
	err := &patchbay.ModelError{Status: status, Code: firstOf(code, in.Type), Message: cut(in.Message, maxMessage)}
	err.Kind = kindOf(status, strings.ToLower(in.Type+" "+code), strings.ToLower(in.Message))
	if err.Message == "" {
		err.Message = sentence(err.Kind, status)
	}
	return err
}

// kindOf judges by the vendor's words first: a gateway's status is often a guess.
func kindOf(status int, words, message string) patchbay.ModelErrorKind {
	has := func(list ...string) bool {
		for _, w := range list {
			if strings.Contains(words, w) {
				return true
			}
		}
		return false
	}
	says := func(list ...string) bool {
		for _, w := range list {
			if strings.Contains(message, w) {
				return true
			}
		}
		return false
	}
	switch {
	case has("insufficient_quota", "billing", "credit"), status == http.StatusPaymentRequired:
		return patchbay.ModelQuota
	case has("context_length_exceeded", "request_too_large", "string_above_max_length"), status == http.StatusRequestEntityTooLarge,
		(status == 400 || status == 0) && says("prompt is too long", "maximum context length", "context window", "context length"):
		return patchbay.ModelTooLong
	case has("content_filter", "content_policy", "invalid_prompt"):
		return patchbay.ModelFiltered
	case has("overloaded"), status == 529, status == http.StatusServiceUnavailable:
		return patchbay.ModelOverloaded
	case has("rate_limit"), status == http.StatusTooManyRequests:
		return patchbay.ModelRateLimited
	case has("authentication", "invalid_api_key", "permission"), status == http.StatusUnauthorized, status == http.StatusForbidden:
		return patchbay.ModelAuth
	case has("not_found"), status == http.StatusNotFound:
		return patchbay.ModelNotFound
	case has("timeout"), status == http.StatusRequestTimeout, status == http.StatusGatewayTimeout:
		return patchbay.ModelVendor // the vendor's own wait ran out: asking again may work
	case status >= 500, has("api_error", "server_error", "internal"):
		return patchbay.ModelVendor
	case status == 0:
		return patchbay.ModelVendor
	}
	return patchbay.ModelBadRequest
}

// sentence is what is said of an error that says nothing itself.
func sentence(kind patchbay.ModelErrorKind, status int) string {
	at := ""
	if status != 0 {
		at = " with HTTP status " + strconv.Itoa(status)
	}
	switch kind {
	case patchbay.ModelAuth:
		return "the model API refused the key" + at
	case patchbay.ModelNotFound:
		return "the model API answered" + at + ": check the base URL and the model's name"
	case patchbay.ModelRateLimited, patchbay.ModelOverloaded:
		return "the model API has no room now and answered" + at
	}
	return "the model API answered" + at
}

// retryAfterHeader reads Retry-After in its two forms, and the one in milliseconds.
func retryAfterHeader(h http.Header) time.Duration {
	if ms, err := strconv.ParseFloat(h.Get("Retry-After-Ms"), 64); err == nil && ms > 0 && ms < 1e9 {
		return time.Duration(ms * float64(time.Millisecond))
	}
	after := h.Get("Retry-After")
	if s, err := strconv.ParseFloat(after, 64); err == nil && s > 0 && s < 1e6 {
		return time.Duration(s * float64(time.Second))
	}
	if at, err := http.ParseTime(after); err == nil {
		return max(time.Until(at), 0)
	}
	return 0
}

// kindOfBody is the media type of an answer.
func kindOfBody(h http.Header) string {
	kind, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return kind
}

func firstOf(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

// cut shortens s to at most n bytes, between two characters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
