// Package provider holds what the model APIs have in common: an endpoint with its key,
// the one place that retries, streams with caps, names and schemas of tools in the form
// that models take, tool results as text and media, and the kinds of errors.
//
// Its children speak one vendor's format each and turn it into the messages of package
// patchbay and back; their types are known to nobody else. They keep no state of
// a conversation. It does not own the loop (agent), keys (vault) or which addresses may be
// reached (netguard): the HTTP client is handed in.
//
// Everything here is safe for concurrent use.
package provider
