package transport

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Names in _meta and of methods that the lane writes or watches.
const (
	metaPrefix       = "io.modelcontextprotocol/"
	metaVersion      = metaPrefix + "protocolVersion"
	metaClientInfo   = metaPrefix + "clientInfo"
	metaCapabilities = metaPrefix + "clientCapabilities"
	metaLogLevel     = metaPrefix + "logLevel"

	methodCall       = "tools/call"
	methodInitialize = "initialize"
	methodDiscover   = "server/discover"
	methodListen     = "subscriptions/listen"
	noteProgress     = "notifications/progress"
	noteLog          = "notifications/message"
	noteCancelled    = "notifications/cancelled"
)

var errArguments = errors.New("the arguments are not a JSON object")

// appendCall appends the request for a tools/call. meta are the era's own _meta
// members, without braces, empty for legacy servers. Nothing in it is decoded; that
// what came from outside is JSON is checked, so that it cannot break out of its place.
func appendCall(b []byte, id int64, c *Call, meta []byte) ([]byte, error) {
	start := len(b)
	b = append(b, `{"jsonrpc":"2.0","id":`...)
	b = strconv.AppendInt(b, id, 10)
	b = append(b, `,"method":"`+methodCall+`","params":{"name":`...)
	b = appendString(b, c.Name)
	b = append(b, `,"arguments":`...)
	switch {
	case len(c.Args) == 0:
		b = append(b, "{}"...)
	case !isObject(c.Args):
		return nil, errArguments
	default:
		b = append(b, c.Args...)
	}
	for _, m := range []struct {
		name  string
		value json.RawMessage
	}{{"inputResponses", c.InputResponses}, {"requestState", c.RequestState}} {
		if len(m.value) == 0 {
			continue
		}
		if !json.Valid(m.value) || !utf8.Valid(m.value) {
			return nil, errors.New("the " + m.name + " are not JSON")
		}
		b = append(append(append(b, `,"`...), m.name...), `":`...)
		b = append(b, m.value...)
	}
	if len(meta) > 0 || len(c.Meta) > 0 || c.Observer != nil {
		var err error
		if b, err = appendMeta(b, id, c, meta); err != nil {
			return nil, err
		}
	}
	b = append(b, "}}"...)
	oneLine(b[start:])
	return b, nil
}

// appendMeta appends the _meta member: the era's, the progress token, and what is
// left of the caller's.
func appendMeta(b []byte, id int64, c *Call, meta []byte) ([]byte, error) {
	b = append(b, `,"_meta":{`...)
	open := len(b)
	b = append(b, meta...)
	if c.Observer != nil {
		b = comma(b, open)
		b = append(b, `"progressToken":`...)
		b = strconv.AppendInt(b, id, 10)
		if len(meta) > 0 {
			// Modern servers send log lines only to who asks (2026-07-28, logging).
			b = append(b, `,"`+metaLogLevel+`":"info"`...)
		}
	}
	if len(c.Meta) > 0 {
		var more map[string]json.RawMessage
		if !utf8.Valid(c.Meta) || json.Unmarshal(c.Meta, &more) != nil {
			return nil, errors.New("the _meta is not a JSON object")
		}
		names := make([]string, 0, len(more))
		for name := range more {
			if !ours(name) {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		for _, name := range names {
			b = comma(b, open)
			b = appendString(b, name)
			b = append(b, ':')
			b = append(b, more[name]...)
		}
	}
	return append(b, '}'), nil
}

// ours reports whether a _meta member is the wire's to set.
func ours(name string) bool {
	switch name {
	case "progressToken", metaVersion, metaClientInfo, metaCapabilities, metaLogLevel:
		return true
	}
	return false
}

func comma(b []byte, open int) []byte {
	if len(b) > open {
		return append(b, ',')
	}
	return b
}

// appendListen appends the request for a modern server's change notifications.
func appendListen(b []byte, id int64, meta []byte) []byte {
	b = append(b, `{"jsonrpc":"2.0","id":`...)
	b = strconv.AppendInt(b, id, 10)
	b = append(b, `,"method":"`+methodListen+`","params":{"notifications":{"toolsListChanged":true,"promptsListChanged":true,"resourcesListChanged":true},"_meta":{`...)
	b = append(b, meta...)
	return append(b, "}}}"...)
}

// appendCancelled appends the notification that the call of id is no longer wanted.
func appendCancelled(b []byte, id int64, reason string) []byte {
	b = append(b, `{"jsonrpc":"2.0","method":"`+noteCancelled+`","params":{"requestId":`...)
	b = strconv.AppendInt(b, id, 10)
	b = append(b, `,"reason":`...)
	b = appendString(b, reason)
	return append(b, "}}"...)
}

// appendString appends s as a JSON string.
func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= 0x7f || c == '"' || c == '\\' {
			quoted, err := json.Marshal(strings.ToValidUTF8(s, "\ufffd"))
			if err != nil {
				return append(b, `""`...) // not reachable: a string always encodes
			}
			return append(b, quoted...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

// isObject reports whether raw is one valid JSON object.
func isObject(raw []byte) bool {
	i := space(raw, 0)
	return i < len(raw) && raw[i] == '{' && utf8.Valid(raw) && json.Valid(raw)
}

// oneLine makes a message fit a line. In valid JSON a line break is always white space
// between tokens.
func oneLine(b []byte) {
	for _, c := range []byte{'\n', '\r'} {
		for i := bytes.IndexByte(b, c); i >= 0; i = bytes.IndexByte(b, c) {
			b[i] = ' '
		}
	}
}
