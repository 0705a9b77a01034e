package google

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"patchbay"
	"patchbay/internal/provider"
)

// explain reads a google.rpc.Status (AIP-193): {"error":{"code","message","status","details"}},
// of some addresses as the only element of a list. What is no such body is judged as any
// other vendor's.
func explain(status int, _ http.Header, body []byte) *patchbay.ModelError {
	var list []json.RawMessage
	if json.Unmarshal(body, &list) == nil && len(list) > 0 {
		body = list[0]
	}
	var doc struct {
		Error struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
			Status  string `json:"status"`
			Details []struct {
				Reason     string `json:"reason"`     // of ErrorInfo
				RetryDelay string `json:"retryDelay"` // of RetryInfo: "38s"
				Violations []struct {
					QuotaID string `json:"quotaId"`
				} `json:"violations"` // of QuotaFailure
			} `json:"details"`
		} `json:"error"`
	}
	err := provider.ErrorOf(status, body)
	if json.Unmarshal(body, &doc) != nil || doc.Error.Status == "" {
		return err
	}
	in := &doc.Error
	err.Code = in.Status
	switch in.Status {
	case "UNAUTHENTICATED", "PERMISSION_DENIED":
		err.Kind = patchbay.ModelAuth
	case "NOT_FOUND":
		err.Kind = patchbay.ModelNotFound
	case "RESOURCE_EXHAUSTED":
		err.Kind = patchbay.ModelRateLimited
	case "UNAVAILABLE":
		err.Kind = patchbay.ModelOverloaded
	case "DEADLINE_EXCEEDED", "INTERNAL", "UNKNOWN", "ABORTED", "CANCELLED":
		err.Kind = patchbay.ModelVendor
	case "INVALID_ARGUMENT", "FAILED_PRECONDITION", "OUT_OF_RANGE":
		if strings.Contains(in.Message, "exceeds the maximum number of tokens") {
			err.Kind = patchbay.ModelTooLong
		}
	}
	for i := range in.Details {
		d := &in.Details[i]
		switch d.Reason {
		case "":
		case "API_KEY_INVALID", "API_KEY_SERVICE_BLOCKED", "API_KEY_IP_ADDRESS_BLOCKED", "API_KEY_HTTP_REFERRER_BLOCKED":
			err.Kind, err.Code = patchbay.ModelAuth, d.Reason
		case "BILLING_DISABLED":
			err.Kind, err.Code = patchbay.ModelQuota, d.Reason
		}
		if wait, bad := time.ParseDuration(d.RetryDelay); bad == nil && wait > 0 {
			err.RetryAfter = wait
		}
		for _, v := range d.Violations {
			// A day's quota comes back tomorrow: waiting a minute, as it says, does not help.
			if err.Kind == patchbay.ModelRateLimited && strings.Contains(v.QuotaID, "PerDay") {
				err.Kind = patchbay.ModelQuota
			}
		}
	}
	return err
}
