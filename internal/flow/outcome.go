package flow

import (
	"errors"
	"fmt"

	"patchbay"
	"patchbay/internal/oauth"
)

// Outcome is how a person's way through a sign-in ended: the landing page has a text for
// each.
type Outcome string

// Outcomes.
const (
	Done        Outcome = "done"        // signed in; the token is kept
	Denied      Outcome = "denied"      // the person, or the provider for them, said no
	Expired     Outcome = "expired"     // more than ten minutes, or cancelled
	Unknown     Outcome = "unknown"     // no such sign-in, or its answer was used already
	Person      Outcome = "person"      // somebody else is logged in here
	Browser     Outcome = "browser"     // begun in another browser
	Login       Outcome = "login"       // nobody is logged in here
	Issuer      Outcome = "issuer"      // the answer came from another issuer
	Changed     Outcome = "changed"     // the definition was edited meanwhile
	Refused     Outcome = "refused"     // the authorization server refused
	Unreachable Outcome = "unreachable" // it could not be asked
	Failed      Outcome = "failed"      // anything else
)

// Failure is a sign-in that cannot go on. Message is safe to show; it holds no secret and
// nothing of the far end's own words.
type Failure struct {
	Outcome Outcome
	Message string
	Err     error // for logs
}

// Error returns outcome and message.
func (f *Failure) Error() string { return "sign-in: " + string(f.Outcome) + ": " + f.Message }

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Err }

func failure(o Outcome, err error, format string, args ...any) *Failure {
	return &Failure{Outcome: o, Message: fmt.Sprintf(format, args...), Err: err}
}

// failureOf turns what a step said into a failure.
func failureOf(err error) *Failure {
	var f *Failure
	if errors.As(err, &f) {
		return f
	}
	e, ok := oauth.As(err)
	if !ok {
		var ce *patchbay.ConnectError
		if errors.As(err, &ce) {
			return &Failure{Outcome: Failed, Message: ce.Message, Err: err}
		}
		return failure(Failed, err, "Something went wrong on our side. Sign in again; if it stays so, ask an administrator to look into the log.")
	}
	out := &Failure{Outcome: Refused, Message: e.Message, Err: err}
	switch {
	case e.Code == "access_denied":
		out.Outcome = Denied
	case e.Step == oauth.StepCallback && e.Code == "":
		out.Outcome = Issuer
	case e.Reason == patchbay.ReasonUnreachable, e.Reason == patchbay.ReasonTimeout, e.Reason == patchbay.ReasonLost,
		e.Reason == patchbay.ReasonTLS, e.Reason == patchbay.ReasonBlocked:
		out.Outcome = Unreachable
	}
	return out
}

// connectError is failureOf for who asked for a connection: the reason why a sign-in
// cannot even be offered.
func connectError(server *patchbay.Server, err error) error {
	e, ok := oauth.As(err)
	if !ok {
		return err
	}
	return &patchbay.ConnectError{Server: server.Name, Reason: e.Reason, Message: e.Message, After: e.RetryAfter, Err: err}
}
