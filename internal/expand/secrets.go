package expand

import (
	"slices"
	"strings"
)

// ownSecrets are the environment variables that are patchbay's own, or LibreChat's
// in the same place: no definition may carry them out, whoever wrote it.
var ownSecrets = map[string]bool{
	"CREDS_KEY": true, "CREDS_KEY_PREVIOUS": true, "CREDS_IV": true,
	"DATABASE_URL": true, "MONGO_URI": true, "REDIS_URI": true, "REDIS_PASSWORD": true, "REDIS_USERNAME": true,
	"NATS_URL": true, "MEILI_MASTER_KEY": true, "RAG_API_KEY": true,
	"JWT_SECRET": true, "JWT_REFRESH_SECRET": true, "SESSION_SECRET": true,
	"PATCHBAY_TOKEN":       true,
	"OPENID_CLIENT_SECRET": true, "OPENID_SESSION_SECRET": true,
	"LDAP_BIND_CREDENTIALS": true, "SAML_SESSION_SECRET": true, "SAML_PRIVATE_KEY": true, "EMAIL_PASSWORD": true,
}

// modelSecrets are the environment variables of model keys. Providers are asked with
// them; no server gets one.
var modelSecrets = map[string]bool{
	"OPENAI_API_KEY": true, "ANTHROPIC_API_KEY": true, "GOOGLE_KEY": true, "GOOGLE_SERVICE_KEY": true, "GOOGLE_API_KEY": true, "GEMINI_API_KEY": true,
	"AZURE_API_KEY": true, "AZURE_OPENAI_API_KEY": true, "AZURE_ASSISTANTS_API_KEY": true, "ASSISTANTS_API_KEY": true,
	"BEDROCK_AWS_ACCESS_KEY_ID": true, "BEDROCK_AWS_SECRET_ACCESS_KEY": true, "BEDROCK_AWS_SESSION_TOKEN": true,
	"BEDROCK_AWS_BEARER_TOKEN": true, "AWS_BEARER_TOKEN_BEDROCK": true,
	"ANYSCALE_API_KEY": true, "APIPIE_API_KEY": true, "COHERE_API_KEY": true, "DATABRICKS_API_KEY": true,
	"DEEPSEEK_API_KEY": true, "FIREWORKS_API_KEY": true, "GROQ_API_KEY": true, "HUGGINGFACE_TOKEN": true,
	"MISTRAL_API_KEY": true, "MOONSHOT_API_KEY": true, "OPENROUTER_KEY": true, "OPENROUTER_API_KEY": true,
	"PERPLEXITY_API_KEY": true, "SHUTTLEAI_API_KEY": true, "TOGETHERAI_API_KEY": true, "TOGETHER_API_KEY": true,
	"UNIFY_API_KEY": true, "XAI_API_KEY": true, "HELICONE_KEY": true, "OLLAMA_API_KEY": true,
}

// IsSecretEnv reports whether name is an environment variable that holds a secret of
// patchbay's own (the credential key, the database, model keys), or the _FILE twin of
// one. Such a variable is never expanded, for anyone. Case does not matter, because it
// does not on every system.
func IsSecretEnv(name string) bool {
	name = strings.ToUpper(name)
	bare := strings.TrimSuffix(name, "_FILE")
	return isOwnSecret(name) || modelSecrets[name] || modelSecrets[bare]
}

// isOwnSecret reports whether name is a secret that not even a model provider may get.
func isOwnSecret(name string) bool {
	name = strings.ToUpper(name)
	return ownSecrets[name] || ownSecrets[strings.TrimSuffix(name, "_FILE")]
}

// SecretEnvNames lists what IsSecretEnv knows, sorted, for documentation.
func SecretEnvNames() []string {
	names := append(sortedKeys(ownSecrets), sortedKeys(modelSecrets)...)
	slices.Sort(names)
	return names
}
