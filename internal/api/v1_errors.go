package api

import (
	"net/http"
	"strings"
	"time"

	"patchbay"
	"patchbay/internal/httpkit"
)

// v1Error is an error in OpenAI's shape.
type v1Error struct {
	Message string  `json:"message"`
	Type    string  `json:"type"`
	Param   *string `json:"param"`
	Code    *string `json:"code"`
}

type v1ErrorBody struct {
	Error v1Error `json:"error"`
}

// failV1 answers err in OpenAI's shape. Messages and codes are ours.
func (s *Server) failV1(w http.ResponseWriter, err error) {
	a := httpkit.AnswerOf(s.o.Log, err)
	for k, v := range a.Header {
		w.Header()[k] = v
	}
	status, body := v1Answer(a)
	httpkit.WriteJSON(w, status, body)
}

// v1Answer is one of our answers in OpenAI's shape. What is wrong with a field is 400
// there, not 422.
func v1Answer(a httpkit.Answer) (int, v1ErrorBody) {
	status := a.Status
	if status == http.StatusUnprocessableEntity {
		status = http.StatusBadRequest
	}
	e := v1Error{Type: v1Type(status)}
	e.Message, _ = a.Body["error"].(string)
	if code, ok := a.Body["code"].(patchbay.Code); ok {
		text := string(code)
		e.Code = &text
	}
	if path, ok := a.Body["path"].(string); ok {
		path = v1Param(path)
		e.Param = &path
	}
	return status, v1ErrorBody{e}
}

// v1Params are members of a request that chats know by other names.
var v1Params = map[string]string{
	"settings.agentId": "model", "settings.spec": "model", "settings.provider": "model", "settings.model": "model",
	"settings.mcpServers": "mcp_servers", "settings.instructions": "messages", "settings.params.maxTokens": "max_tokens",
	"settings.params.temperature": "temperature", "settings.params.topP": "top_p", "settings.params.stopAt": "stop", "settings.params.effort": "reasoning_effort",
}

// v1Param is a path of ours as the request has it.
func v1Param(path string) string {
	path = strings.TrimPrefix(path, "body.")
	name, _, _ := strings.Cut(path, "[")
	if known := v1Params[name]; known != "" {
		return known
	}
	return path
}

func v1Type(status int) string {
	switch {
	case status == http.StatusUnauthorized:
		return "authentication_error"
	case status == http.StatusForbidden:
		return "permission_error"
	case status == http.StatusNotFound:
		return "not_found_error"
	case status == http.StatusTooManyRequests:
		return "rate_limit_error"
	case status >= 500:
		return "server_error"
	}
	return "invalid_request_error"
}

// ofModel is a model's failure as an error of ours, so that it gets its status: the
// message is the vendor's sentence, and the word is the kind's.
func ofModel(e *patchbay.ModelError) *patchbay.Error {
	out := &patchbay.Error{Message: e.Message, RetryAfter: e.RetryAfter, Err: e}
	switch e.Kind {
	case patchbay.ModelAuth:
		out.Code = patchbay.CodeForbidden
	case patchbay.ModelQuota, patchbay.ModelRateLimited:
		out.Code = patchbay.CodeRateLimited
	case patchbay.ModelOverloaded:
		out.Code, out.RetryAfter = patchbay.CodeCapacity, max(out.RetryAfter, time.Second)
	case patchbay.ModelNotFound:
		out.Code = patchbay.CodeNotFound
	case patchbay.ModelTooLong, patchbay.ModelBadRequest, patchbay.ModelFiltered:
		out.Code = patchbay.CodeBadRequest
	case patchbay.ModelTimeout:
		out.Code = patchbay.CodeTimeout
	default:
		out.Code = patchbay.CodeServerError
	}
	return out
}

// modelWords are the kinds of a model's failure that OpenAI has words for.
var modelWords = map[patchbay.ModelErrorKind]string{
	patchbay.ModelTooLong: "context_length_exceeded", patchbay.ModelQuota: "insufficient_quota",
	patchbay.ModelNotFound: "model_not_found", patchbay.ModelFiltered: "content_filter",
}

// answerV1 is err in OpenAI's shape, a model's failure included.
func (s *Server) answerV1(err error) (status int, header http.Header, body v1ErrorBody) {
	model, ok := err.(*patchbay.ModelError) //nolint:errorlint // it comes bare, from an answer's End
	if ok {
		err = ofModel(model)
	}
	a := httpkit.AnswerOf(s.o.Log, err)
	status, body = v1Answer(a)
	if ok {
		word := string(model.Kind)
		if known := modelWords[model.Kind]; known != "" {
			word = known
		}
		body.Error.Code = &word
	}
	return status, a.Header, body
}
