// Package conn owns the life of connections to MCP servers: opening one for all who
// wait, choosing the protocol's era, keeping it, calling tools on it, closing it when
// idle, when its definition changed or when it broke. One connection belongs to one
// Key, and a Key to one user (or, at app level, to nobody).
//
// It does not own definitions (registry), values of placeholders (the Values option),
// sign-in (flow), permissions (tools) or what is shown (status). A 401 comes back up
// as a *patchbay.ConnectError with the challenge in it.
//
// All methods of Pool may be called concurrently. No lock is held across I/O. Background
// work runs in Run, or in goroutines that Close waits for.
package conn
