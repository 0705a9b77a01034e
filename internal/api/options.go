package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"patchbay"
	"patchbay/internal/auth"
	"patchbay/internal/bus"
	"patchbay/internal/doctor"
	"patchbay/internal/flow"
	"patchbay/internal/httpkit"
	"patchbay/internal/servers"
	"patchbay/internal/store"
)

// Options is what a Server is made of. Every member without "may be nil" must be given.
type Options struct {
	Log       *slog.Logger
	Auth      Authenticator
	Accounts  Accounts
	Servers   Servers
	Tools     Tools
	Statuses  Statuses
	Variables Variables
	Config    ConfigReader
	Icons     IconFetcher // may be nil: no icons of other hosts
	Doctor    Doctor      // may be nil: nothing is examined
	SignIns   SignIns     // may be nil: sign-ins cannot be started
	Logs      Logs        // may be nil: nothing is kept
	Made      Made        // may be nil: people make no servers
	Trial     Trial       // may be nil: definitions cannot be tried
	Chat      Chat        // may be nil, like the next three: 501
	Agents    Agents
	Models    Models
	Sites     Sites
	Bus       *bus.Bus //
	// Watch is told that somebody follows a user's events, until release is called; it
	// must not block. May be nil.
	Watch   func(patchbay.UserID) (release func())
	Ready   func() error // why the host is not ready; nil when it is
	Metrics http.Handler // may be nil: no /metrics here
	Web     http.Handler // the UI; everything outside /api, /healthz, /readyz, /metrics

	BaseURL  *url.URL        // $DOMAIN_SERVER; may be nil: taken from each request
	Hosts    []string        // further host names that are ours, without a port
	Instance string          // tells hosts apart that share a cookie jar: [a-z0-9]+
	Proxies  httpkit.Proxies // whose X-Forwarded-* counts
}

func (o *Options) check() error {
	switch {
	case o.Log == nil, o.Auth == nil, o.Accounts == nil, o.Servers == nil, o.Tools == nil,
		o.Statuses == nil, o.Variables == nil, o.Config == nil, o.Bus == nil, o.Ready == nil, o.Web == nil:
		return errors.New("api: an option that must be given is missing")
	case o.BaseURL != nil && (o.BaseURL.Host == "" || o.BaseURL.Scheme != "http" && o.BaseURL.Scheme != "https"):
		return errors.New("api: DOMAIN_SERVER must be an http or https URL")
	}
	for _, c := range o.Instance {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return errors.New("api: the instance's id must be [a-z0-9]")
		}
	}
	return nil
}

// Authenticator turns credentials into actors. Methods are called for every request, by
// many goroutines, and answer from memory.
type Authenticator interface {
	// Authenticate returns whose token this is: of a login, an API token or the
	// operator's. It fails with CodeUnauthenticated.
	Authenticate(ctx context.Context, token string) (patchbay.Actor, error)
	// ActAs returns operator acting as the account with that e-mail, and writes it down.
	// It is called for actors of kind operator only.
	ActAs(ctx context.Context, operator patchbay.Actor, email string) (patchbay.Actor, error)
}

// Accounts are the actions on accounts, logins and API tokens; *auth.Service has them.
// Each checks whether the actor may, keeps its limits (CodeRateLimited) and may be called
// by many goroutines.
type Accounts interface {
	Setup(ctx context.Context, token string, account auth.Account, from auth.Origin) (*auth.LoggedIn, error)
	Register(ctx context.Context, account auth.Account, from auth.Origin) (*auth.LoggedIn, error)
	Login(ctx context.Context, email, password string, from auth.Origin) (*auth.LoggedIn, error)
	Logout(ctx context.Context, actor patchbay.Actor) error
	ChangePassword(ctx context.Context, actor patchbay.Actor, current, next string) error

	ListLogins(ctx context.Context, actor patchbay.Actor) ([]*store.Login, error)
	EndLogin(ctx context.Context, actor patchbay.Actor, id string) error

	ListTokens(ctx context.Context, actor patchbay.Actor) ([]*store.APIToken, error)
	CreateToken(ctx context.Context, actor patchbay.Actor, request auth.TokenRequest) (string, *store.APIToken, error)
	DeleteToken(ctx context.Context, actor patchbay.Actor, id string) error

	FindPeople(ctx context.Context, actor patchbay.Actor, search string, limit int) ([]*patchbay.User, error)
	ListUsers(ctx context.Context, actor patchbay.Actor, filter store.UserFilter) (users []*patchbay.User, next string, err error)
	AddUser(ctx context.Context, actor patchbay.Actor, account auth.Account, role patchbay.Role) (*patchbay.User, error)
	SetRole(ctx context.Context, actor patchbay.Actor, id patchbay.UserID, role patchbay.Role) error
	SetDisabled(ctx context.Context, actor patchbay.Actor, id patchbay.UserID, disabled bool) error
}

var (
	_ Authenticator = (*auth.Service)(nil)
	_ Accounts      = (*auth.Service)(nil)
)

// Servers is the registry. Methods answer from memory.
type Servers interface {
	ByID(id patchbay.ServerID) (*patchbay.Server, bool)
	// Visible lists the servers on which the actor has perm, by name.
	Visible(actor patchbay.Actor, perm patchbay.Permission) []*patchbay.Server
	Permissions(actor patchbay.Actor, server *patchbay.Server) patchbay.Permission
	// Authorise returns the server if the actor has perm on it: patchbay.NotFound without
	// VIEW, CodeForbidden naming perm without that.
	Authorise(actor patchbay.Actor, name string, perm patchbay.Permission) (*patchbay.Server, error)
}

