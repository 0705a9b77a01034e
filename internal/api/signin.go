package api

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"time"

	"patchbay"
	"patchbay/internal/flow"
	"patchbay/internal/httpkit"
)

// bindingLife is how long a browser keeps what ties it to a sign-in; longer than any
// sign-in takes.
const bindingLife = 15 * time.Minute

// startSignIn returns the person's sign-in, or nothing when none can be started here.
func (s *Server) startSignIn(ctx context.Context, c *caller, challenge []string) (flow.SignIn, error) {
	if s.o.SignIns == nil || c.server == nil || c.actor.User == nil {
		return flow.SignIn{}, nil
	}
	return s.o.SignIns.Start(ctx, c.actor, c.server, s.baseOf(c.r), challenge)
}

// signInAnswer is the answer to a call that failed for want of a sign-in: a link, or what
// stands in the way of one.
func (s *Server) signInAnswer(ctx context.Context, c *caller, ce *patchbay.ConnectError, detail map[string]any) error {
	in, err := s.startSignIn(ctx, c, ce.Challenge)
	var why *patchbay.ConnectError
	if errors.As(err, &why) {
		detail["details"], detail["reason"], detail["action"] = why.Message, why.Reason, actionOf(why)
		return &patchbay.Error{Code: patchbay.CodeConnectFailed, Message: msgConnectFailed, Detail: detail, RetryAfter: why.After, Err: err}
	}
	if err != nil {
		return err
	}
	detail["oauthUrl"] = nil
	if in.URL != "" {
		detail["oauthUrl"], detail["flowId"], detail["oauthTimeout"] = in.URL, in.FlowID, in.Timeout.Milliseconds()
		detail["provider"] = in.Provider
	}
	return &patchbay.Error{Code: patchbay.CodeSigninRequired, Message: msgSigninRequired, Detail: detail, Err: ce}
}

// baseOf is our own address as whoever made this request knows it: $DOMAIN_SERVER, or the
// host that was asked, which is ours (ServeHTTP) or named by a proxy that is trusted.
func (s *Server) baseOf(r *http.Request) string {
	if s.o.BaseURL != nil {
		return s.o.BaseURL.Scheme + "://" + s.o.BaseURL.Host + s.base
	}
	scheme, host := s.o.Proxies.Forwarded(r)
	return scheme + "://" + host
}

// bindingName is the name of the cookie that ties a browser to its sign-ins.
func (s *Server) bindingName(r *http.Request) string {
	if s.https(r) {
		return "__Host-patchbay-signin"
	}
	return s.plainCookie + "_signin"
}

// binding returns what a browser is known by, and the cookie that makes it so. A browser
// keeps its own, so that several sign-ins can be under way in it.
func (s *Server) binding(r *http.Request) (string, *http.Cookie) {
	value := s.bound(r)
	if value == "" {
		random := make([]byte, 32)
		_, _ = rand.Read(random) // never fails
		value = base64.RawURLEncoding.EncodeToString(random)
	}
	return value, &http.Cookie{
		Name: s.bindingName(r), Value: value, Path: "/", MaxAge: int(bindingLife.Seconds()),
		HttpOnly: true, Secure: s.https(r), SameSite: http.SameSiteLaxMode,
	}
}

// bound returns what a browser is known by; "" when it is not.
func (s *Server) bound(r *http.Request) string {
	c, err := r.Cookie(s.bindingName(r))
	if err != nil || len(c.Value) != base64.RawURLEncoding.EncodedLen(32) {
		return ""
	}
	return c.Value
}

func (s *Server) noSignIns() error {
	if s.o.SignIns == nil {
		return errNotYet("Signing in at MCP servers")
	}
	return nil
}

type bindOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      struct {
		Success bool `json:"success"`
	}
}

// bindSignIn ties the person's pending sign-in to this browser.
func (s *Server) bindSignIn(ctx context.Context, in *oneServerInput) (*bindOutput, error) {
	if err := s.noSignIns(); err != nil {
		return nil, err
	}
	value, cookie := s.binding(in.Caller.r)
	if err := s.o.SignIns.Bind(ctx, in.Caller.actor, in.Caller.server, value); err != nil {
		return nil, err
	}
	out := &bindOutput{SetCookie: *cookie}
	out.Body.Success = true
	return out, nil
}

type signInOutput struct {
	Body struct {
		Success    bool   `json:"success"`
		Message    string `json:"message"`
		ServerName string `json:"serverName"`
	}
}

// cancelSignIn ends what is pending. That there was nothing is no error.
func (s *Server) cancelSignIn(ctx context.Context, in *oneServerInput) (*signInOutput, error) {
	if err := s.noSignIns(); err != nil {
		return nil, err
	}
	was, err := s.o.SignIns.Cancel(ctx, in.Caller.actor, in.Caller.server)
	if err != nil {
		return nil, err
	}
	out := &signInOutput{}
	b := &out.Body
	b.Success, b.ServerName, b.Message = true, in.Caller.server.Name, "OAuth flow cancelled successfully"
	if !was {
		b.Message = "No OAuth flow was pending"
	}
	return out, nil
}

// signOut revokes the person's token.
func (s *Server) signOut(ctx context.Context, in *oneServerInput) (*signInOutput, error) {
	if err := s.noSignIns(); err != nil {
		return nil, err
	}
	if err := s.o.SignIns.SignOut(ctx, in.Caller.actor, in.Caller.server); err != nil {
		return nil, err
	}
	out := &signInOutput{}
	b := &out.Body
	b.Success, b.ServerName, b.Message = true, in.Caller.server.Name, "OAuth tokens revoked"
	return out, nil
}

// clientDocument serves a client-id metadata document.
func (s *Server) clientDocument(w http.ResponseWriter, r *http.Request, _ *caller) {
	if s.o.SignIns != nil {
		if doc, ok := s.o.SignIns.Document(param(r, "file")); ok {
			w.Header().Set("Cache-Control", "public, max-age=300")
			httpkit.WriteJSON(w, http.StatusOK, doc)
			return
		}
	}
	s.notFound(w, r)
}

// wantsPage reports whether a browser asks for something to show to a person.
func wantsPage(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/html")
}
