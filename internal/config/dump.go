package config

import (
	"maps"
	"slices"

	"github.com/goccy/go-yaml"

	"patchbay"
	"patchbay/internal/expand"
)

// fieldsOf is a map in a fixed order.
type fieldsOf yaml.MapSlice

func (f *fieldsOf) add(name string, v any, when bool) {
	if when {
		*f = append(*f, yaml.MapItem{Key: name, Value: v})
	}
}

func (f *fieldsOf) text(name, v string) { f.add(name, v, v != "") }

func (f *fieldsOf) list(name string, v []string) { f.add(name, v, len(v) > 0) }

func (f *fieldsOf) texts(name string, m map[string]string) {
	inner := yaml.MapSlice{}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		inner = append(inner, yaml.MapItem{Key: k, Value: m[k]})
	}
	f.add(name, inner, len(m) > 0)
}

func dumpServer(s *patchbay.Server) yaml.MapSlice {
	f := fieldsOf{}
	if s.Problem != nil {
		f.text("problem", string(s.Problem.Reason)+": "+s.Problem.Message)
	}
	f.text("type", string(s.Transport))
	f.text("title", s.Title)
	f.text("description", s.Description)
	f.text("command", s.Command)
	f.list("args", s.Args)
	f.texts("env", s.Env)
	f.text("cwd", s.Dir)
	f.add("stderr", string(s.Stderr), s.Transport == patchbay.TransportStdio)
	f.text("url", s.URL)
	f.texts("headers", s.Headers)
	f.texts("requestHeaders", s.RequestHeaders)
	f.text("proxy", s.Proxy)
	f.add("timeout", s.CallTimeout.Milliseconds(), true)
	f.add("initTimeout", s.ConnectTimeout.Milliseconds(), true)
	f.add("sseReadTimeout", s.SSEReadTimeout.Milliseconds(), s.Transport == patchbay.TransportHTTP || s.Transport == patchbay.TransportSSE)
	f.add("chatMenu", s.ChatMenu, true)
	f.add("startup", s.Startup, true)
	f.add("serverInstructions", true, s.Instructions.FromServer)
	f.text("serverInstructions", s.Instructions.Text)
	f.text("iconPath", shortened(s.IconPath))
	if s.RequiresOAuth != nil {
		f.add("requiresOAuth", *s.RequiresOAuth, true)
	}
	if s.OAuth != nil {
		f.add("oauth", dumpOAuth(s.OAuth), true)
	}
	f.texts("oauth_headers", s.OAuthHeaders)
	if k := s.APIKey; k != nil {
		inner := fieldsOf{}
		inner.text("key", k.Key)
		inner.text("source", k.Source)
		inner.text("authorization_type", k.AuthorizationType)
		inner.text("custom_header", k.CustomHeader)
		f.add("apiKey", yaml.MapSlice(inner), true)
	}
	f.add("customUserVars", dumpVars(s.UserVars), len(s.UserVars) > 0)
	f.add("level", string(expand.LevelOf(s)), true)
	f.add("access", yaml.MapSlice{
		{Key: "view", Value: granteeTexts(s.Access.View)},
		{Key: "use", Value: granteeTexts(s.Access.Use)},
	}, true)
	tools := fieldsOf{}
	tools.list("allow", s.Tools.Allow)
	tools.list("deny", s.Tools.Deny)
	f.add("tools", yaml.MapSlice(tools), len(tools) > 0)
	if len(s.Approval.Rules) > 0 {
		rules := yaml.MapSlice{}
		for _, rule := range s.Approval.Rules {
			rules = append(rules, yaml.MapItem{Key: rule.Glob, Value: rule.Mode})
		}
		f.add("approval", rules, true)
	} else {
		f.text("approval", s.Approval.Default)
	}
	return yaml.MapSlice(f)
}

func dumpOAuth(o *patchbay.OAuthConfig) yaml.MapSlice {
	f := fieldsOf{}
	f.text("provider", o.Provider)
	f.text("authorization_url", o.AuthorizationURL)
	f.text("token_url", o.TokenURL)
	f.text("revocation_endpoint", o.RevocationURL)
	f.text("redirect_uri", o.RedirectURI)
	f.text("client_id", o.ClientID)
	f.text("client_secret", o.ClientSecret)
	f.list("scopes", o.Scopes)
	f.text("audience", o.Audience)
	f.text("token_exchange_method", o.TokenExchangeMethod)
	f.list("grant_types_supported", o.GrantTypes)
	f.list("token_endpoint_auth_methods_supported", o.TokenEndpointAuthMethods)
	f.list("revocation_endpoint_auth_methods_supported", o.RevocationEndpointAuthMethods)
	f.list("response_types_supported", o.ResponseTypes)
	f.list("code_challenge_methods_supported", o.CodeChallengeMethods)
	f.add("skip_code_challenge_check", true, o.SkipCodeChallengeCheck)
	f.add("forward_audience_on_refresh", false, !o.ForwardAudienceOnRefresh)
	f.add("send_resource_parameter", false, !o.SendResource)
	f.text("token_env", o.TokenEnv)
	return yaml.MapSlice(f)
}

func dumpVars(vars []patchbay.UserVar) yaml.MapSlice {
	all := yaml.MapSlice{}
	for _, v := range vars {
		if v.Short {
			all = append(all, yaml.MapItem{Key: v.Name, Value: v.Title})
			continue
		}
		f := fieldsOf{}
		f.text("title", v.Title)
		f.text("description", v.Description)
		f.add("sensitive", v.Sensitive, true)
		all = append(all, yaml.MapItem{Key: v.Name, Value: yaml.MapSlice(f)})
	}
	return all
}

func dumpSettings(s Settings) yaml.MapSlice {
	f := fieldsOf{}
	f.list("allowedDomains", s.AllowedDomains)
	f.list("allowedAddresses", s.AllowedAddresses)
	f.add("allowStdioFromApi", s.AllowStdioFromAPI, true)
	f.add("strict", s.Strict, true)
	f.add("publicUrl", s.PublicURL, true)
	f.add("limits", yaml.MapSlice{
		{Key: "perUser", Value: yaml.MapSlice{
			{Key: "connections", Value: s.Limits.UserConnections},
			{Key: "concurrentCalls", Value: s.Limits.UserConcurrentCalls},
			{Key: "callsPerMinute", Value: s.Limits.UserCallsPerMinute},
		}},
		{Key: "perServer", Value: yaml.MapSlice{{Key: "connections", Value: s.Limits.ServerConnections}}},
		{Key: "stdioProcesses", Value: s.Limits.StdioProcesses},
	}, true)
	return yaml.MapSlice(f)
}

func granteeTexts(gs []patchbay.Grantee) []string {
	out := make([]string, 0, len(gs))
	for _, g := range gs {
		out = append(out, g.String())
	}
	return out
}

// shortened keeps a data URI from filling the screen.
func shortened(s string) string {
	if len(s) > 120 {
		return s[:100] + "…"
	}
	return s
}
