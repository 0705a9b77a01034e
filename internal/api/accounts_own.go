package api

import (
	"context"
	"slices"
	"strings"
	"time"

	"patchbay"
	"patchbay/internal/auth"
	"patchbay/internal/store"
)

type userOutput struct{ Body userView }

func (s *Server) getUser(_ context.Context, in *callerInput) (*userOutput, error) {
	if _, err := in.Caller.user(); err != nil {
		return nil, err
	}
	return &userOutput{viewUser(in.Caller.actor.User)}, nil
}

type passwordInput struct {
	Caller caller
	Body   struct {
		Current string `json:"currentPassword" maxLength:"1024"`
		New     string `json:"newPassword" maxLength:"1024"`
	}
}

func (s *Server) changePassword(ctx context.Context, in *passwordInput) (*doneOutput, error) {
	if err := s.o.Accounts.ChangePassword(ctx, in.Caller.actor, in.Body.Current, in.Body.New); err != nil {
		return nil, err
	}
	return done(), nil
}

type listInput struct {
	Caller caller
	PageInput
}

// byID sorts by id: UUIDv7, so oldest first.
func byID[T any](items []T, id func(T) string) []T {
	slices.SortFunc(items, func(a, b T) int { return strings.Compare(id(a), id(b)) })
	return items
}

type loginView struct {
	ID        string     `json:"id"`
	UserAgent string     `json:"userAgent"`
	IP        string     `json:"ip"`
	Current   bool       `json:"current"`
	CreatedAt *time.Time `json:"createdAt"`
	LastUsed  *time.Time `json:"lastUsedAt"`
	ExpiresAt *time.Time `json:"expiresAt"`
}

type loginsOutput struct{ Body page[loginView] }

func (s *Server) listLogins(ctx context.Context, in *listInput) (*loginsOutput, error) {
	logins, err := s.o.Accounts.ListLogins(ctx, in.Caller.actor)
	if err != nil {
		return nil, err
	}
	views := make([]loginView, len(logins))
	for i, l := range logins {
		views[i] = loginView{
			ID: l.ID, UserAgent: l.UserAgent, IP: l.IP, Current: l.ID == in.Caller.actor.LoginID,
			CreatedAt: utc(l.CreatedAt), LastUsed: utc(l.LastUsedAt), ExpiresAt: utc(l.ExpiresAt),
		}
	}
	id := func(v loginView) string { return v.ID }
	p, err := pageOf(byID(views, id), id, in.PageInput)
	return &loginsOutput{p}, err
}

type idInput struct {
	Caller caller
	ID     string `path:"id" maxLength:"100"`
}

func (s *Server) endLogin(ctx context.Context, in *idInput) (*doneOutput, error) {
	if err := s.o.Accounts.EndLogin(ctx, in.Caller.actor, in.ID); err != nil {
		return nil, err
	}
	return done(), nil
}

type TokenView struct {
	ID        string           `json:"id"`
	Name      string           `json:"name"`
	Scopes    []patchbay.Scope `json:"scopes" doc:"Empty: all"`
	CreatedAt *time.Time       `json:"createdAt"`
	ExpiresAt *time.Time       `json:"expiresAt" doc:"null: never"`
	LastUsed  *time.Time       `json:"lastUsedAt" doc:"null: not yet"`
}

func viewToken(t *store.APIToken) TokenView {
	scopes := t.Scopes
	if scopes == nil {
		scopes = []patchbay.Scope{}
	}
	return TokenView{t.ID, t.Name, scopes, utc(t.CreatedAt), utc(t.ExpiresAt), utc(t.LastUsedAt)}
}

type tokensOutput struct{ Body page[TokenView] }

func (s *Server) listTokens(ctx context.Context, in *listInput) (*tokensOutput, error) {
	tokens, err := s.o.Accounts.ListTokens(ctx, in.Caller.actor)
	if err != nil {
		return nil, err
	}
	views := make([]TokenView, len(tokens))
	for i, t := range tokens {
		views[i] = viewToken(t)
	}
	id := func(v TokenView) string { return v.ID }
	p, err := pageOf(byID(views, id), id, in.PageInput)
	return &tokensOutput{p}, err
}

type createTokenInput struct {
	Caller caller
	Body   struct {
		Name      string           `json:"name" minLength:"1" maxLength:"100"`
		Scopes    []patchbay.Scope `json:"scopes,omitempty" maxItems:"10" doc:"servers:read, tools:call, tools:unattended, vars:write, chat, account, admin; without it, all but tools:unattended"`
		ExpiresAt *time.Time       `json:"expiresAt,omitempty" doc:"Without it, never"`
	}
}

type createTokenOutput struct {
	Body struct {
		TokenView
		Token string `json:"token" doc:"Shown this once"`
	}
}

func (s *Server) createToken(ctx context.Context, in *createTokenInput) (*createTokenOutput, error) {
	request := auth.TokenRequest{Name: in.Body.Name, Scopes: in.Body.Scopes}
	if in.Body.ExpiresAt != nil {
		request.ExpiresAt = *in.Body.ExpiresAt
	}
	token, t, err := s.o.Accounts.CreateToken(ctx, in.Caller.actor, request)
	if err != nil {
		return nil, err
	}
	out := &createTokenOutput{}
	out.Body.TokenView, out.Body.Token = viewToken(t), token
	return out, nil
}

func (s *Server) deleteToken(ctx context.Context, in *idInput) (*doneOutput, error) {
	if err := s.o.Accounts.DeleteToken(ctx, in.Caller.actor, in.ID); err != nil {
		return nil, err
	}
	return done(), nil
}
