package store

import (
	"strings"

	"github.com/uptrace/bun"

	"patchbay"
)

// userRow is patchbay.User as it is stored.
type userRow struct {
	bun.BaseModel `bun:"table:users,alias:u"`

	ID               string `bun:"id,pk"`
	Email            string `bun:"email"`
	EmailVerified    bool   `bun:"email_verified"`
	Name             string `bun:"name"`
	Username         string `bun:"username"`
	Role             string `bun:"role"`
	Provider         string `bun:"provider"`
	Source           string `bun:"source"`
	ExternalID       string `bun:"external_id"`
	GoogleID         string `bun:"google_id"`
	FacebookID       string `bun:"facebook_id"`
	OpenIDID         string `bun:"openid_id"`
	SAMLID           string `bun:"saml_id"`
	LDAPID           string `bun:"ldap_id"`
	GitHubID         string `bun:"github_id"`
	DiscordID        string `bun:"discord_id"`
	AppleID          string `bun:"apple_id"`
	TwoFactorEnabled bool   `bun:"two_factor_enabled"`
	TermsAccepted    bool   `bun:"terms_accepted"`
	TermsAcceptedAt  int64  `bun:"terms_accepted_at"`
	Disabled         bool   `bun:"disabled"`
	PasswordHash     string `bun:"password_hash"`
	SearchText       string `bun:"search_text"`
	CreatedAt        int64  `bun:"created_at"`
	UpdatedAt        int64  `bun:"updated_at"`
}

func rowOfUser(u *patchbay.User, passwordHash string) *userRow {
	return &userRow{
		ID: string(u.ID), Email: u.Email, EmailVerified: u.EmailVerified, Name: u.Name, Username: u.Username,
		Role: string(u.Role), Provider: u.Provider, Source: u.Source, ExternalID: u.ExternalID,
		GoogleID: u.GoogleID, FacebookID: u.FacebookID, OpenIDID: u.OpenIDID, SAMLID: u.SAMLID,
		LDAPID: u.LDAPID, GitHubID: u.GitHubID, DiscordID: u.DiscordID, AppleID: u.AppleID,
		TwoFactorEnabled: u.TwoFactorEnabled, TermsAccepted: u.TermsAccepted, TermsAcceptedAt: millis(u.TermsAcceptedAt),
		Disabled: u.Disabled, PasswordHash: passwordHash,
		SearchText: strings.ToLower(u.Email + "\n" + u.Name + "\n" + u.Username),
		CreatedAt:  millis(u.CreatedAt), UpdatedAt: millis(u.UpdatedAt),
	}
}

func (r *userRow) user() *patchbay.User {
	return &patchbay.User{
		ID: patchbay.UserID(r.ID), Email: r.Email, EmailVerified: r.EmailVerified, Name: r.Name, Username: r.Username,
		Role: patchbay.Role(r.Role), Provider: r.Provider, Source: r.Source, ExternalID: r.ExternalID,
		GoogleID: r.GoogleID, FacebookID: r.FacebookID, OpenIDID: r.OpenIDID, SAMLID: r.SAMLID,
		LDAPID: r.LDAPID, GitHubID: r.GitHubID, DiscordID: r.DiscordID, AppleID: r.AppleID,
		TwoFactorEnabled: r.TwoFactorEnabled, TermsAccepted: r.TermsAccepted, TermsAcceptedAt: instant(r.TermsAcceptedAt),
		Disabled: r.Disabled, CreatedAt: instant(r.CreatedAt), UpdatedAt: instant(r.UpdatedAt),
	}
}

// prepareUser fills what a new account always has.
func prepareUser(u *patchbay.User) {
	if u.ID == "" {
		u.ID = patchbay.UserID(NewID())
	}
	u.Email = patchbay.NormalEmail(u.Email)
	u.Username = strings.ToLower(u.Username)
	if u.Role == "" {
		u.Role = patchbay.RoleUser
	}
	if u.Provider == "" {
		u.Provider = "email"
	}
	if u.Source == "" {
		u.Source = "local"
	}
	if u.UpdatedAt.IsZero() {
		u.UpdatedAt = u.CreatedAt
	}
}
