package patchbay

import "time"

// ServerID is the lasting identity of a server definition: "yaml/NAME" for one
// written in the configuration file, a UUIDv7 for one made by a person. Grants,
// credentials and connections hang on it, so a server that is deleted and made
// again under the same name inherits nothing.
type ServerID string

// YAMLServerID returns the id of the YAML server called name.
func YAMLServerID(name string) ServerID { return ServerID("yaml/" + name) }

// Transport is how a server is reached.
type Transport string

// The transports of the configuration file. "http" is read as streamable-http.
const (
	TransportStdio     Transport = "stdio"
	TransportSSE       Transport = "sse"
	TransportHTTP      Transport = "streamable-http"
	TransportWebSocket Transport = "websocket"
)

// Remote reports whether the transport goes over the network.
func (t Transport) Remote() bool { return t != TransportStdio }

// Source says who wrote a definition.
type Source string

// Sources of server definitions.
const (
	SourceYAML Source = "yaml" // the operator's file (the built-in default counts as one)
	SourceUser Source = "user" // made through the API or the UI
)

// Trust is the class of an outbound address: what it may reach (security.md B4, B5).
type Trust string

// Trust classes.
const (
	TrustOperator Trust = "operator" // written in the YAML: any address, unless mcpSettings.strict
	TrustLearned  Trust = "learned"  // what a definition led to: same host, or public
	TrustPerson   Trust = "person"   // made by a person: public, plus allowedAddresses
)

// Level says who shares a connection.
type Level string

// Levels of connections. The empty level in a definition means "decide by LevelOf".
const (
	LevelApp  Level = "app"  // one for all users, carrying no user's data
	LevelUser Level = "user" // one per (user, server)
	LevelRun  Level = "run"  // one per (user, run, server): the definition names the request body
)

// Stderr says what becomes of a child's standard error.
type Stderr string

// The forms of `stderr`. 1 and 2 of the file are StderrInherit: ours to print.
const (
	StderrInherit Stderr = "inherit" // printed line by line with the server's name, and kept
	StderrPipe    Stderr = "pipe"    // kept, not printed
	StderrIgnore  Stderr = "ignore"  // thrown away
)

// Server is a server definition as the registry holds it. It is never mutated once
// published: an edit makes a new one. Strings marked T may hold placeholders, as written.
type Server struct {
	ID          ServerID
	Name        string // unique key in YAML and URLs
	Title       string
	Description string
	Source      Source
	Author      UserID // empty for YAML
	CreatedAt   time.Time
	UpdatedAt   time.Time

	Transport Transport
	Inferred  bool // the transport was inferred, not written

	Command string
	Args    []string          // T
	Env     map[string]string // T
	Dir     string            // `cwd`
	Stderr  Stderr

	URL            string            // T
	Headers        map[string]string // T
	RequestHeaders map[string]string // T, overlaid on Headers during calls
	Proxy          string            // T, ${} only
	SSEReadTimeout time.Duration

	CallTimeout    time.Duration // `timeout`
	ConnectTimeout time.Duration // `initTimeout`
	Startup        bool
	ChatMenu       bool
	Instructions   Instructions
	IconPath       string

	UserVars      []UserVar
	RequiresOAuth *bool // nil: find out
	OAuth         *OAuthConfig
	OAuthHeaders  map[string]string // T
	APIKey        *APIKey

	ForcedLevel Level   // `level`; empty: LevelOf decides
	Access      Access  // of YAML servers
	Grants      []Grant // of servers that people made
	Version     int64   // of a definition that a person made; 0 for YAML
	Tools       ToolFilter
	Approval    ApprovalPolicy

	// Problem, when set, says why this definition cannot be used. The rest of the
	// definition is what could be read of it.
	Problem *Problem

	// Level and BodyFields follow from the definition; the registry fills them when it
	// puts the definition in force, so that no call has to work them out.
	Level      Level
	BodyFields []string // of the request body that the definition needs: "conversationId", …

	// Hash is a digest of everything that makes a connection: two definitions with
	// the same hash can share one. It covers the values of ${NAME}, never shows them.
	Hash string
}

// DisplayName returns the title, or the name when there is none.
func (s *Server) DisplayName() string {
	if s.Title != "" {
		return s.Title
	}
	return s.Name
}

// Instructions is the `serverInstructions` key.
type Instructions struct {
	FromServer bool   // true: the text of the live connection
	Text       string // a string of the operator's own, which wins
}

// UserVar is a variable that a server asks of each user (`customUserVars`).
type UserVar struct {
	Name        string
	Title       string
	Description string // text and <a href> only, sanitised
	Sensitive   bool
	Short       bool // declared as `NAME: "Title"`, and returned in that form
}

// OAuthConfig is the `oauth` block.
type OAuthConfig struct {
	Provider                      string   // preset: google, github
	AuthorizationURL              string   // T
	TokenURL                      string   // T
	RevocationURL                 string   // T
	RedirectURI                   string   // accepted, not used: ours is computed
	ClientID                      string   // T
	ClientSecret                  string   // T, secret
	Scopes                        []string // `scope` or `scopes`
	Audience                      string   // T
	TokenExchangeMethod           string
	GrantTypes                    []string
	TokenEndpointAuthMethods      []string
	RevocationEndpointAuthMethods []string
	ResponseTypes                 []string
	CodeChallengeMethods          []string
	SkipCodeChallengeCheck        bool
	ForwardAudienceOnRefresh      bool
	SendResource                  bool   // `send_resource_parameter`
	TokenEnv                      string // stdio: the variable that gets the access token
}

// APIKey is the `apiKey` block (reference: LibreChat apiKey semantics).
type APIKey struct {
	Source            string // admin, user
	AuthorizationType string // bearer, basic, custom
	CustomHeader      string
	Key               string // T, secret
}

// ToolFilter is `tools: {allow, deny}`: globs over tool names, deny wins, no allow means all.
type ToolFilter struct {
	Allow []string
	Deny  []string
}

// ApprovalPolicy is the `approval` key: the first glob that matches decides; Default when none does.
type ApprovalPolicy struct {
	Default string // never, ask, always; empty: by annotations
	Rules   []ApprovalRule
}

// ApprovalRule is one glob of an approval policy.
type ApprovalRule struct {
	Glob string
	Mode string // never, ask, always
}

// Problem says why a definition cannot be used.
type Problem struct {
	Reason  Reason
	Message string // a sentence that says what to do
	Line    int    // 1-based; 0 when there is no place
	Column  int
}
