package oauth

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"patchbay"
)

// Bounds of what a registration endpoint gives.
const (
	maxClientID     = 2048
	maxClientSecret = 4096
)

// SourceFor returns the rung of the ladder that Register would stand on. skipDocument
// leaves out the metadata document: for an issuer that said it takes it and did not call
// back. Only a Dynamic registration is worth keeping: look it up under its key first, and
// call Register when there is none, or none that is Usable. The error is an *Error that
// says how to come by a client.
func (c *Client) SourceFor(d *Discovery, skipDocument bool) (Source, error) {
	as := &d.AuthServer
	switch {
	case c.block.ClientID != "":
		return Preregistered, nil
	case c.preset != nil:
		name := strings.ToUpper(c.block.Provider)
		return "", badBlock("No client for %s is set up. Register patchbay there, with %s as its redirect address, and set OAUTH_%s_CLIENT_ID and OAUTH_%s_CLIENT_SECRET, or oauth.client_id and oauth.client_secret.", c.block.Provider, c.opts.RedirectURI, name, name)
	case c.opts.ClientDocument != "" && as.ClientDocuments && !skipDocument && !c.machine():
		return ClientDocument, nil
	case as.RegistrationEndpoint != "":
		return Dynamic, nil
	}
	return "", badBlock("The authorization server %s lets no client register itself. Register patchbay there by hand, with %s as its redirect address, and put client_id into the oauth block.", shown(as.Issuer), c.opts.RedirectURI)
}

// Register returns our client at the authorization server of d. Preregistered and
// ClientDocument ask nobody; Dynamic registers anew each time.
func (c *Client) Register(ctx context.Context, d *Discovery, skipDocument bool) (*Registration, error) {
	source, err := c.SourceFor(d, skipDocument)
	if err != nil {
		if e, ok := As(err); ok {
			c.failed(d.AuthServer.Issuer, e)
		}
		return nil, err
	}
	r := &Registration{Issuer: d.AuthServer.Issuer, RedirectURI: c.opts.RedirectURI, Source: source, AuthMethod: AuthNone}
	switch source {
	case Preregistered:
		r.ClientID, r.ClientSecret = c.block.ClientID, c.block.ClientSecret
		if r.ClientSecret != "" {
			r.AuthMethod = c.ownMethod(&d.AuthServer)
		}
		if e := c.trusted(StepRegister, d.AuthServer.Origin, r); e != nil {
			return nil, c.fail(d.AuthServer.Issuer, e)
		}
		c.step(StepRegister, d.AuthServer.Issuer, 0, true, "The client is the one that the operator registered (%s).", r.AuthMethod)
	case ClientDocument:
		r.ClientID = c.opts.ClientDocument
		c.step(StepRegister, r.ClientID, 0, true, "The client is described by our metadata document.")
	case Dynamic:
		if e := c.registerDynamic(ctx, d, r); e != nil {
			return nil, c.fail(d.AuthServer.RegistrationEndpoint, e)
		}
		c.step(StepRegister, d.AuthServer.RegistrationEndpoint, http.StatusCreated, true, "A client was registered (%s).", r.AuthMethod)
	}
	return r, nil
}

// ownMethod is how a client that the operator registered shows itself.
func (c *Client) ownMethod(as *AuthServer) string {
	switch c.block.TokenExchangeMethod {
	case "default_post":
		return AuthPost
	case "basic_auth_header":
		return AuthBasic
	}
	return pickMethod(as.AuthMethods, true)
}

// pickMethod takes the first method of ours that is advertised. Nothing advertised means
// basic (RFC 8414 2).
func pickMethod(advertised []string, secret bool) string {
	prefer := []string{AuthBasic, AuthPost, AuthNone}
	if secret {
		prefer = prefer[:2]
	}
	for _, m := range prefer {
		if slices.Contains(advertised, m) {
			return m
		}
	}
	return AuthBasic
}

// registrationRequest is RFC 7591 2.
type registrationRequest struct {
	ClientName      string   `json:"client_name"`
	RedirectURIs    []string `json:"redirect_uris,omitempty"`
	GrantTypes      []string `json:"grant_types"`
	ResponseTypes   []string `json:"response_types,omitempty"`
	AuthMethod      string   `json:"token_endpoint_auth_method"`
	ApplicationType string   `json:"application_type"`
	Scope           string   `json:"scope,omitempty"`
}

type registrationAnswer struct {
	ClientID        string `json:"client_id"`
	ClientSecret    string `json:"client_secret"`
	AuthMethod      string `json:"token_endpoint_auth_method"`
	SecretExpiresAt number `json:"client_secret_expires_at"`
}

