package patchbay

import "time"

// StatusName is one of the six statuses of the seeds.
type StatusName string

// The statuses. Where several facts hold, the earlier in this order wins:
// cancelling, initializing, oauth_required, error, connected, disconnected.
const (
	StatusConnected     StatusName = "connected"
	StatusInitializing  StatusName = "initializing"
	StatusOAuthRequired StatusName = "oauth_required"
	StatusDisconnected  StatusName = "disconnected"
	StatusError         StatusName = "error"
	StatusCancelling    StatusName = "cancelling"
)

// Reason is the stable word for why a connection is as it is.
type Reason string

// Reasons.
const (
	ReasonNone           Reason = ""
	ReasonNeverOpened    Reason = "never_opened"
	ReasonIdle           Reason = "idle"
	ReasonUnreachable    Reason = "unreachable"
	ReasonTLS            Reason = "tls"
	ReasonTimeout        Reason = "timeout"
	ReasonExited         Reason = "exited"
	ReasonLost           Reason = "lost"
	ReasonNeedsVariables Reason = "needs_variables"
	ReasonEnvMissing     Reason = "env_missing"
	ReasonBadDefinition  Reason = "bad_definition"
	ReasonBlocked        Reason = "blocked"
	ReasonSigninRequired Reason = "signin_required"
	ReasonSigninExpired  Reason = "signin_expired"
	ReasonUnauthorized   Reason = "unauthorized" // refused, and signing in is not possible or would not help
	ReasonProtocol       Reason = "protocol"
	ReasonRateLimited    Reason = "rate_limited"
	ReasonCutByProxy     Reason = "cut_by_proxy"
	ReasonNeedsOIDCLogin Reason = "needs_oidc_login"
	ReasonCapacity       Reason = "capacity"
	ReasonStopping       Reason = "stopping"
	ReasonCancelled      Reason = "cancelled" // a person did not want the connect any more
)

// Action is the one thing a person can do about a status.
type Action string

// Actions.
const (
	ActionInitialize   Action = "initialize"
	ActionAuthenticate Action = "authenticate"
	ActionConfigure    Action = "configure"
	ActionCancel       Action = "cancel"
	ActionRetry        Action = "retry"
	ActionNone         Action = "none"
)

// Status is what is shown of one (user, server), the same in UI, API and shell.
type Status struct {
	Status          StatusName `json:"status"`
	Reason          Reason     `json:"reason"`
	Message         string     `json:"message"`
	Action          Action     `json:"action"`
	Since           time.Time  `json:"since"`
	ToolCount       int        `json:"toolCount"`
	ProtocolVersion string     `json:"protocolVersion"`
}

// ConnectError is why a connection could not be had. conn makes it; status and the
// doors show it. It is an error of the far end or of the definition, never of the caller.
type ConnectError struct {
	Server    string // name
	Reason    Reason
	Message   string        // a sentence that says what to do
	Challenge []string      // the WWW-Authenticate values of a 401 or 403
	After     time.Duration // 429/503: when the far end wants to be asked again
	Err       error         // the cause, for logs
}

// Error returns server, reason and message.
func (e *ConnectError) Error() string {
	return "connect " + e.Server + ": " + string(e.Reason) + ": " + e.Message
}

// Unwrap returns the cause.
func (e *ConnectError) Unwrap() error { return e.Err }

// Permanent reports whether a retry cannot cure the failure: it is an `error`, not
// a `disconnected`.
func (r Reason) Permanent() bool {
	switch r {
	case ReasonEnvMissing, ReasonBadDefinition, ReasonBlocked, ReasonProtocol, ReasonExited,
		ReasonNeedsOIDCLogin, ReasonUnauthorized, ReasonTLS:
		return true
	}
	return false
}
