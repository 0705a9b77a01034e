package api

import (
	"net/url"
	"regexp"
	"strings"
	"time"

	"patchbay"
)

// isSet stands for a secret that is there. PATCH takes it for "unchanged".
const isSet = "set"

// DefinitionView is how a server is reached, for those with EDIT. Placeholders are shown
// as written, literal secrets as "set".
type DefinitionView struct {
	Command            string            `json:"command,omitempty"`
	Args               []string          `json:"args,omitempty"`
	Env                map[string]string `json:"env,omitempty"`
	Cwd                string            `json:"cwd,omitempty"`
	Stderr             patchbay.Stderr   `json:"stderr,omitempty"`
	URL                string            `json:"url,omitempty"`
	Headers            map[string]string `json:"headers,omitempty"`
	RequestHeaders     map[string]string `json:"requestHeaders,omitempty"`
	Proxy              string            `json:"proxy,omitempty"`
	SSEReadTimeout     int64             `json:"sseReadTimeout,omitempty" doc:"ms"`
	Timeout            int64             `json:"timeout,omitempty" doc:"ms"`
	InitTimeout        int64             `json:"initTimeout,omitempty" doc:"ms"`
	Startup            *bool             `json:"startup,omitempty"`
	ServerInstructions any               `json:"serverInstructions,omitempty" doc:"true: the server's own; a string: this text"`
	OAuth              *oauthView        `json:"oauth,omitempty"`
	OAuthHeaders       map[string]string `json:"oauth_headers,omitempty"`
	APIKey             *apiKeyView       `json:"apiKey,omitempty"`
	Level              patchbay.Level    `json:"level,omitempty"`
}

type oauthView struct {
	Provider         string   `json:"provider,omitempty"`
	AuthorizationURL string   `json:"authorization_url,omitempty"`
	TokenURL         string   `json:"token_url,omitempty"`
	RevocationURL    string   `json:"revocation_endpoint,omitempty"`
	ClientID         string   `json:"client_id,omitempty"`
	ClientSecret     string   `json:"client_secret,omitempty"`
	Scope            string   `json:"scope,omitempty"`
	Scopes           []string `json:"scopes,omitempty"`
	Audience         string   `json:"audience,omitempty"`
	TokenEnv         string   `json:"token_env,omitempty"`
}

type apiKeyView struct {
	Source            string `json:"source"`
	AuthorizationType string `json:"authorization_type"`
	CustomHeader      string `json:"custom_header,omitempty"`
	Key               string `json:"key,omitempty"`
}

func viewDefinition(def *patchbay.Server) *DefinitionView {
	v := &DefinitionView{
		Command: def.Command, Args: maskArgs(def.Args), Env: maskMap(def.Env, maskEnv), Cwd: def.Dir,
		URL: maskURL(def.URL), Headers: maskMap(def.Headers, maskHeader),
		RequestHeaders: maskMap(def.RequestHeaders, maskHeader), Proxy: maskURL(def.Proxy),
		Timeout: ms(def.CallTimeout), InitTimeout: ms(def.ConnectTimeout),
		Startup: &def.Startup, OAuthHeaders: maskMap(def.OAuthHeaders, maskHeader), Level: def.ForcedLevel,
	}
	if def.Transport.Remote() {
		v.SSEReadTimeout = ms(def.SSEReadTimeout)
	} else {
		v.Stderr = def.Stderr
	}
	if def.Instructions.Text != "" {
		v.ServerInstructions = def.Instructions.Text
	} else if def.Instructions.FromServer {
		v.ServerInstructions = true
	}
	if o := def.OAuth; o != nil {
		v.OAuth = &oauthView{
			Provider: o.Provider, AuthorizationURL: maskURL(o.AuthorizationURL), TokenURL: maskURL(o.TokenURL),
			RevocationURL: maskURL(o.RevocationURL), ClientID: o.ClientID, ClientSecret: mask(o.ClientSecret),
			Scope: strings.Join(o.Scopes, " "), Scopes: o.Scopes, Audience: o.Audience, TokenEnv: o.TokenEnv,
		}
	}
	if k := def.APIKey; k != nil {
		v.APIKey = &apiKeyView{k.Source, k.AuthorizationType, k.CustomHeader, mask(k.Key)}
	}
	return v
}

func ms(d time.Duration) int64 { return d.Milliseconds() }

