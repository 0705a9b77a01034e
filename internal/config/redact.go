package config

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"patchbay"
)

// Redaction is what a literal secret reads as.
const Redaction = "set"

var placeholderPattern = regexp.MustCompile(`\$\{[^{}\r\n]+\}|\{\{[^{}\r\n]+\}\}`)

// RedactValue shows a value that may be a secret: placeholders as written, with the
// scheme word before them; "set" when anything else is in it; "" stays "".
func RedactValue(s string) string {
	if s == "" {
		return ""
	}
	rest := placeholderPattern.ReplaceAllString(s, "")
	if rest == s {
		return Redaction
	}
	for _, word := range strings.Fields(rest) {
		if !slices.Contains([]string{"bearer", "basic", "token"}, strings.ToLower(word)) {
			return Redaction
		}
	}
	return s
}

func redactMap(m map[string]string) map[string]string {
	out := maps.Clone(m)
	for k, v := range out {
		if !harmless[strings.ToUpper(k)] {
			out[k] = RedactValue(v)
		}
	}
	return out
}

// harmless are names whose literal values nobody hides anything in.
var harmless = map[string]bool{
	"NODE_ENV": true, "LANG": true, "LC_ALL": true, "TZ": true, "LOG_LEVEL": true, "DEBUG": true,
	"ACCEPT": true, "ACCEPT-LANGUAGE": true, "CONTENT-TYPE": true, "USER-AGENT": true,
}

// RedactURL shows an address without password and literal query values.
func RedactURL(s string) string {
	head, query, found := strings.Cut(s, "?")
	if scheme, rest, ok := strings.Cut(head, "://"); ok {
		authority, path, slash := strings.Cut(rest, "/")
		if i := strings.LastIndexByte(authority, '@'); i >= 0 {
			head = scheme + "://" + Redaction + authority[i:]
			if slash {
				head += "/" + path
			}
		}
	}
	if !found {
		return head
	}
	var parts []string
	for param := range strings.SplitSeq(query, "&") {
		name, v, has := strings.Cut(param, "=")
		if has && v != "" {
			param = name + "=" + url.QueryEscape(RedactValue(v))
			if placeholderPattern.MatchString(v) && RedactValue(v) == v {
				param = name + "=" + v
			}
		}
		parts = append(parts, param)
	}
	return head + "?" + strings.Join(parts, "&")
}

var secretFlag = regexp.MustCompile(`(?i)(key|token|secret|passw|credential|auth)`)

// redactArgs hides what follows a flag that names a secret: --token=x, --api-key x.
func redactArgs(args []string) []string {
	out := slices.Clone(args)
	for i, a := range out {
		name, v, joined := strings.Cut(a, "=")
		switch {
		case joined && secretFlag.MatchString(name):
			out[i] = name + "=" + RedactValue(v)
		case i > 0 && strings.HasPrefix(args[i-1], "-") && !strings.Contains(args[i-1], "=") &&
			secretFlag.MatchString(args[i-1]) && !strings.HasPrefix(a, "-"):
			out[i] = RedactValue(a)
		case strings.Contains(a, "://"):
			out[i] = RedactURL(a)
		}
	}
	return out
}

// Redacted returns a copy of def that may be shown to those who may EDIT it: literal
// secrets read "set", placeholders as written.
func Redacted(def *patchbay.Server) *patchbay.Server {
	s := *def
	s.Args, s.URL, s.Proxy = redactArgs(def.Args), RedactURL(def.URL), RedactURL(def.Proxy)
	s.Env, s.Headers, s.RequestHeaders, s.OAuthHeaders = redactMap(def.Env), redactMap(def.Headers), redactMap(def.RequestHeaders), redactMap(def.OAuthHeaders)
	if def.APIKey != nil {
		k := *def.APIKey
		k.Key = RedactValue(k.Key)
		s.APIKey = &k
	}
	if def.OAuth != nil {
		o := *def.OAuth
		o.ClientSecret = RedactValue(o.ClientSecret)
		o.AuthorizationURL, o.TokenURL, o.RevocationURL = RedactURL(o.AuthorizationURL), RedactURL(o.TokenURL), RedactURL(o.RevocationURL)
		s.OAuth = &o
	}
	s.Hash = ""
	return &s
}

// Dump writes the configuration as it was understood, defaults filled in, without
// secrets: what `patchbay check` prints.
func Dump(cfg *Config) ([]byte, error) {
	servers := yaml.MapSlice{}
	for _, s := range cfg.Servers {
		servers = append(servers, yaml.MapItem{Key: s.Name, Value: dumpServer(Redacted(s))})
	}
	root := yaml.MapSlice{{Key: "mcpServers", Value: servers}, {Key: "mcpSettings", Value: dumpSettings(cfg.Settings)}}
	registration := fieldsOf{}
	registration.add("allowedDomains", cfg.Registration.AllowedDomains, len(cfg.Registration.AllowedDomains) > 0)
	registration.add("trustEmail", cfg.Registration.TrustEmail, true)
	root = append(root,
		yaml.MapItem{Key: "registration", Value: yaml.MapSlice(registration)},
		yaml.MapItem{Key: "endpoints", Value: dumpEndpoints(cfg)},
		yaml.MapItem{Key: "modelSpecs", Value: dumpSpecs(cfg.ModelSpecs)},
		yaml.MapItem{Key: "interface", Value: dumpInterface(cfg.Interface)},
	)
	return yaml.Marshal(root)
}
