package config

import (
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"patchbay/internal/expand"
)

// rootKeys is the table of the file's top level: ours, and every documented section of
// LibreChat's, so that a file of theirs is never full of unknown keys.
func rootKeys() []key {
	later := func(name, doc string) key { return key{name: name, typ: tAny, unused: true, doc: doc} }
	return []key{
		{name: "version", typ: tString, doc: "Version of the file's format. Accepted; every version is read the same way."},
		{name: "mcpServers", typ: tMapOf, of: &key{typ: tObject, keys: serverKeys(), doc: "One MCP server."}, doc: "The MCP servers, by name."},
		{name: "mcpSettings", typ: tObject, keys: settingsKeys(), doc: "What holds for all MCP servers."},
		{name: "registration", typ: tObject, keys: registrationKeys(), doc: "Who may register, and what an e-mail address proves."},
		{name: "endpoints", typ: tObject, keys: endpointsKeys(), doc: "Model APIs, and what holds for agents."},
		{name: "modelSpecs", typ: tObject, keys: modelSpecsKeys(), doc: "Models with settings, offered under names of their own."},
		{name: "interface", typ: tObject, keys: interfaceKeys(), doc: "Parts of the user interface."},
		later("actions", "Agent actions."),
		later("agents", "Agents."),
		later("balance", "Token balances."),
		later("cache", "Whether LibreChat caches."),
		later("emailChange", "Changing one's e-mail address."),
		later("mcpAppSandbox", "Apps of MCP servers."),
		later("skillSync", "Skills."),
		later("cloudfront", "Where files are served from."),
		later("fileConfig", "Limits of uploads."),
		later("fileStrategies", "Where kinds of files are stored."),
		later("fileStrategy", "Where files are stored."),
		later("filteredTools", "LibreChat's own tools that are hidden."),
		later("imageOutputType", "Format of generated images."),
		later("includedTools", "LibreChat's own tools that are shown."),
		later("langfuse", "Tracing."),
		later("memory", "Memories."),
		later("messageFilter", "Filter of messages."),
		later("ocr", "Reading text from images."),
		later("rateLimits", "Limits of uploads, imports and speech."),
		later("secureImageLinks", "Whether images need a login."),
		later("skills", "Skills."),
		later("speech", "Speech."),
		later("summarization", "Summaries of long conversations."),
		later("summarize", "Summaries of long conversations."),
		later("transactions", "Records of token use."),
		later("turnstile", "Cloudflare's check of visitors."),
		later("webSearch", "Web search."),
	}
}

func settingsKeys() []key {
	return []key{
		{
			name: "allowedDomains", typ: tStrings, def: "any",
			doc: "When not empty, the only hosts that servers may be at: `example.com`, `*.example.com`, `https://example.com:8443`.",
			set: func(r *reader, v *value, path string) { r.cfg.Settings.AllowedDomains = r.each(v, path, domainProblem) },
		},
		{
			name: "allowedAddresses", typ: tStrings, def: "none",
			doc: "Private addresses that definitions made by people may reach, and with `strict` the file's too: `host:port`, or a CIDR such as `10.0.0.0/8`.",
			set: func(r *reader, v *value, path string) {
				r.cfg.Settings.AllowedAddresses = r.each(v, path, addressProblem)
			},
		},
		{
			name: "allowStdioFromApi", typ: tBool, def: "false", ours: true, doc: "Whether an ADMIN may make stdio servers through the API. They run programs on this machine.",
			set: func(r *reader, v *value, _ string) { r.cfg.Settings.AllowStdioFromAPI = v.bool() },
		},
		{
			name: "strict", typ: tBool, def: "false", ours: true, doc: "Whether the file's servers too may reach public addresses only, plus `allowedAddresses`.",
			set: func(r *reader, v *value, _ string) { r.cfg.Settings.Strict = v.bool() },
		},
		{name: "limits", typ: tObject, keys: limitKeys(), ours: true, doc: "How much there may be at once. `0` is no limit."},
		{
			name: "publicUrl", typ: tBool, def: "false", ours: true, doc: "Whether this instance can be reached from the internet, so that authorization servers can read its client documents.",
			set: func(r *reader, v *value, _ string) { r.cfg.Settings.PublicURL = v.bool() },
		},
	}
}

