package bedrock

import (
	"encoding/json"
	"net/http"
	"strings"

	"patchbay"
	"patchbay/internal/provider"
)

// explain reads an error of AWS: its type is in a header, or in the body, with the
// namespace before a # and an address after a colon.
func explain(status int, header http.Header, body []byte) *patchbay.ModelError {
	var doc struct {
		Type string `json:"__type"`
		Code string `json:"code"`
	}
	// A body that is none has no type.
	_ = json.Unmarshal(body, &doc)
	kind := header.Get("X-Amzn-Errortype")
	if kind == "" {
		kind = doc.Type
	}
	if kind == "" {
		kind = doc.Code
	}
	kind, _, _ = strings.Cut(kind, ":")
	return exception(status, kind[strings.LastIndexByte(kind, '#')+1:], body)
}

// exception judges an error by its type; status is 0 for one in the middle of a stream.
func exception(status int, kind string, body []byte) *patchbay.ModelError {
	var doc struct {
		Message string `json:"message"`
		Upper   string `json:"Message"`
	}
	err := provider.ErrorOf(status, body)
	if kind == "" {
		return err
	}
	err.Code = kind
	// What is no message leaves the one that the status has.
	_ = json.Unmarshal(body, &doc)
	said := strings.ToLower(doc.Message + doc.Upper)
	switch strings.ToLower(strings.TrimSuffix(kind, "Exception")) {
	case "accessdenied", "unrecognizedclient", "expiredtoken", "invalidsignature", "incompletesignature",
		"missingauthenticationtoken", "invalidclienttokenid", "optinrequired", "unauthorized":
		err.Kind = patchbay.ModelAuth
	case "throttling", "toomanyrequests":
		err.Kind = patchbay.ModelRateLimited
		if strings.Contains(said, "per day") {
			err.Kind = patchbay.ModelQuota
		}
	case "servicequotaexceeded":
		err.Kind = patchbay.ModelQuota
	case "serviceunavailable", "modelnotready":
		err.Kind = patchbay.ModelOverloaded
	case "internalserver", "internalfailure", "modelerror", "modelstreamerror", "modeltimeout":
		err.Kind = patchbay.ModelVendor
	case "resourcenotfound", "unknownoperation":
		err.Kind = patchbay.ModelNotFound
	case "validation":
		switch {
		case strings.Contains(said, "too long"), strings.Contains(said, "maximum context"), strings.Contains(said, "context window"), strings.Contains(said, "too many input tokens"):
			err.Kind = patchbay.ModelTooLong
		case strings.Contains(said, "model identifier is invalid"):
			err.Kind = patchbay.ModelNotFound
		default:
			err.Kind = patchbay.ModelBadRequest
		}
	}
	return err
}
