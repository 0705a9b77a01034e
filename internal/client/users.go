package client

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"patchbay"
)

// User is an account as the API shows it to an admin.
type User struct {
	ID            patchbay.UserID `json:"id"`
	Email         string          `json:"email"`
	EmailVerified bool            `json:"emailVerified"`
	Name          string          `json:"name"`
	Username      string          `json:"username"`
	Role          patchbay.Role   `json:"role"`
	Disabled      bool            `json:"disabled"`
	CreatedAt     time.Time       `json:"createdAt"`
}

// NewUser is what an account is made from.
type NewUser struct {
	Email    string        `json:"email"`
	Name     string        `json:"name,omitempty"`
	Username string        `json:"username,omitempty"`
	Role     patchbay.Role `json:"role,omitempty"`
	Password string        `json:"password"`
}

// Users returns the accounts whose e-mail address, name or username contains search;
// every one for "".
func (c *Client) Users(ctx context.Context, search string) ([]User, error) {
	return pages[User](ctx, c, "/api/users", search)
}

// UserByEmail returns the account with an e-mail address.
func (c *Client) UserByEmail(ctx context.Context, email string) (*User, error) {
	email = patchbay.NormalEmail(email)
	users, err := c.Users(ctx, email)
	if err != nil {
		return nil, err
	}
	for i := range users {
		if users[i].Email == email {
			return &users[i], nil
		}
	}
	return nil, patchbay.Errorf(patchbay.CodeNotFound, "There is no account with the e-mail address %s", email)
}

// AddUser makes an account.
func (c *Client) AddUser(ctx context.Context, u NewUser) (*User, error) {
	var made User
	if err := c.do(ctx, http.MethodPost, "/api/users", u, &made); err != nil {
		return nil, err
	}
	return &made, nil
}

// SetRole gives an account a role.
func (c *Client) SetRole(ctx context.Context, id patchbay.UserID, role patchbay.Role) error {
	return c.do(ctx, http.MethodPatch, userPath(id), map[string]any{"role": role}, nil)
}

// SetDisabled closes an account, which ends its logins and tokens, or opens it again.
func (c *Client) SetDisabled(ctx context.Context, id patchbay.UserID, disabled bool) error {
	return c.do(ctx, http.MethodPatch, userPath(id), map[string]any{"disabled": disabled}, nil)
}

func userPath(id patchbay.UserID) string { return "/api/users/" + segment(string(id)) }

// NewToken is what an API token is made from.
type NewToken struct {
	Name      string           `json:"name"`
	Scopes    []patchbay.Scope `json:"scopes,omitempty"`
	ExpiresAt *time.Time       `json:"expiresAt,omitempty"`
}

// Token is a new API token. Its secret is shown this once.
type Token struct {
	ID     string
	Secret string
}

// String hides the secret.
func (t Token) String() string { return fmt.Sprintf("token %s", t.ID) }

// AddToken makes an API token for the caller (for an operator, the person of As).
func (c *Client) AddToken(ctx context.Context, t NewToken) (*Token, error) {
	var answer struct {
		ID    string `json:"id"`
		Token string `json:"token"`
	}
	if err := c.do(ctx, http.MethodPost, "/api/user/tokens", t, &answer); err != nil {
		return nil, err
	}
	return &Token{ID: answer.ID, Secret: answer.Token}, nil
}
