package patchbay_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"patchbay"
)

func TestStatusOf(t *testing.T) {
	since := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	failed := func(r patchbay.Reason) *patchbay.ConnectError {
		return &patchbay.ConnectError{Server: "s", Reason: r, Message: "because"}
	}
	type facts = patchbay.StatusFacts
	tests := []struct {
		name  string
		facts facts
		want  patchbay.Status
	}{
		{"never opened", facts{}, patchbay.Status{Status: "disconnected", Reason: "never_opened", Message: "Not opened yet. It opens at the first use.", Action: "initialize"}},
		{"idle", facts{Phase: patchbay.PhaseIdle, ToolsKnown: true, ToolCount: 3}, patchbay.Status{Status: "disconnected", Reason: "idle", Message: "Closed because it was not used. It opens again at the next use.", Action: "initialize", ToolCount: 3}},
		{"connecting", facts{Phase: patchbay.PhaseConnecting}, patchbay.Status{Status: "initializing", Message: "Connecting.", Action: "cancel"}},
		{"connected, tools not read yet", facts{Phase: patchbay.PhaseConnected, ProtocolVersion: "2025-11-25"}, patchbay.Status{Status: "connected", Message: "Connected.", Action: "none", ProtocolVersion: "2025-11-25"}},
		{"connected, no tools", facts{Phase: patchbay.PhaseConnected, ToolsKnown: true}, patchbay.Status{Status: "connected", Message: "Connected. The server offers 0 tools.", Action: "none"}},
		{"connected, one tool", facts{Phase: patchbay.PhaseConnected, ToolsKnown: true, ToolCount: 1}, patchbay.Status{Status: "connected", Message: "Connected. The server offers 1 tool.", Action: "none", ToolCount: 1}},
		{"connected, tools", facts{Phase: patchbay.PhaseConnected, ToolsKnown: true, ToolCount: 7}, patchbay.Status{Status: "connected", Message: "Connected. The server offers 7 tools.", Action: "none", ToolCount: 7}},
		{"one variable missing", facts{MissingVars: []string{"KEY"}}, patchbay.Status{Status: "disconnected", Reason: "needs_variables", Message: "Give a value for KEY first.", Action: "configure"}},
		{"variables missing", facts{MissingVars: []string{"A", "B"}}, patchbay.Status{Status: "disconnected", Reason: "needs_variables", Message: "Give values for A, B first.", Action: "configure"}},
		{"missing variable hides an old failure", facts{MissingVars: []string{"A"}, Phase: patchbay.PhaseFailed, Err: failed(patchbay.ReasonUnreachable)}, patchbay.Status{Status: "disconnected", Reason: "needs_variables", Message: "Give a value for A first.", Action: "configure"}},
		{"sign-in hides a missing variable", facts{MissingVars: []string{"A"}, Phase: patchbay.PhaseFailed, Err: failed(patchbay.ReasonSigninRequired)}, patchbay.Status{Status: "oauth_required", Reason: "signin_required", Message: "because", Action: "authenticate"}},
		{"sign-in expired", facts{Phase: patchbay.PhaseFailed, Err: failed(patchbay.ReasonSigninExpired)}, patchbay.Status{Status: "oauth_required", Reason: "signin_expired", Message: "because", Action: "authenticate"}},
		{"flow pending", facts{Flow: patchbay.FlowPending}, patchbay.Status{Status: "oauth_required", Reason: "signin_required", Message: "Waiting for you to finish signing in.", Action: "authenticate"}},
		{"flow pending while connecting", facts{Flow: patchbay.FlowPending, Phase: patchbay.PhaseConnecting}, patchbay.Status{Status: "initializing", Message: "Connecting.", Action: "cancel"}},
		{"cancelling wins over all", facts{Flow: patchbay.FlowCancelling, Phase: patchbay.PhaseConnecting, MissingVars: []string{"A"}}, patchbay.Status{Status: "cancelling", Message: "The sign-in is being cancelled.", Action: "none"}},
		{"sign-in known to be needed", facts{NeedsSignIn: "signin_required"}, patchbay.Status{Status: "oauth_required", Reason: "signin_required", Message: "The server wants you to sign in.", Action: "authenticate"}},
		{"sign-in over while idle", facts{NeedsSignIn: "signin_expired", Phase: patchbay.PhaseIdle}, patchbay.Status{Status: "oauth_required", Reason: "signin_expired", Message: "Your sign-in has ended. Sign in again.", Action: "authenticate"}},
		{"sign-in needed, and connected all the same", facts{NeedsSignIn: "signin_required", Phase: patchbay.PhaseConnected}, patchbay.Status{Status: "connected", Message: "Connected.", Action: "none"}},
		{"variables come before a sign-in", facts{NeedsSignIn: "signin_required", MissingVars: []string{"A"}}, patchbay.Status{Status: "disconnected", Reason: "needs_variables", Message: "Give a value for A first.", Action: "configure"}},
		{"the last sign-in did not work", facts{FlowProblem: "No.", Phase: patchbay.PhaseFailed, Err: failed(patchbay.ReasonSigninRequired)}, patchbay.Status{Status: "oauth_required", Reason: "signin_required", Message: "No.", Action: "authenticate"}},
		{"the last sign-in did not work, nothing tried since", facts{FlowProblem: "No.", NeedsSignIn: "signin_required"}, patchbay.Status{Status: "oauth_required", Reason: "signin_required", Message: "No.", Action: "authenticate"}},
		{"bad definition", facts{Problem: &patchbay.Problem{Reason: patchbay.ReasonBadDefinition, Message: "url is missing"}}, patchbay.Status{Status: "error", Reason: "bad_definition", Message: "url is missing", Action: "none"}},
		{"bad definition and missing variable", facts{Problem: &patchbay.Problem{Reason: patchbay.ReasonBadDefinition, Message: "url is missing"}, MissingVars: []string{"A"}}, patchbay.Status{Status: "error", Reason: "bad_definition", Message: "url is missing", Action: "none"}},
		{"unreachable", facts{Phase: patchbay.PhaseFailed, Err: failed(patchbay.ReasonUnreachable)}, patchbay.Status{Status: "disconnected", Reason: "unreachable", Message: "because", Action: "retry"}},
		{"timeout", facts{Phase: patchbay.PhaseFailed, Err: failed(patchbay.ReasonTimeout)}, patchbay.Status{Status: "disconnected", Reason: "timeout", Message: "because", Action: "retry"}},
		{"rate limited", facts{Phase: patchbay.PhaseFailed, Err: failed(patchbay.ReasonRateLimited)}, patchbay.Status{Status: "disconnected", Reason: "rate_limited", Message: "because", Action: "retry"}},
		{"cut by proxy", facts{Phase: patchbay.PhaseFailed, Err: failed(patchbay.ReasonCutByProxy)}, patchbay.Status{Status: "disconnected", Reason: "cut_by_proxy", Message: "because", Action: "retry"}},
		{"no room", facts{Phase: patchbay.PhaseFailed, Err: failed(patchbay.ReasonCapacity)}, patchbay.Status{Status: "disconnected", Reason: "capacity", Message: "because", Action: "retry"}},
		{"exited", facts{Phase: patchbay.PhaseFailed, Err: failed(patchbay.ReasonExited)}, patchbay.Status{Status: "error", Reason: "exited", Message: "because", Action: "retry"}},
		{"protocol", facts{Phase: patchbay.PhaseFailed, Err: failed(patchbay.ReasonProtocol)}, patchbay.Status{Status: "error", Reason: "protocol", Message: "because", Action: "retry"}},
		{"blocked", facts{Phase: patchbay.PhaseFailed, Err: failed(patchbay.ReasonBlocked)}, patchbay.Status{Status: "error", Reason: "blocked", Message: "because", Action: "none"}},
		{"env missing", facts{Phase: patchbay.PhaseFailed, Err: failed(patchbay.ReasonEnvMissing)}, patchbay.Status{Status: "error", Reason: "env_missing", Message: "because", Action: "none"}},
		{"refused", facts{Phase: patchbay.PhaseFailed, Err: failed(patchbay.ReasonUnauthorized)}, patchbay.Status{Status: "error", Reason: "unauthorized", Message: "because", Action: "retry"}},
		{"needs an OIDC login", facts{Phase: patchbay.PhaseFailed, Err: failed(patchbay.ReasonNeedsOIDCLogin)}, patchbay.Status{Status: "error", Reason: "needs_oidc_login", Message: "because", Action: "none"}},
		{"needs variables at connect", facts{Phase: patchbay.PhaseFailed, Err: failed(patchbay.ReasonNeedsVariables)}, patchbay.Status{Status: "disconnected", Reason: "needs_variables", Message: "because", Action: "configure"}},
		{"lost without a cause", facts{Phase: patchbay.PhaseFailed}, patchbay.Status{Status: "disconnected", Reason: "lost", Message: "The connection was lost.", Action: "retry"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.facts.Since, tt.want.Since = since, since
			if diff := cmp.Diff(tt.want, patchbay.StatusOf(tt.facts)); diff != "" {
				t.Errorf("status (-want +got):\n%s", diff)
			}
		})
	}
}