var (
	placeholder = regexp.MustCompile(`\$\{[A-Za-z_][A-Za-z0-9_]*\}|\{\{\s*[A-Za-z_][A-Za-z0-9_]*\s*\}\}`)
	// scheme is what may stand before a placeholder without being a secret.
	scheme     = regexp.MustCompile(`(?i)^\s*(bearer|basic|token|apikey|api-key)?[\s:]*$`)
	secretName = regexp.MustCompile(`(?i)auth|token|key|secret|passw|pwd|cookie|credential|cert|private|session|signature|bearer|dsn|(database|connection|redis|mongo)_?(url|uri|string)|\bsig\b|\bcode\b`)
	// secretValue is what looks like a credential under an innocent name: a known prefix,
	// a scheme, something in a URL's userinfo, or a long run of letters with digits.
	secretValue = regexp.MustCompile(`(?i)^(sk|pk|rk|ghp|gho|ghs|github_pat|glpat|xox[abp]|eyJ|AKIA|AIza)[-_A-Za-z0-9]|^(bearer|basic|token)\s|://[^/@\s]*:[^/@\s]*@`)
	longWord    = regexp.MustCompile(`[A-Za-z0-9_\-+=]{16,}`)
	harmless    = regexp.MustCompile(`(?i)^(accept|accept-language|user-agent|content-type|mcp-protocol-version)$`)
)

// mask shows a value that is a secret whenever it is literal: only placeholders, with at
// most the name of a scheme before them, are shown.
func mask(value string) string {
	if value == "" || placeholder.MatchString(value) && scheme.MatchString(placeholder.ReplaceAllString(value, "")) {
		return value
	}
	return isSet
}

func maskHeader(name, value string) string {
	if harmless.MatchString(name) {
		return value
	}
	return mask(value)
}

func maskEnv(name, value string) string {
	if secretName.MatchString(name) || looksSecret(value) {
		return mask(value)
	}
	return value
}

func looksSecret(value string) bool {
	literal := placeholder.ReplaceAllString(value, " ")
	if secretValue.MatchString(literal) {
		return true
	}
	for _, word := range longWord.FindAllString(literal, -1) {
		if strings.ContainsAny(word, "0123456789") && strings.ContainsAny(strings.ToLower(word), "abcdefghijklmnopqrstuvwxyz") {
			return true
		}
	}
	return false
}

// maskArgs hides the value of options whose name says that it is a secret, in both forms
// in which options are written, and what looks like one anywhere.
func maskArgs(args []string) []string {
	out := make([]string, len(args))
	for i, arg := range args {
		name, value, joined := strings.Cut(arg, "=")
		option := strings.HasPrefix(arg, "-")
		switch {
		case joined && (secretName.MatchString(name) || looksSecret(value)):
			out[i] = name + "=" + mask(value)
		case !option && i > 0 && strings.HasPrefix(args[i-1], "-") && !strings.Contains(args[i-1], "=") && secretName.MatchString(args[i-1]):
			out[i] = mask(arg)
		case !option && looksSecret(arg):
			out[i] = mask(arg)
		default:
			out[i] = arg
		}
	}
	return out
}

func maskMap(in map[string]string, hide func(name, value string) string) map[string]string {
	if len(in) == 0 {
		return nil
	}
	out := make(map[string]string, len(in))
	for name, value := range in {
		out[name] = hide(name, value)
	}
	return out
}

// maskURL hides a literal password before the host and literal values of query parameters
// that are called like secrets or look like one.
func maskURL(raw string) string {
	head, query, found := strings.Cut(raw, "?")
	if i := strings.Index(head, "://"); i >= 0 {
		rest := head[i+3:]
		end := len(rest)
		if j := strings.IndexByte(rest, '/'); j >= 0 {
			end = j
		}
		if at := strings.LastIndexByte(rest[:end], '@'); at >= 0 {
			head = head[:i+3] + isSet + rest[at:]
		}
	}
	if !found {
		return head
	}
	parts := strings.Split(query, "&")
	for i, part := range parts {
		name, value, ok := strings.Cut(part, "=")
		plain, err := url.QueryUnescape(name)
		if ok && (err != nil || secretName.MatchString(plain) || looksSecret(value)) {
			parts[i] = name + "=" + mask(value)
		}
	}
	return head + "?" + strings.Join(parts, "&")
}
