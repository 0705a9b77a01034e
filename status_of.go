package patchbay

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// Phase is where one connection stands in its life, as conn knows it.
type Phase string

// Phases.
const (
	PhaseNever      Phase = ""           // not opened since the start
	PhaseConnecting Phase = "connecting" // a connect is under way
	PhaseConnected  Phase = "connected"  // the last exchange worked
	PhaseIdle       Phase = "idle"       // closed for want of use
	PhaseFailed     Phase = "failed"     // the last connect failed, or the connection was lost
)

// FlowPhase is where a pending sign-in stands, as flow knows it.
type FlowPhase string

// Flow phases.
const (
	FlowNone       FlowPhase = ""
	FlowPending    FlowPhase = "pending"
	FlowCancelling FlowPhase = "cancelling"
)

// StatusFacts is everything a status is decided from. status gathers it; StatusOf decides.
type StatusFacts struct {
	Problem     *Problem      // of the definition
	MissingVars []string      // variables the person has not given
	Flow        FlowPhase     // a pending sign-in
	FlowProblem string        // why the last sign-in did not work: a sentence
	NeedsSignIn Reason        // the server is known to want a sign-in, and there is none: signin_required or signin_expired
	SignInEnds  time.Time     // only a new sign-in will help after this; zero: not known, or it is renewed
	Phase       Phase         // of the connection
	Err         *ConnectError // with PhaseFailed
	Since       time.Time

	ToolCount       int
	ToolsKnown      bool // the list has been read at least once
	ProtocolVersion string
}

// StatusOf decides the status of one (user, server) by the precedence
// cancelling > initializing > oauth_required > error > connected > disconnected
// (contract 3).
func StatusOf(f StatusFacts) Status {
	s := Status{Since: f.Since, Action: ActionNone}
	if f.ToolsKnown {
		s.ToolCount = f.ToolCount
	}
	switch {
	case f.Flow == FlowCancelling:
		s.Status, s.Message = StatusCancelling, "The sign-in is being cancelled."
	case f.Problem != nil:
		// A definition that cannot be used is never contacted, so nothing below can hold.
		s.Status, s.Reason, s.Message = StatusError, f.Problem.Reason, f.Problem.Message
	case f.Phase == PhaseConnecting:
		s.Status, s.Message, s.Action = StatusInitializing, "Connecting.", ActionCancel
	case f.Flow == FlowPending:
		s.Status, s.Reason, s.Action = StatusOAuthRequired, ReasonSigninRequired, ActionAuthenticate
		s.Message = "Waiting for you to finish signing in."
	case f.Phase == PhaseFailed && f.Err != nil && signIn(f.Err.Reason):
		s.Status, s.Reason, s.Action = StatusOAuthRequired, f.Err.Reason, ActionAuthenticate
		s.Message = cmp.Or(f.FlowProblem, f.Err.Message)
	case f.NeedsSignIn != "" && (f.Phase == PhaseNever || f.Phase == PhaseIdle) && len(f.MissingVars) == 0:
		s.Status, s.Reason, s.Action = StatusOAuthRequired, f.NeedsSignIn, ActionAuthenticate
		s.Message = cmp.Or(f.FlowProblem, signInSentence(f.NeedsSignIn))
	case len(f.MissingVars) > 0:
		s.Status, s.Reason, s.Action = StatusDisconnected, ReasonNeedsVariables, ActionConfigure
		s.Message = missingVarsSentence(f.MissingVars)
	case f.Phase == PhaseFailed:
		failed(&s, f.Err)
	case f.Phase == PhaseConnected:
		s.Status, s.ProtocolVersion = StatusConnected, f.ProtocolVersion
		s.Message = connectedSentence(f)
	case f.Phase == PhaseIdle:
		s.Status, s.Reason, s.Action = StatusDisconnected, ReasonIdle, ActionInitialize
		s.Message = "Closed because it was not used. It opens again at the next use."
	default:
		s.Status, s.Reason, s.Action = StatusDisconnected, ReasonNeverOpened, ActionInitialize
		s.Message = "Not opened yet. It opens at the first use."
	}
	return s
}

// signIn reports whether a failure is cured by the person signing in.
func signIn(r Reason) bool { return r == ReasonSigninRequired || r == ReasonSigninExpired }

// signInSentence says that the person has to sign in.
func signInSentence(r Reason) string {
	if r == ReasonSigninExpired {
		return "Your sign-in has ended. Sign in again."
	}
	return "The server wants you to sign in."
}

// failed fills in a status for a failed connection: an error when no retry can cure
// it, else disconnected.
func failed(s *Status, err *ConnectError) {
	if err == nil {
		s.Status, s.Reason, s.Message, s.Action = StatusDisconnected, ReasonLost, "The connection was lost.", ActionRetry
		return
	}
	s.Reason, s.Message, s.Action = err.Reason, err.Message, ActionRetry
	s.Status = StatusDisconnected
	if err.Reason.Permanent() {
		s.Status = StatusError
	}
	switch err.Reason {
	case ReasonNeedsVariables:
		s.Action = ActionConfigure
	case ReasonBadDefinition, ReasonEnvMissing, ReasonBlocked, ReasonNeedsOIDCLogin:
		s.Action = ActionNone
	}
}

// connectedSentence says how many tools there are, none included, and when the person
// will have to sign in again.
func connectedSentence(f StatusFacts) string {
	s := toolsSentence(f)
	if !f.SignInEnds.IsZero() {
		s += f.SignInEnds.UTC().Format(" Your sign-in ends on 2 January 2006 at 15:04 UTC; then sign in again.")
	}
	return s
}

func toolsSentence(f StatusFacts) string {
	switch {
	case !f.ToolsKnown:
		return "Connected."
	case f.ToolCount == 0:
		return "Connected. The server offers 0 tools."
	case f.ToolCount == 1:
		return "Connected. The server offers 1 tool."
	}
	return fmt.Sprintf("Connected. The server offers %d tools.", f.ToolCount)
}

// missingVarsSentence names the variables that have to be given.
func missingVarsSentence(names []string) string {
	if len(names) == 1 {
		return "Give a value for " + names[0] + " first."
	}
	return "Give values for " + strings.Join(names, ", ") + " first."
}
