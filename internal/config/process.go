package config

import (
	"encoding/hex"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Process is what the environment says of the process itself. It holds secrets:
// printing it shows the address and nothing else.
type Process struct {
	Listen         string   // host:port
	PublicURL      *url.URL // DOMAIN_SERVER; nil: derived from the request
	TrustProxy     TrustProxy
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

// TrustProxy says whose X-Forwarded-* headers count: those of the nearest Hops proxies,
// or of proxies in Networks. The zero value trusts nobody.
type TrustProxy struct {
	Hops     int
	Networks []netip.Prefix
}

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

func orDefault(v, def string) string {
	if v == "" {
		return def
	}
	return v
}

// envReader reads variables and gathers what is wrong with them.
type envReader struct {
	env  *Env
	errs []string
}

func (r *envReader) wrong(name, what string) { r.errs = append(r.errs, name+" "+what) }

func (r *envReader) listen() string {
	host, port := orDefault(r.env.Get("HOST"), "127.0.0.1"), orDefault(r.env.Get("PORT"), "3080")
	if n, err := strconv.ParseUint(port, 10, 16); err != nil {
		r.wrong("PORT", "must be a port from 0 to 65535")
	} else {
		port = strconv.FormatUint(n, 10)
	}
	host = strings.Trim(host, "[]")
	if strings.ContainsAny(host, "/@ ") || strings.Contains(host, ":") && net.ParseIP(host) == nil {
		r.wrong("HOST", "must be the name or address to listen on, without a port; PORT is for that")
	}
	return net.JoinHostPort(host, port)
}

func (r *envReader) address(name string, schemes ...string) *url.URL {
	text := r.env.Get(name)
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || !slices.Contains(schemes, u.Scheme) || u.RawQuery != "" || u.Fragment != "" {
		r.wrong(name, "must be a URL that begins with "+strings.Join(schemes, ":// or ")+"://")
		return nil
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = ""
	return u
}

func (r *envReader) trustProxy() TrustProxy {
	var t TrustProxy
	text := r.env.Get("TRUST_PROXY")
	if text == "" || text == "false" || text == "0" {
		return t
	}
	if n, err := strconv.Atoi(text); err == nil && n > 0 && n < 100 {
		t.Hops = n
		return t
	}
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		if prefix, err := netip.ParsePrefix(part); err == nil {
			t.Networks = append(t.Networks, prefix.Masked())
			continue
		}
		if a, err := netip.ParseAddr(part); err == nil {
			t.Networks = append(t.Networks, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		if part == "loopback" {
			t.Networks = append(t.Networks, netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128"))
			continue
		}
		r.wrong("TRUST_PROXY", "must be the number of proxies in front, or their addresses (10.0.0.1, 10.0.0.0/8, loopback) separated by commas")
		return TrustProxy{}
	}
	return t
}

func (r *envReader) secret(name string) string {
	v, err := r.env.Secret(name)
	if err != nil {
		r.errs = append(r.errs, err.Error())
	}
	return v
}

func (r *envReader) database() string {
	text := r.secret("DATABASE_URL")
	if text != "" && !strings.HasPrefix(text, "postgres://") && !strings.HasPrefix(text, "postgresql://") {
		r.wrong("DATABASE_URL", "must begin with postgres://; leave it unset for SQLite in the data folder")
	}
	return text
}

func (r *envReader) credsKeys() (current []byte, old [][]byte) {
	read := func(name, text string) []byte {
		key, err := hex.DecodeString(strings.TrimSpace(text))
		if err != nil || len(key) != 32 {
			r.wrong(name, "must be 64 hexadecimal digits (32 bytes); `openssl rand -hex 32` makes one")
			return nil
		}
		return key
	}
	if text := r.secret("CREDS_KEY"); text != "" {
		current = read("CREDS_KEY", text)
	}
	if text := r.secret("CREDS_KEY_PREVIOUS"); text != "" {
		for part := range strings.SplitSeq(text, ",") {
			if key := read("CREDS_KEY_PREVIOUS", part); key != nil {
				old = append(old, key)
			}
		}
	}
	return current, old
}

func (r *envReader) flag(name string, def bool) bool {
	switch strings.ToLower(r.env.Get(name)) {
	case "":
		return def
	case "true", "1":
		return true
	case "false", "0":
		return false
	}
	r.wrong(name, "must be true or false")
	return def
}

func (r *envReader) word(name, def string, allowed ...string) string {
	w := orDefault(strings.ToLower(r.env.Get(name)), def)
	if !slices.Contains(allowed, w) {
		r.wrong(name, "must be one of "+strings.Join(allowed, ", "))
		return def
	}
	return w
}

func (r *envReader) number(name string, low, high int64, what string) (int64, bool) {
	text := r.env.Get(name)
	if text == "" {
		return 0, false
	}
	n, ok := Arithmetic(text)
	if !ok || n < low || n > high {
		r.wrong(name, fmt.Sprintf("must be %s from %d to %d", what, low, high))
		return 0, false
	}
	return n, true
}

func (r *envReader) millis(name string, into *time.Duration) {
	if n, ok := r.number(name, 1, dayMillis, "milliseconds"); ok {
		*into = time.Duration(n) * time.Millisecond
	}
}

func (r *envReader) count(name string, into *int) {
	if n, ok := r.number(name, 1, 1_000_000, "a number"); ok {
		*into = int(n)
	}
}

func (r *envReader) bytes(name string, low int64, into *int64) {
	if n, ok := r.number(name, low, 1<<32, "bytes"); ok {
		*into = n
	}
}