// ToolEntry is one tool of an actor's catalogue.
type ToolEntry struct {
	Tool   patchbay.Tool
	Server string // name
	Key    string // tool_mcp_server
	Stale  bool   // of the last known list of a server that is not connected
}

// ToolFilter narrows a catalogue. Connect opens what needs no person.
type ToolFilter struct {
	Server  string // name; empty: all
	Connect bool
}

// Tools lists and calls. Calls run until they end or ctx does.
type Tools interface {
	Call(ctx context.Context, actor patchbay.Actor, call patchbay.CallRequest) (patchbay.Outcome, error)
	List(ctx context.Context, actor patchbay.Actor, filter ToolFilter) ([]ToolEntry, error)
	// Connect closes the actor's connection and opens it anew.
	Connect(ctx context.Context, actor patchbay.Actor, server *patchbay.Server) error
}

// Statuses decides statuses. Of answers from memory.
type Statuses interface {
	Of(ctx context.Context, actor patchbay.Actor, server *patchbay.Server) patchbay.Status
}

// Variables keeps users' variables. Values go in and never come out here.
type Variables interface {
	// SetVars sets the variables in values, all or nothing; an empty value deletes its one.
	SetVars(ctx context.Context, user patchbay.UserID, server patchbay.ServerID, values map[string]string) error
	// DeleteVars forgets the named variables, all of the server's when none is named.
	DeleteVars(ctx context.Context, user patchbay.UserID, server patchbay.ServerID, names ...string) error
	// Flags says of each declared variable whether the user has given it.
	Flags(ctx context.Context, user patchbay.UserID, server *patchbay.Server) (map[string]bool, error)
}

// SignIns are the sign-ins of people at MCP servers; *flow.Service has them and documents
// the methods. They may be called by many goroutines.
type SignIns interface {
	Start(ctx context.Context, actor patchbay.Actor, server *patchbay.Server, base string, challenge []string) (flow.SignIn, error)
	Bind(ctx context.Context, actor patchbay.Actor, server *patchbay.Server, browser string) error
	Initiate(ctx context.Context, v flow.Visit, userID, flowID string) (to string, err error)
	Callback(ctx context.Context, v flow.Visit, query url.Values) (again string, err error)
	Cancel(ctx context.Context, actor patchbay.Actor, server *patchbay.Server) (bool, error)
	SignOut(ctx context.Context, actor patchbay.Actor, server *patchbay.Server) error
	Document(name string) (*flow.Document, bool)
}

var _ SignIns = (*flow.Service)(nil)

// Made keeps the servers that people make and the groups they share them with;
// *servers.Service does, and documents the methods. Each checks whether the actor may.
type Made interface {
	Parse(ctx context.Context, a patchbay.Actor, body []byte) (*patchbay.Server, error)
	Create(ctx context.Context, a patchbay.Actor, body []byte) (*patchbay.Server, error)
	Change(ctx context.Context, a patchbay.Actor, server *patchbay.Server, edit []byte, version int64) (*servers.Changed, error)
	Delete(ctx context.Context, a patchbay.Actor, server *patchbay.Server) error
	Access(ctx context.Context, a patchbay.Actor, server *patchbay.Server) ([]patchbay.Grant, patchbay.UserID, error)
	SetAccess(ctx context.Context, a patchbay.Actor, server *patchbay.Server, grants []patchbay.Grant) ([]patchbay.Grant, error)
	Names(ctx context.Context, grantees []patchbay.Grantee) (map[patchbay.Grantee]servers.Known, error)

	Groups(ctx context.Context) ([]*store.Group, error)
	CreateGroup(ctx context.Context, a patchbay.Actor, name string) (*store.Group, error)
	RenameGroup(ctx context.Context, a patchbay.Actor, id, name string) error
	DeleteGroup(ctx context.Context, a patchbay.Actor, id string) error
	Members(ctx context.Context, a patchbay.Actor, group string, after patchbay.UserID, limit int) ([]*patchbay.User, error)
	AddMember(ctx context.Context, a patchbay.Actor, group string, user patchbay.UserID) error
	RemoveMember(ctx context.Context, a patchbay.Actor, group string, user patchbay.UserID) error
}

var _ Made = (*servers.Service)(nil)

// Trial tries a definition that nobody has saved. It may be called by many goroutines.
type Trial interface {
	Try(ctx context.Context, a patchbay.Actor, def *patchbay.Server, base string) (*doctor.Report, error)
}

// Doctor finds out what keeps a server from working for an actor; *doctor.Service does.
type Doctor interface {
	Examine(ctx context.Context, actor patchbay.Actor, server *patchbay.Server, base string) (*doctor.Report, error)
}

// IconFetcher gets an icon that a definition names by an http(s) URL, through the guard of
// everything that goes out, with at most max bytes.
type IconFetcher interface {
	Icon(ctx context.Context, server *patchbay.Server, max int64) ([]byte, error)
}

// Finding is one thing to say about the configuration file.
type Finding struct {
	Severity string `json:"severity" enum:"error,warning,info,note"`
	Server   string `json:"serverName,omitempty"`
	Path     string `json:"path,omitempty"`
	Line     int    `json:"line,omitempty"`
	Column   int    `json:"column,omitempty"`
	Message  string `json:"message"`
}

// ConfigState is what became of the configuration file.
type ConfigState struct {
	OK       bool       `json:"ok"`                // false: the file was refused, the one before is running
	Path     string     `json:"path"`              // the file in use; empty: the built-in default
	Why      string     `json:"why,omitempty"`     // why this file and not another
	Message  string     `json:"message,omitempty"` // why it was refused, with line:column
	LoadedAt *time.Time `json:"loadedAt"`
	Findings []Finding  `json:"findings"`
}

// ConfigReader tells the state of the configuration, from memory.
type ConfigReader interface {
	ConfigState() ConfigState
}
