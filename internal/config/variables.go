package config

// Variable is one environment variable that patchbay reads.
type Variable struct {
	Name    string
	Default string
	Doc     string
	Secret  bool
	Live    bool // a change in `.env` counts without a restart
}

// Variables is the table of environment variables: the source of what counts as known,
// of what needs a restart and of the documentation.
func Variables() []Variable {
	return []Variable{
		{Name: "CONFIG_PATH", Doc: "The configuration file. A file, not a URL."},
		{Name: "LIBRECHAT_CONFIG_DIR", Default: "the home folder", Doc: "Where Smithery's command puts `LibreChat/librechat.yaml`."},
		{Name: "HOST", Default: "127.0.0.1", Doc: "The address to listen on."},
		{Name: "PORT", Default: "3080", Doc: "The port to listen on."},
		{Name: "DOMAIN_SERVER", Default: "derived", Doc: "The public base URL; a sub-path is honoured."},
		{Name: "TRUST_PROXY", Default: "nobody", Doc: "Whose `X-Forwarded-*` headers count: a number of proxies, or addresses, networks and `loopback` separated by commas."},
		{Name: "PATCHBAY_DATA", Default: "./data", Doc: "The data folder: SQLite file and keys."},
		{Name: "DATABASE_URL", Default: "SQLite", Secret: true, Doc: "`postgres://…` for PostgreSQL."},
		{Name: "CREDS_KEY", Default: "a key file in the data folder", Secret: true, Doc: "The key that seals credentials: 64 hexadecimal digits."},
		{Name: "CREDS_KEY_PREVIOUS", Default: "none", Secret: true, Doc: "Keys before it, separated by commas: what they sealed can still be read."},
		{Name: "ALLOW_REGISTRATION", Default: "false", Doc: "Whether people may register themselves."},
		{Name: "PROXY", Default: "none", Doc: "The proxy of all outbound requests: http, https or socks5."},
		{Name: "NO_PROXY", Default: "none", Doc: "Hosts that are reached without it, separated by commas."},
		{Name: "METRICS_LISTEN", Default: "none", Doc: "A listener for `/metrics` alone, without login: `127.0.0.1:9090`."},
		{Name: "LOG_FORMAT", Default: "text", Doc: "`text` or `json`."},
		{Name: "LOG_LEVEL", Default: "info", Doc: "`debug`, `info`, `warn` or `error`."},
		{Name: "PATCHBAY_URL", Default: "the running instance", Doc: "The instance that shell commands talk to."},
		{Name: "PATCHBAY_TOKEN", Default: "`cli.json`", Secret: true, Doc: "The API token of shell commands."},
		{Name: "OAUTH_GOOGLE_CLIENT_ID", Doc: "Client of the preset `google`.", Live: true},
		{Name: "OAUTH_GOOGLE_CLIENT_SECRET", Secret: true, Doc: "Its secret.", Live: true},
		{Name: "OAUTH_GITHUB_CLIENT_ID", Doc: "Client of the preset `github`.", Live: true},
		{Name: "OAUTH_GITHUB_CLIENT_SECRET", Secret: true, Doc: "Its secret.", Live: true},
		{Name: "ENDPOINTS", Default: "all", Live: true, Doc: "The providers that are offered, in this order, separated by commas: `openAI`, `azureOpenAI`, `google`, `anthropic`, `bedrock`, `custom`."},
		{Name: "OPENAI_API_KEY", Secret: true, Live: true, Doc: "OpenAI's key; `user_provided` asks each person for theirs."},
		{Name: "OPENAI_MODELS", Default: "asked", Live: true, Doc: "Its models, separated by commas; the first is the default."},
		{Name: "OPENAI_REVERSE_PROXY", Default: "https://api.openai.com/v1", Live: true, Doc: "Another address; `user_provided` asks each person, together with the key."},
		{Name: "OPENAI_ORGANIZATION", Live: true, Doc: "The organisation that pays, where `endpoints.openAI` has no headers of its own."},
		{Name: "OPENAI_TITLE_MODEL", Default: "the conversation's", Live: true, Doc: "The model that titles conversations."},
		{Name: "ANTHROPIC_API_KEY", Secret: true, Live: true, Doc: "Anthropic's key; `user_provided` asks each person for theirs."},
		{Name: "ANTHROPIC_MODELS", Default: "asked", Live: true, Doc: "Its models, separated by commas; the first is the default."},
		{Name: "ANTHROPIC_REVERSE_PROXY", Default: "https://api.anthropic.com", Live: true, Doc: "Another address; `user_provided` asks each person, together with the key."},
		{Name: "ANTHROPIC_TITLE_MODEL", Default: "the conversation's", Live: true, Doc: "The model that titles conversations."},
		{Name: "GOOGLE_KEY", Secret: true, Live: true, Doc: "Gemini's key; `user_provided` asks each person for theirs."},
		{Name: "GOOGLE_MODELS", Default: "asked", Live: true, Doc: "Its models, separated by commas; the first is the default."},
		{Name: "GOOGLE_REVERSE_PROXY", Default: "https://generativelanguage.googleapis.com", Live: true, Doc: "Another address; `user_provided` asks each person, together with the key."},
		{Name: "GOOGLE_TITLE_MODEL", Default: "the conversation's", Live: true, Doc: "The model that titles conversations."},
		{Name: "AZURE_API_KEY", Secret: true, Live: true, Doc: "Azure OpenAI's key, for deployments whose group has none; `user_provided` asks each person for theirs."},
		{Name: "AZURE_OPENAI_API_INSTANCE_NAME", Live: true, Doc: "The instance, where `endpoints.azureOpenAI` has no groups."},
		{Name: "AZURE_OPENAI_API_DEPLOYMENT_NAME", Default: "the model's name", Live: true, Doc: "Its deployment."},
		{Name: "AZURE_OPENAI_API_VERSION", Default: "none: the address with `/openai/v1`", Live: true, Doc: "The version it is asked in."},
		{Name: "AZURE_OPENAI_BASEURL", Default: "the instance's", Live: true, Doc: "Another address, before `/chat/completions`; `${INSTANCE_NAME}` and `${DEPLOYMENT_NAME}` are put in."},
		{Name: "AZURE_OPENAI_MODELS", Default: "the deployment", Live: true, Doc: "Its models, separated by commas; the first is the default."},
		{Name: "BEDROCK_AWS_ACCESS_KEY_ID", Secret: true, Live: true, Doc: "The id of AWS's key for Bedrock; `user_provided` asks each person for `ID:SECRET`, `ID:SECRET:TOKEN` or a Bedrock API key."},
		{Name: "BEDROCK_AWS_SECRET_ACCESS_KEY", Secret: true, Live: true, Doc: "Its secret."},
		{Name: "AWS_BEARER_TOKEN_BEDROCK", Secret: true, Live: true, Doc: "A Bedrock API key, in place of an access key."},
		{Name: "BEDROCK_AWS_SESSION_TOKEN", Secret: true, Live: true, Doc: "Its token, where it has one."},
		{Name: "BEDROCK_AWS_DEFAULT_REGION", Live: true, Doc: "The region of Bedrock. It has no default."},
		{Name: "BEDROCK_AWS_MODELS", Default: "a few of Anthropic's and Amazon's", Live: true, Doc: "Its models, inference profiles and their ARNs, separated by commas; the first is the default. Bedrock is not asked for its models."},
		{Name: "BEDROCK_REVERSE_PROXY", Default: "AWS's address in the region", Live: true, Doc: "Another address."},
		{Name: "MCP_USER_CONNECTION_IDLE_TIMEOUT", Default: "900000", Doc: "Milliseconds after which an unused connection of a user closes."},
		{Name: "MCP_TOOLS_LIST_MAX_PAGES", Default: "50", Doc: "Pages of a server's tool list that are read."},
		{Name: "MCP_TOOLS_LIST_MAX_TOOLS", Default: "1000", Doc: "Tools of a server that are taken."},
		{Name: "MCP_TOOLS_LIST_MAX_BYTES", Default: "5 MiB", Doc: "Bytes of a server's tool list."},
		{Name: "MCP_TOOLS_LIST_TIMEOUT_MS", Default: "30000", Doc: "Milliseconds that reading the tool list may take."},
		{Name: "MCP_STREAMABLE_HTTP_MAX_RESPONSE_BYTES", Default: "16 MiB", Doc: "Bytes of one answer of a server; `0` is no limit."},
		{Name: "MCP_STREAMABLE_HTTP_MAX_LINE_BYTES", Default: "5 MiB", Doc: "Bytes of one line of an event stream; `0` is no limit."},
	}
}
