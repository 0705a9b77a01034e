// Package patchbay holds the domain of the host: servers, tools, connections'
// status, people and their permissions, errors. It imports the standard library
// only; every other package speaks these types. What decides (StatusOf, LevelOf,
// tool keys) is pure; what acts lives in internal/.
package patchbay

// Version is the release this tree builds. The Makefile overrides it at link time.
var Version = "0.1.0-dev"
