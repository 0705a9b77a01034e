// Package demo is the demo MCP server: a small server of our own that shows every
// kind of answer a tool can give, and that tests and first-time users can rely on.
//
// It owns its tools, resource, prompt and instructions, and the four ways to serve
// them: stdio, streamable HTTP (both protocol eras on one URL), SSE and websocket. It
// does not own anything of the host: it imports nothing of ours but the domain.
//
// Concurrency: one server value serves any number of clients at once; no tool keeps
// state between calls. Run stops and waits for all it started, save a read of an
// input that cannot be interrupted.
package demo
