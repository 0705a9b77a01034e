// Package mcpconv turns MCP's JSON into the domain's types, without loss: schemas,
// annotations and results stay the bytes that the server sent, so that numbers keep
// their digits and members nobody here knows survive. Only what is looked at is decoded.
//
// It owns the caps on what a server may say of one tool, and the typed view of a tool
// result. It does not own caps on whole messages (transport) or on a whole list (conn).
//
// Everything here is a pure function, safe for concurrent use. What it is given comes
// from strangers: nothing may panic, and every reading is bounded by its input's size.
package mcpconv