func (c *Client) registerDynamic(ctx context.Context, d *Discovery, r *Registration) *Error {
	as := &d.AuthServer
	at, e := c.endpoint(StepRegister, as.RegistrationEndpoint)
	if e != nil {
		return e
	}
	ask := c.registrationRequest(d)
	body, err := json.Marshal(ask)
	if err != nil {
		return broken(StepRegister, "The registration cannot be written. Check the oauth block.")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, at.String(), bytes.NewReader(body))
	if err != nil {
		return broken(StepRegister, "The registration endpoint cannot be asked. Tell who runs the authorization server.")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	c.oauthHeaders(req)
	got, e := c.do(ctx, StepRegister, req, Access{Trust: c.trustOf(at)}, false)
	if e != nil {
		return e
	}
	if got.status == http.StatusTooManyRequests || got.status >= 500 {
		return ill(StepRegister, at.Host, got)
	}
	if got.status != http.StatusCreated && got.status != http.StatusOK {
		return c.refusedRegistration(at, got)
	}
	var a registrationAnswer
	if err := decode(got.body, &a); err != nil {
		return broken(StepRegister, "%s answered the registration with something that cannot be read: %s. Tell who runs it; or register patchbay by hand and put client_id into the oauth block.", at.Host, err)
	}
	return accept(r, ask.AuthMethod, &a, at.Host)
}

func (c *Client) registrationRequest(d *Discovery) *registrationRequest {
	as := &d.AuthServer
	scopes := union(union(d.Challenge.Scopes, d.Scopes), c.block.Scopes)
	ask := &registrationRequest{
		ClientName: c.opts.ClientName, AuthMethod: pickMethod(as.AuthMethods, false), ApplicationType: applicationType(c.opts.RedirectURI),
		Scope: strings.Join(c.offline(as, scopes), " "),
	}
	if c.machine() {
		ask.GrantTypes, ask.AuthMethod = []string{grantClientCredentials}, pickMethod(as.AuthMethods, true)
		return ask
	}
	ask.RedirectURIs, ask.ResponseTypes, ask.GrantTypes = []string{c.opts.RedirectURI}, []string{"code"}, []string{grantCode}
	if as.GrantTypes == nil || slices.Contains(as.GrantTypes, grantRefresh) {
		ask.GrantTypes = append(ask.GrantTypes, grantRefresh)
	}
	return ask
}

// applicationType is what OIDC registration calls us: an application on somebody's own
// machine comes back by loopback and plain http (2026-07-28, authorization).
func applicationType(redirect string) string {
	u, err := url.Parse(redirect)
	if err == nil && u.Scheme == "https" && !loopback(hostOf(u)) {
		return "web"
	}
	return "native"
}

// accept takes over what the server gave, when it can be used.
func accept(r *Registration, asked string, a *registrationAnswer, host string) *Error {
	if a.ClientID == "" || len(a.ClientID) > maxClientID || !printable(a.ClientID) || len(a.ClientSecret) > maxClientSecret || !printable(a.ClientSecret) {
		return broken(StepRegister, "%s registered a client without a usable id or secret. Tell who runs it; or register patchbay by hand and put client_id into the oauth block.", host)
	}
	r.ClientID, r.ClientSecret = a.ClientID, a.ClientSecret
	if n := int64(a.SecretExpiresAt); n > 0 {
		r.SecretExpiresAt = time.Unix(n, 0).UTC()
	}
	switch {
	case a.ClientSecret == "":
		r.AuthMethod = AuthNone
	case a.AuthMethod == AuthBasic, a.AuthMethod == AuthPost:
		r.AuthMethod = a.AuthMethod
	case a.AuthMethod == "" && asked != AuthNone:
		r.AuthMethod = asked
	case a.AuthMethod == "", a.AuthMethod == AuthNone:
		r.AuthMethod, r.ClientSecret = AuthNone, "" // asked for none, or told to use none
	default:
		return broken(StepRegister, "%s wants clients to show themselves in a way that is not supported. Register patchbay by hand and put client_id into the oauth block.", host)
	}
	return nil
}

func (c *Client) refusedRegistration(at *url.URL, got *reply) *Error {
	e := &Error{Step: StepRegister, Status: got.status, Reason: patchbay.ReasonUnauthorized, Permanent: true}
	var said oauthError
	if decode(got.body, &said) == nil {
		e.Code, e.Description = errorCode(said.Code), clip(said.Description, 200)
	}
	e.Message = fmt.Sprintf("%s refused to register patchbay (HTTP %d). Register it by hand there, with %s as its redirect address, and put client_id into the oauth block.", at.Host, got.status, c.opts.RedirectURI)
	return e
}
