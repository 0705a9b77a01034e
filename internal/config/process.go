package config

import (
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"patchbay/internal/httpkit"
)

// Process is what the environment says of the process itself. It holds secrets:
// printing it shows the address and nothing else.
type Process struct {
	Listen         string          // host:port
	PublicURL      *url.URL        // DOMAIN_SERVER; nil: derived from the request
	TrustProxy     httpkit.Proxies // TRUST_PROXY
	DataDir        string
	DatabaseURL    string   // postgres://…; empty: SQLite in DataDir
	CredsKey       []byte   // 32 bytes; nil: a key file in DataDir
	CredsKeysOld   [][]byte // CREDS_KEY_PREVIOUS: still opened, never sealed with
	AllowRegister  bool
	Proxy          *url.URL // PROXY
	NoProxy        string   // NO_PROXY
	MetricsListen  string   // host:port of a listener for /metrics alone; empty: none
	LogJSON        bool
	LogLevel       slog.Level
	UserIdle       time.Duration // MCP_USER_CONNECTION_IDLE_TIMEOUT
	ToolsMaxPages  int           // MCP_TOOLS_LIST_MAX_PAGES
	ToolsMaxTools  int           // MCP_TOOLS_LIST_MAX_TOOLS
	ToolsMaxBytes  int64         // MCP_TOOLS_LIST_MAX_BYTES
	ToolsTimeout   time.Duration // MCP_TOOLS_LIST_TIMEOUT_MS
	MaxBody        int64         // MCP_STREAMABLE_HTTP_MAX_RESPONSE_BYTES; 0: no limit
	MaxLine        int64         // MCP_STREAMABLE_HTTP_MAX_LINE_BYTES; 0: no limit
	NotUsed        []string      // variables of LibreChat that are set and change nothing here
	IdentityNotYet []string      // OPENID_*, LDAP_*, SAML_* that are set
}

// String returns the address only.
func (p Process) String() string { return "process at " + p.Listen }

// GoString is String.
func (p Process) GoString() string { return p.String() }

// LogValue is String for slog.
func (p Process) LogValue() slog.Value { return slog.StringValue(p.String()) }

// Process reads the process's own settings. Its error names each wrong variable, what is
// allowed, and never the value.
func (e *Env) Process() (Process, error) {
	p := Process{
		DataDir: orDefault(e.Get("PATCHBAY_DATA"), "./data"), NoProxy: orDefault(e.Get("NO_PROXY"), e.Get("no_proxy")),
		MetricsListen: e.Get("METRICS_LISTEN"),
		UserIdle:      15 * time.Minute, ToolsMaxPages: 50, ToolsMaxTools: 1000, ToolsMaxBytes: 5 << 20,
		ToolsTimeout: 30 * time.Second, MaxBody: 16 << 20, MaxLine: 5 << 20,
	}
	v := &envReader{env: e}
	p.Listen = v.listen()
	p.PublicURL = v.address("DOMAIN_SERVER", "http", "https")
	p.TrustProxy = v.trustProxy()
	p.DatabaseURL = v.database()
	p.CredsKey, p.CredsKeysOld = v.credsKeys()
	p.AllowRegister = v.flag("ALLOW_REGISTRATION", false)
	p.Proxy = v.address("PROXY", "http", "https", "socks5", "socks5h")
	if p.MetricsListen != "" {
		if _, port, err := net.SplitHostPort(p.MetricsListen); err != nil || !validPort(port) && port != "0" {
			v.wrong("METRICS_LISTEN", "must be host:port, like 127.0.0.1:9090")
		}
	}
	p.LogJSON = v.word("LOG_FORMAT", "text", "text", "json") == "json"
	p.LogLevel = map[string]slog.Level{
		"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
	}[v.word("LOG_LEVEL", "info", "debug", "info", "warn", "error")]
	v.millis("MCP_USER_CONNECTION_IDLE_TIMEOUT", &p.UserIdle)
	v.millis("MCP_TOOLS_LIST_TIMEOUT_MS", &p.ToolsTimeout)
	v.count("MCP_TOOLS_LIST_MAX_PAGES", &p.ToolsMaxPages)
	v.count("MCP_TOOLS_LIST_MAX_TOOLS", &p.ToolsMaxTools)
	v.bytes("MCP_TOOLS_LIST_MAX_BYTES", 1, &p.ToolsMaxBytes)
	v.bytes("MCP_STREAMABLE_HTTP_MAX_RESPONSE_BYTES", 0, &p.MaxBody)
	v.bytes("MCP_STREAMABLE_HTTP_MAX_LINE_BYTES", 0, &p.MaxLine)
	p.NotUsed, p.IdentityNotYet = e.unusedVariables()
	if len(v.errs) > 0 {
		return p, fmt.Errorf("environment: %s", strings.Join(v.errs, "; "))
	}
	return p, nil
}

// Findings says which variables are set and change nothing: one line each for what has
// no use here and for logins that are not there yet.
func (p Process) Findings() []Finding {
	var fs []Finding
	if len(p.NotUsed) > 0 {
		fs = append(fs, Finding{Severity: SeverityInfo, Message: "not used here: environment variables " + strings.Join(p.NotUsed, ", ") +
			" (docs/migrating.md says what to use instead)"})
	}
	if len(p.IdentityNotYet) > 0 {
		fs = append(fs, Finding{Severity: SeverityInfo, Message: "not yet: " + strings.Join(p.IdentityNotYet, ", ") + "; local login stays"})
	}
	return fs
}

// unusedVariables finds LibreChat's variables that are set and not used.
func (e *Env) unusedVariables() (unused, identity []string) {
	used := map[string]bool{}
	for _, v := range Variables() {
		used[v.Name] = true
	}
	for _, n := range e.Names() {
		switch {
		case used[n], used[strings.TrimSuffix(n, "_FILE")]:
		case strings.HasPrefix(n, "MCP_"), strings.HasPrefix(n, "ALLOW_"), slices.Contains(librechatOnly, n):
			unused = append(unused, n)
		case strings.HasPrefix(n, "OPENID_"), strings.HasPrefix(n, "LDAP_"), strings.HasPrefix(n, "SAML_"):
			identity = append(identity, n)
		}
	}
	return unused, identity
}

// librechatOnly are variables that a LibreChat `.env` holds for parts that are not here.
var librechatOnly = []string{
	"CREDS_IV", "JWT_SECRET", "JWT_REFRESH_SECRET", "MONGO_URI", "MEILI_HOST", "MEILI_MASTER_KEY", "REDIS_URI", "USE_REDIS",
	"DOMAIN_CLIENT", "SESSION_EXPIRY", "REFRESH_TOKEN_EXPIRY", "SEARCH", "RAG_API_URL", "CONFIG_BYPASS_VALIDATION", "GRAPH_API_SCOPES",
}
