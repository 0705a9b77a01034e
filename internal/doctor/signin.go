package doctor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"patchbay"
	"patchbay/internal/expand"
	"patchbay/internal/oauth"
	"patchbay/internal/vault"
)

// signIn looks at who guards the server, what client we are there, and what token there
// is. It reports whether a sign-in stands between the person and the server.
func (x *examination) signIn(ctx context.Context, ep *expand.Endpoint) bool {
	begin := time.Now()
	last := begin
	c, err := x.o.Client(ctx, x.actor.User, x.server, x.base, func(s oauth.Step) {
		x.step(last, Step{Name: string(s.Name), Asked: s.URL, Status: s.Status, Answer: s.Note, OK: s.OK})
		last = time.Now()
	})
	if err != nil {
		x.step(begin, Step{Name: "oauth block", Answer: x.concluded(err)})
		return true
	}
	ch, err := c.Probe(ctx)
	if err != nil {
		x.concluded(err)
		return false // the connect says more
	}
	if ep.URL != nil && x.server.OAuth == nil && (x.server.RequiresOAuth == nil || !*x.server.RequiresOAuth) && !ch.Bearer && ch.ResourceMetadata == "" {
		x.step(begin, Step{Name: "sign-in", OK: true, Answer: "The server asks nobody to sign in."})
		return false
	}
	d, err := c.Discover(ctx, ch)
	if err != nil {
		x.concluded(err)
		return true
	}
	x.registration(c, d)
	if expand.OwnName(x.server) {
		x.step(time.Now(), Step{Name: "token", OK: true, Answer: "The host signs in in its own name (client credentials) when it connects."})
		return true
	}
	x.token(ctx)
	return true
}

// registration says which client we are, or would be.
func (x *examination) registration(c *oauth.Client, d *oauth.Discovery) {
	step := Step{Name: string(oauth.StepRegister), Asked: d.AuthServer.Issuer, OK: true}
	source, err := c.SourceFor(d, false)
	switch {
	case err != nil:
		step.OK, step.Answer = false, x.concluded(err)
	case source == oauth.Preregistered:
		step.Answer = "The client is the one that the operator registered."
	case source == oauth.ClientDocument:
		step.Answer = "The client is described by our metadata document, which the authorization server reads."
	default:
		step.Asked, step.Answer = d.AuthServer.RegistrationEndpoint, "A client is registered when somebody signs in for the first time, and kept."
	}
	x.step(time.Now(), step)
}

// token says what there is of the person's sign-in, and nothing of what it is.
func (x *examination) token(ctx context.Context) {
	begin := time.Now()
	if x.actor.User == nil {
		x.step(begin, Step{Name: "token", Answer: "Each person signs in for themselves, and nobody was named."})
		x.conclude(patchbay.ReasonSigninRequired, "Say for whom to look: --as EMAIL.", patchbay.ActionNone)
		return
	}
	info, err := x.o.Tokens.TokenInfo(ctx, x.actor.User.ID, x.server.ID)
	switch {
	case err != nil:
		x.step(begin, Step{Name: "token", Answer: x.concluded(err)})
	case info.State == vault.TokenNone:
		x.step(begin, Step{Name: "token", Answer: "There is none: you have not signed in."})
		x.conclude(patchbay.ReasonSigninRequired, "Sign in to the server.", patchbay.ActionAuthenticate)
	case info.State == vault.TokenExpired:
		x.step(begin, Step{Name: "token", Answer: "Your sign-in has ended, and cannot be renewed."})
		x.conclude(patchbay.ReasonSigninExpired, "Sign in to the server again.", patchbay.ActionAuthenticate)
	default:
		x.report.Next = "" // whatever a new sign-in would meet, this one goes on
		x.step(begin, Step{Name: "token", Asked: info.Issuer, OK: true, Answer: tokenSentence(info)})
	}
}

func tokenSentence(info vault.TokenInfo) string {
	var b strings.Builder
	b.WriteString("There is one")
	if !info.ExpiresAt.IsZero() {
		fmt.Fprintf(&b, " until %s", info.ExpiresAt.UTC().Format(time.RFC3339))
	}
	if info.Refreshable {
		b.WriteString(", renewed without you")
	} else {
		b.WriteString(", that cannot be renewed: at its end you sign in again")
	}
	if len(info.Scopes) > 0 {
		b.WriteString("; scopes: " + strings.Join(info.Scopes, " "))
	}
	return b.String() + "."
}
