// Package config reads what the operator writes: librechat.yaml, the process
// environment and `.env`. It turns them into domain values (servers) and plain option
// values for each part, and says of every mistake where it is and what to write.
//
// One table of keys (keys.go, sections.go) is the source of validation, of the nearest
// key for an unknown one, of the JSON Schema for editors and of docs/configuration.md.
//
// It does not own what is done with the values: registry compares definitions, conn
// connects, netguard guards. It does not expand placeholders (package expand), it only
// puts a line and column to what expand finds wrong.
//
// Parse, ParseDefinition, Schema, Locate and the methods of Env are pure or read-only
// and safe for concurrent use. A *Config, once returned, is never changed. Watcher.Run
// calls its function from one goroutine.
package config
