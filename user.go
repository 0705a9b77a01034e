package patchbay

import (
	"slices"
	"strings"
	"time"
)

// UserID is a UUIDv7, never derived from the e-mail.
type UserID string

// Role is what an account may do on the whole instance.
type Role string

// Roles. Shown in placeholders in lower case.
const (
	RoleAdmin Role = "ADMIN"
	RoleUser  Role = "USER"
)

// User is an account. A *User that a snapshot hands out is never mutated.
type User struct {
	ID               UserID
	Email            string // lower case
	EmailVerified    bool   // by an admin, an invite, the shell or an identity provider
	Name             string
	Username         string // unique, lower case
	Role             Role
	Provider         string // identity provider; "email" for local accounts
	Source           string // who keeps the record: "local", later "scim", "oidc"
	ExternalID       string // id at Source
	GoogleID         string
	FacebookID       string
	OpenIDID         string
	SAMLID           string
	LDAPID           string
	GitHubID         string
	DiscordID        string
	AppleID          string
	TwoFactorEnabled bool
	TermsAccepted    bool
	TermsAcceptedAt  time.Time
	Disabled         bool
	CreatedAt        time.Time
	UpdatedAt        time.Time
}

// ActorKind says by what kind of credential somebody acts.
type ActorKind string

// Kinds of actors.
const (
	ActorUser     ActorKind = "user"     // a person: browser login or API token
	ActorOperator ActorKind = "operator" // the shell on the same machine, by cli.json
)

// Door is where a request came in.
type Door string

// Doors.
const (
	DoorAPI   Door = "api"
	DoorShell Door = "shell"
	DoorWeb   Door = "web"
	DoorChat  Door = "chat"
)

// Scope is what an API token may do at most; permission = grants ∩ scopes.
type Scope string

// Scopes of API tokens. A token without scopes has all of them but ScopeToolsUnattended.
const (
	ScopeServersRead Scope = "servers:read" // list servers, tools, statuses
	ScopeToolsCall   Scope = "tools:call"   // call tools, connect
	// ScopeToolsUnattended lets the calls of an answer that nobody watches (/v1) run where a
	// person would be asked in a chat. Only a token that names it has it.
	ScopeToolsUnattended Scope = "tools:unattended"
	ScopeVarsWrite       Scope = "vars:write" // set and delete own variables
	ScopeChat            Scope = "chat"       // own conversations, runs and what they wait for; agents
	ScopeAccount         Scope = "account"    // own account, logins, tokens and model keys
	ScopeAdmin           Scope = "admin"      // what the ADMIN role may do
)

// Scopes lists every scope, for validation and help.
func Scopes() []Scope {
	return []Scope{ScopeServersRead, ScopeToolsCall, ScopeToolsUnattended, ScopeVarsWrite, ScopeChat, ScopeAccount, ScopeAdmin}
}

// Actor is the authenticated one on whose behalf code acts. It is passed as a
// parameter, never in a context. User is nil only for an operator who did not say `--as`.
type Actor struct {
	User    *User
	Kind    ActorKind
	Door    Door
	TokenID string  // API token, when there is one
	LoginID string  // login session, when there is one
	Scopes  []Scope // nil: all, as Has says
}

// ID returns the user's id, or "" for an operator acting as nobody.
func (a Actor) ID() UserID {
	if a.User == nil {
		return ""
	}
	return a.User.ID
}

// Admin reports whether the actor may do what the ADMIN role may.
func (a Actor) Admin() bool {
	return a.User != nil && a.User.Role == RoleAdmin && a.Has(ScopeAdmin)
}

// Has reports whether the actor's scopes include s. What only a token that names it has, a
// person who signed in may still give to one.
func (a Actor) Has(s Scope) bool {
	if a.Scopes == nil {
		return s != ScopeToolsUnattended || a.TokenID == ""
	}
	return slices.Contains(a.Scopes, s)
}

// NormalEmail returns the form in which an e-mail address is stored and compared.
func NormalEmail(s string) string { return strings.ToLower(strings.TrimSpace(s)) }