// TestStatusPrecedence walks every combination of facts and holds the order of
// contract 3 against what StatusOf says.
func TestStatusPrecedence(t *testing.T) {
	rank := map[patchbay.StatusName]int{"cancelling": 0, "initializing": 1, "oauth_required": 2, "error": 3, "connected": 4, "disconnected": 5}
	phases := []patchbay.Phase{patchbay.PhaseNever, patchbay.PhaseConnecting, patchbay.PhaseConnected, patchbay.PhaseIdle, patchbay.PhaseFailed}
	flows := []patchbay.FlowPhase{patchbay.FlowNone, patchbay.FlowPending, patchbay.FlowCancelling}
	reasons := []patchbay.Reason{patchbay.ReasonUnreachable, patchbay.ReasonSigninRequired, patchbay.ReasonProtocol}
	for _, phase := range phases {
		for _, reason := range reasons {
			base := patchbay.StatusFacts{Phase: phase, Err: &patchbay.ConnectError{Reason: reason}}
			alone := rank[patchbay.StatusOf(base).Status]
			for _, flow := range flows {
				f := base
				f.Flow = flow
				got := rank[patchbay.StatusOf(f).Status]
				want := alone
				switch flow {
				case patchbay.FlowPending:
					want = min(want, rank["oauth_required"])
				case patchbay.FlowCancelling:
					want = rank["cancelling"]
				}
				if got != want {
					t.Errorf("phase %q reason %q flow %q: %v, want %v", phase, reason, flow, got, want)
				}
			}
		}
	}
}
