package main

import "strings"

// kind is one way to reach the upstream.
type kind struct {
	name   string // of the row and of the server in the configuration
	what   string // in words
	path   string // at the upstream; "" for stdio
	typ    string // in the configuration
	modern bool   // 2026-07-28
	json   bool   // answers are application/json
	quiet  bool   // declares no list_changed, so that hosts keep no stream open
}

// Versions of MCP that the upstream speaks.
const (
	legacyVersion = "2025-11-25"
	modernVersion = "2026-07-28"
)

func kinds() []kind {
	return []kind{
		{name: "http-events", what: "streamable HTTP, event stream, " + legacyVersion, path: "/legacy/events/mcp", typ: "streamable-http"},
		{name: "http-json", what: "streamable HTTP, JSON, " + legacyVersion, path: "/legacy/json/mcp", typ: "streamable-http", json: true},
		{name: "modern-events", what: "streamable HTTP, event stream, " + modernVersion, path: "/modern/events/mcp", typ: "streamable-http", modern: true},
		{name: "modern-json", what: "streamable HTTP, JSON, " + modernVersion, path: "/modern/json/mcp", typ: "streamable-http", modern: true, json: true},
		{name: "stdio", what: "stdio", typ: "stdio"},
		{name: "sse", what: "sse", path: "/sse", typ: "sse"},
		{name: "websocket", what: "websocket", path: "/ws", typ: "websocket"},
	}
}

// quietKind declares plain tools, as most servers and the suite's upstream do.
func quietKind() kind {
	return kind{name: "http-quiet", what: "streamable HTTP, no list_changed", path: "/legacy/quiet/mcp", typ: "streamable-http", quiet: true}
}

func kindOf(name string) (kind, bool) {
	for _, k := range kinds() {
		if k.name == name {
			return k, true
		}
	}
	return kind{}, false
}

// url returns where the upstream at address serves the kind.
func (k kind) url(address string) string {
	scheme := "http://"
	if k.typ == "websocket" {
		scheme = "ws://"
	}
	return scheme + address + k.path
}

// chosen reports whether a comma separated list, or an empty one, has name.
func chosen(list, name string) bool {
	return list == "" || strings.Contains(","+list+",", ","+name+",")
}
