// Package oauth is the wire side of signing in to MCP servers: reading challenges,
// finding the authorization server (RFC 9728, RFC 8414, OIDC discovery), getting a
// client there (RFC 7591, client-id metadata documents), the authorize URL with PKCE,
// what a callback must fulfil, and the exchanges at the token and revocation endpoints.
//
// It does not own anything that lasts: flows are flow's, tokens and registrations are
// vault's, when to refresh is vault's. Nothing is stored here and nothing runs between
// calls. It opens no connection of its own: HTTP comes from the guard, by trust class.
//
// What it promises to those above: a secret (client secret, code, verifier, refresh
// token, access token) goes only to an endpoint that the issuer's own metadata or the
// operator's block named, never to a guess and never along a redirect; every answer is
// capped in bytes, depth and time; every failure is an *Error that says what to do next
// and holds no secret.
//
// Concurrency: a Client is immutable and safe for concurrent use; everything else is a
// value.
package oauth
