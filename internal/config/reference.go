package config

import (
	"fmt"
	"strings"

	"patchbay/internal/expand"
)

// Reference returns docs/configuration.md, made of the tables of keys and of variables.
func Reference() []byte {
	var b strings.Builder
	b.WriteString(referenceHead)
	section(&b, "The file", "The top level of `librechat.yaml`.", rootKeys())
	section(&b, "mcpServers.NAME", "One MCP server. The name may be any text; `servers`, `tools`, `connection`, `oauth` and `config` are words of the API's paths.", serverKeys())
	section(&b, "mcpServers.NAME.oauth", "", oauthKeys())
	section(&b, "mcpServers.NAME.apiKey", "", apiKeyKeys())
	section(&b, "mcpServers.NAME.customUserVars.VAR", "", userVarKey().keys)
	section(&b, "mcpServers.NAME.access", "", accessKeys())
	section(&b, "mcpServers.NAME.tools", "", toolFilterKeys())
	section(&b, "mcpSettings", "A mistake in here refuses the whole file, because these settings guard everybody.", settingsKeys())
	section(&b, "mcpSettings.limits", "", limitKeys())
	for _, k := range limitKeys() {
		if k.typ == tObject {
			section(&b, "mcpSettings.limits."+k.name, k.doc, k.keys)
		}
	}
	section(&b, "registration", "", registrationKeys())
	section(&b, "endpoints", "A mistake in a provider makes that one unusable and leaves the others alone. Providers whose key stands in the environment need no section.", endpointsKeys())
	section(&b, "endpoints.openAI, anthropic, google, azureOpenAI, bedrock", "", builtinKeys())
	section(&b, "endpoints.bedrock", "Beside the keys of all of them:", []key{guardrailKey()})
	section(&b, "endpoints.azureOpenAI.groups[]", "", groupsKey().of.keys)
	section(&b, "endpoints.custom[]", customIntro, customKeys())
	section(&b, "endpoints.….models", "", modelsKeys())
	section(&b, "endpoints.agents", "", agentsKeys())
	section(&b, "modelSpecs", "", modelSpecsKeys())
	section(&b, "modelSpecs.list[]", "An entry with a mistake is left out.", specKeys())
	section(&b, "modelSpecs.list[].preset", "", presetKeys())
	section(&b, "interface", "", interfaceKeys())
	section(&b, "interface.mcpServers", "", interfaceMCPKeys())
	section(&b, "interface.privacyPolicy, termsOfService", "", lookup(interfaceKeys(), "termsOfService").keys)
	placeholderReference(&b)
	b.WriteString("## Environment variables\n\nThe process environment wins over `.env` beside the configuration file, and that over `.env` in the working folder. " +
		"A variable marked *secret* may come from a file: `NAME_FILE` names it.\n\n| variable | default | meaning |\n|---|---|---|\n")
	for _, v := range Variables() {
		doc := v.Doc
		if v.Secret {
			doc = "*Secret.* " + doc
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", v.Name, cell(v.Default), cell(doc))
	}
	return []byte(b.String())
}

const referenceHead = `# Configuration

This page is generated from the table of keys (` + "`go test ./internal/config -run Reference -update`" + `). Editors take the
schema of ` + "`patchbay schema`" + `; ` + "`patchbay check`" + ` reads a file and says what it finds, with line and column.

`

const customIntro = `An Ollama on this machine needs no account:

` + "```yaml" + `
endpoints:
  custom:
    - name: ollama
      baseURL: http://localhost:11434/v1
      apiKey: ollama # Ollama takes any
      models:
        fetch: true # what "ollama pull" has brought
` + "```" + `

`

func section(b *strings.Builder, title, intro string, keys []key) {
	fmt.Fprintf(b, "## %s\n\n", title)
	if intro != "" {
		b.WriteString(strings.TrimSpace(intro) + "\n\n")
	}
	b.WriteString("| key | value | for | default | meaning |\n|---|---|---|---|---|\n")
	var unused []string
	for i := range keys {
		k := &keys[i]
		if k.unused && !strings.HasPrefix(k.doc, "Accepted") {
			unused = append(unused, "`"+k.name+"`")
			continue
		}
		doc := k.doc
		if k.places {
			doc += " *Placeholders.*"
		}
		if k.ours {
			doc += " *patchbay's own.*"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s |\n", k.name, cell(k.says()), cell(k.where()), cell(k.def), cell(doc))
	}
	if len(unused) > 0 {
		b.WriteString("\nAccepted and not used here: " + strings.Join(unused, ", ") + ".\n")
	}
	b.WriteString("\n")
}

func cell(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "|", `\|`), "\n", " ")
}

func placeholderReference(b *strings.Builder) {
	b.WriteString(`## Placeholders

They are replaced in the values of the keys marked *Placeholders*, once: what one turns into is never looked at again.

| placeholder | turns into |
|---|---|
| ` + "`${NAME}`" + ` | the environment variable NAME, without blanks around it. Unset: that server is ` + "`error`, `env_missing`" + `. In definitions made by people it is a variable of theirs |
| ` + "`{{NAME}}`" + ` | the user's value of a variable of ` + "`customUserVars`" + ` |
`)
	for _, f := range expand.UserFields() {
		fmt.Fprintf(b, "| `{{LIBRECHAT_USER_%s}}` | the account's %s |\n", f, strings.ToLower(f))
	}
	b.WriteString("| `{{LIBRECHAT_BODY_CONVERSATIONID}}`, `{{LIBRECHAT_BODY_PARENTMESSAGEID}}`, `{{LIBRECHAT_BODY_MESSAGEID}}` | the field of the request; the server then gets a connection for each run |\n\n" +
		"In a URL they may stand in the host (one label of a-z, 0-9 and -), the path (never empty, `.` or `..`) and the query. A header takes no control characters; what is beyond Latin-1 is sent as `b64:` and base64. " +
		"An e-mail address that nobody verified is empty, unless `registration.trustEmail` is true.\n\nNever replaced in a server: `" +
		strings.Join(expand.SecretEnvNames(), "`, `") + "`, and the variables that `endpoints` takes keys from. Those of model keys are replaced in `endpoints`, whose headers take `{{LIBRECHAT_USER_…}}` too.\n\n")
}
