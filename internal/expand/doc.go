// Package expand replaces the placeholders of a server definition: ${NAME} by the
// operator's environment, {{NAME}} by a person's variables and account, the request
// body's fields. It owns the grammar, what may stand where, how a value is encoded
// in its place, and what follows from the placeholders a definition holds: its level,
// the variables it needs, the trust its address deserves.
//
// It does not own the file (config finds the line of a problem), the values (vault,
// auth and config hand them in) or the connection. Everything here is a pure function
// from values to values and safe for concurrent use.
//
// The invariants, each fuzzed: text is scanned once and what a placeholder turns into
// is never scanned again; a value never leaves the URL part, header or argument it
// stands in; patchbay's own secrets cannot be named.
package expand