func limitKeys() []key {
	limit := func(name, def, doc string, field func(*Limits) *int) key {
		return key{name: name, typ: tInt, min: 0, max: 1 << 30, def: def, ours: true, doc: doc, set: func(r *reader, v *value, _ string) {
			n, _ := v.integer()
			*field(&r.cfg.Settings.Limits) = int(n)
		}}
	}
	perUser := func(more string) []key {
		return []key{
			limit("connections", "50", "Open connections"+more, func(l *Limits) *int { return &l.UserConnections }),
			limit("concurrentCalls", "32", "Tool calls running at the same time"+more, func(l *Limits) *int { return &l.UserConcurrentCalls }),
			limit("callsPerMinute", "600", "Tool calls in a minute"+more, func(l *Limits) *int { return &l.UserCallsPerMinute }),
		}
	}
	return append(perUser(" of one user: short for the same in `perUser`."), []key{
		{name: "perUser", typ: tObject, ours: true, doc: "Of one user, over all servers.", keys: perUser(".")},
		{name: "perServer", typ: tObject, ours: true, doc: "Of one server, over all users.", keys: []key{
			limit("connections", "2000", "Open connections.", func(l *Limits) *int { return &l.ServerConnections }),
		}},
		limit("stdioProcesses", "the smaller of 64 and half of the memory divided by 150 MiB",
			"Child processes in all. At the limit the one idle longest ends to make room.", func(l *Limits) *int { return &l.StdioProcesses }),
	}...)
}

func registrationKeys() []key {
	return []key{
		{
			name: "allowedDomains", typ: tStrings, def: "any", doc: "E-mail domains whose owners may register.",
			set: func(r *reader, v *value, path string) {
				for _, d := range r.each(v, path, mailDomainProblem) {
					r.cfg.Registration.AllowedDomains = append(r.cfg.Registration.AllowedDomains, strings.ToLower(strings.TrimPrefix(d, "@")))
				}
			},
		},
		{
			name: "trustEmail", typ: tBool, def: "false", ours: true, doc: "Whether an e-mail address that nobody verified fills `{{LIBRECHAT_USER_EMAIL}}` and matches `user:EMAIL`.",
			set: func(r *reader, v *value, _ string) { r.cfg.Registration.TrustEmail = v.bool() },
		},
		{name: "socialLogins", typ: tAny, unused: true, doc: "Logins at other providers."},
	}
}

// each checks every text of a list and returns them.
func (r *reader) each(v *value, path string, problem func(string) string) []string {
	for i, item := range v.items {
		if why := problem(item.text); why != "" {
			r.fail(at(item), path+"["+strconv.Itoa(i)+"]", "%s", why)
		}
	}
	return texts(v)
}

var domainPattern = regexp.MustCompile(`^(?i)([a-z]+://)?(\*\.)?([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?\.?(:[0-9]{1,5})?$`)

func domainProblem(s string) string {
	host := s
	if _, rest, ok := strings.Cut(s, "://"); ok {
		host = rest
	}
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return ""
	}
	if h, port, err := net.SplitHostPort(host); err == nil && validPort(port) {
		if _, err := netip.ParseAddr(h); err == nil {
			return ""
		}
	}
	if !domainPattern.MatchString(s) {
		return "must be a host like example.com, *.example.com or https://example.com:8443"
	}
	return ""
}

func addressProblem(s string) string {
	if _, err := netip.ParsePrefix(s); err == nil {
		return ""
	}
	host, port, err := net.SplitHostPort(s)
	if err != nil || host == "" || !validPort(port) || strings.ContainsAny(host, "/*@ ") {
		return "must be host:port, or a CIDR such as 10.0.0.0/8"
	}
	return ""
}

func validPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}

func mailDomainProblem(s string) string {
	s = strings.TrimPrefix(s, "@")
	if s == "" || strings.ContainsAny(s, "@*: /") {
		return "must be the domain of e-mail addresses, like example.com"
	}
	return ""
}

// setToolApproval reads `agents.toolApproval`, leniently: LibreChat's has more forms.
func setToolApproval(r *reader, t *value, _ string) {
	if t.kind != isMap {
		return
	}
	a := &r.cfg.ToolApproval
	a.Enabled = true
	if x := t.get("enabled"); x != nil {
		a.Enabled = x.bool()
	}
	if x := t.get("mode"); x != nil && x.scalar() {
		a.Mode = x.text
	}
	for name, list := range map[string]*[]string{"allow": &a.Allow, "deny": &a.Deny, "ask": &a.Ask} {
		if x := t.get(name); x != nil && x.kind == isList {
			*list = texts(x)
		}
	}
}

// modelKeyNames collects the environment variables that `endpoints` takes keys of
// models from: they are patchbay's own secrets, whatever they are called.
func modelKeyNames(v *value, into map[string]bool) {
	if v == nil {
		return
	}
	for _, item := range v.items {
		modelKeyNames(item, into)
	}
	for _, p := range v.pairs {
		if p.value.kind == isString && strings.Contains(strings.ToLower(p.key), "key") {
			if name, ok := strings.CutPrefix(p.value.text, "${"); ok {
				into[strings.TrimSuffix(name, "}")] = true
			}
		}
		modelKeyNames(p.value, into)
	}
}

func isModelKey(names map[string]bool, env string) bool {
	return names[env] && !expand.IsSecretEnv(env) // those are refused already
}
