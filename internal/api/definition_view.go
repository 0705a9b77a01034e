package api

import (
	"strings"
	"time"

	"patchbay"
	"patchbay/internal/mask"
)

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
		Command: def.Command, Args: mask.Args(def.Args), Env: mask.Map(def.Env, mask.Env), Cwd: def.Dir,
		URL: mask.URL(def.URL), Headers: mask.Map(def.Headers, mask.Header),
		RequestHeaders: mask.Map(def.RequestHeaders, mask.Header), Proxy: mask.URL(def.Proxy),
		Timeout: ms(def.CallTimeout), InitTimeout: ms(def.ConnectTimeout),
		Startup: &def.Startup, OAuthHeaders: mask.Map(def.OAuthHeaders, mask.Header), Level: def.ForcedLevel,
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
			Provider: o.Provider, AuthorizationURL: mask.URL(o.AuthorizationURL), TokenURL: mask.URL(o.TokenURL),
			RevocationURL: mask.URL(o.RevocationURL), ClientID: o.ClientID, ClientSecret: mask.Value(o.ClientSecret),
			Scope: strings.Join(o.Scopes, " "), Scopes: o.Scopes, Audience: o.Audience, TokenEnv: o.TokenEnv,
		}
	}
	if k := def.APIKey; k != nil {
		v.APIKey = &apiKeyView{k.Source, k.AuthorizationType, k.CustomHeader, mask.Value(k.Key)}
	}
	return v
}

func ms(d time.Duration) int64 { return d.Milliseconds() }
