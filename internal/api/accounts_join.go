package api

import (
	"context"
	"net/http"
	"time"

	"patchbay"
	"patchbay/internal/auth"
)

// userView is an account as it is shown to its owner and to admins.
type userView struct {
	ID               patchbay.UserID `json:"id"`
	Email            string          `json:"email"`
	EmailVerified    bool            `json:"emailVerified"`
	Name             string          `json:"name"`
	Username         string          `json:"username"`
	Role             patchbay.Role   `json:"role" enum:"ADMIN,USER"`
	Provider         string          `json:"provider"`
	TwoFactorEnabled bool            `json:"twoFactorEnabled"`
	TermsAccepted    bool            `json:"termsAccepted"`
	Disabled         bool            `json:"disabled"`
	CreatedAt        *time.Time      `json:"createdAt"`
	UpdatedAt        *time.Time      `json:"updatedAt"`
}

func viewUser(u *patchbay.User) userView {
	return userView{
		ID: u.ID, Email: u.Email, EmailVerified: u.EmailVerified, Name: u.Name, Username: u.Username,
		Role: u.Role, Provider: u.Provider, TwoFactorEnabled: u.TwoFactorEnabled, TermsAccepted: u.TermsAccepted,
		Disabled: u.Disabled, CreatedAt: utc(u.CreatedAt), UpdatedAt: utc(u.UpdatedAt),
	}
}

// openedOutput is a fresh login: in the body for scripts, in the cookie for browsers.
type openedOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      struct {
		Token string   `json:"token"`
		User  userView `json:"user"`
	}
}

func (s *Server) opened(c *caller, o *auth.LoggedIn) *openedOutput {
	out := &openedOutput{SetCookie: *s.loginCookie(c.r, o.Token, o.Login.ExpiresAt)}
	out.Body.Token, out.Body.User = o.Token, viewUser(o.User)
	return out
}

type setupInput struct {
	Caller caller
	Body   struct {
		Token    string `json:"token" maxLength:"512" doc:"Of the link that the start-up log prints"`
		Email    string `json:"email" minLength:"3" maxLength:"320"`
		Name     string `json:"name,omitempty" maxLength:"200"`
		Username string `json:"username,omitempty" maxLength:"100"`
		Password string `json:"password" maxLength:"1024"`
	}
}

func (s *Server) setup(ctx context.Context, in *setupInput) (*openedOutput, error) {
	b := &in.Body
	o, err := s.o.Accounts.Setup(ctx, b.Token, auth.Account{Email: b.Email, Name: b.Name, Username: b.Username, Password: b.Password}, s.origin(in.Caller.r))
	if err != nil {
		return nil, err
	}
	return s.opened(&in.Caller, o), nil
}

type registerInput struct {
	Caller caller
	Body   struct {
		Email    string `json:"email" minLength:"3" maxLength:"320"`
		Name     string `json:"name,omitempty" maxLength:"200"`
		Username string `json:"username,omitempty" maxLength:"100"`
		Password string `json:"password" maxLength:"1024"`
	}
}

func (s *Server) register(ctx context.Context, in *registerInput) (*openedOutput, error) {
	b := &in.Body
	o, err := s.o.Accounts.Register(ctx, auth.Account{Email: b.Email, Name: b.Name, Username: b.Username, Password: b.Password}, s.origin(in.Caller.r))
	if err != nil {
		return nil, err
	}
	return s.opened(&in.Caller, o), nil
}

type loginInput struct {
	Caller caller
	Body   struct {
		Email    string `json:"email" maxLength:"320"`
		Password string `json:"password" maxLength:"1024"`
	}
}

func (s *Server) login(ctx context.Context, in *loginInput) (*openedOutput, error) {
	o, err := s.o.Accounts.Login(ctx, in.Body.Email, in.Body.Password, s.origin(in.Caller.r))
	if err != nil {
		return nil, err
	}
	return s.opened(&in.Caller, o), nil
}

type doneOutput struct {
	Body struct {
		Success bool `json:"success"`
	}
}

func done() *doneOutput {
	out := &doneOutput{}
	out.Body.Success = true
	return out
}

type logoutOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      struct {
		Message string `json:"message"`
	}
}

type callerInput struct{ Caller caller }

func (s *Server) logout(ctx context.Context, in *callerInput) (*logoutOutput, error) {
	if err := s.o.Accounts.Logout(ctx, in.Caller.actor); err != nil {
		return nil, err
	}
	out := &logoutOutput{SetCookie: *s.loginCookie(in.Caller.r, "", time.Time{})}
	out.Body.Message = "Logout successful"
	return out, nil
}
