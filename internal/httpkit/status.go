package httpkit

import (
	"net/http"

	"patchbay"
)

// StatusClientClosed is the status of CodeCancelled. Nobody reads it but the access log.
const StatusClientClosed = 499

// table is the one place where codes meet HTTP. Where codes share a status, the first is
// what a bare status (an answer that carries no code) is read as.
var table = [...]struct {
	code   patchbay.Code
	status int
}{
	{patchbay.CodeBadRequest, http.StatusBadRequest},
	{patchbay.CodeChatMenuOff, http.StatusBadRequest},
	{patchbay.CodeUnauthenticated, http.StatusUnauthorized},
	{patchbay.CodeSigninRequired, http.StatusUnauthorized},
	{patchbay.CodeForbidden, http.StatusForbidden},
	{patchbay.CodeNotFound, http.StatusNotFound},
	{patchbay.CodeToolNotFound, http.StatusNotFound},
	{patchbay.CodeNotAllowed, http.StatusMethodNotAllowed},
	{patchbay.CodeConflict, http.StatusConflict},
	{patchbay.CodeInputRequired, http.StatusConflict},
	{patchbay.CodeStale, http.StatusPreconditionFailed},
	{patchbay.CodeTooLarge, http.StatusRequestEntityTooLarge},
	{patchbay.CodeMediaType, http.StatusUnsupportedMediaType},
	{patchbay.CodeMisdirected, http.StatusMisdirectedRequest},
	{patchbay.CodeInvalid, http.StatusUnprocessableEntity},
	{patchbay.CodeNeedsVariables, http.StatusUnprocessableEntity},
	{patchbay.CodeModelKeyMissing, http.StatusUnprocessableEntity},
	{patchbay.CodeModelKeyExpired, http.StatusUnprocessableEntity},
	{patchbay.CodeRateLimited, http.StatusTooManyRequests},
	{patchbay.CodeCancelled, StatusClientClosed},
	{patchbay.CodeInternal, http.StatusInternalServerError},
	{patchbay.CodeConnectFailed, http.StatusInternalServerError},
	{patchbay.CodeNotImplemented, http.StatusNotImplemented},
	{patchbay.CodeProtocol, http.StatusBadGateway},
	{patchbay.CodeUnknownFate, http.StatusBadGateway},
	{patchbay.CodeServerError, http.StatusBadGateway},
	{patchbay.CodeUnavailable, http.StatusServiceUnavailable},
	{patchbay.CodeCapacity, http.StatusServiceUnavailable},
	{patchbay.CodeTimeout, http.StatusGatewayTimeout},
}

// StatusOf returns the HTTP status of code, 500 for one that is not in the table.
func StatusOf(code patchbay.Code) int {
	for _, row := range table {
		if row.code == code {
			return row.status
		}
	}
	return http.StatusInternalServerError
}

// CodeOf returns the code that a status stands for: the first of the table with it. Other
// 4xx are CodeBadRequest, everything else CodeInternal.
func CodeOf(status int) patchbay.Code {
	for _, row := range table {
		if row.status == status {
			return row.code
		}
	}
	if status >= 400 && status < 500 {
		return patchbay.CodeBadRequest
	}
	return patchbay.CodeInternal
}
