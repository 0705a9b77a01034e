// Package transport owns the wires: our own carriers of MCP messages for streamable
// HTTP, stdio, sse and websocket, and the child processes behind stdio. A Wire is
// the connection that the SDK negotiates, lists and subscribes on, and beside that a
// lane: tools/call as raw JSON past the SDK, told apart by ids. It owns sockets,
// headers, caps, the era of a server and typed errors.
//
// It does not own connections' lives, retries, time limits, users or tokens: those are
// conn's. Which addresses may be reached is netguard's.
//
// Everything exported is safe for concurrent use unless it says otherwise. A wire
// ends once, for one reason, which Err tells; it is never opened again.
package transport
