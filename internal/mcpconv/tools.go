package mcpconv

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"

	"patchbay"
)

// Caps on one page of tools. A tool over a cap is dropped with a reason, the others stay.
const (
	MaxName        = 128       // characters (2025-11-25, server/tools)
	MaxTitle       = 512       // bytes; a longer one is cut
	MaxDescription = 64 << 10  // bytes
	MaxSchema      = 256 << 10 // bytes of one schema, annotations or _meta
	MaxDepth       = 64        // nesting of the same
	MaxPage        = 10_000    // tools
	MaxCursor      = 8 << 10   // bytes
)

// maxTTL bounds how long a server may ask for its list to be kept.
const maxTTL = 24 * time.Hour

// Page is what one tools/list result says.
type Page struct {
	// Tools are the usable ones, in the server's order.
	Tools []patchbay.Tool
	// Next is the cursor of the next page, empty on the last one.
	Next string
	// TTL is how long the list may be kept (`ttlMs`, 2026-07-28), 0 when it does not say.
	TTL time.Duration
	// Scope is `cacheScope`: public, private, or empty when it does not say.
	Scope string
	// Dropped are the tools that cannot be used, each with its reason.
	Dropped []Dropped
}

// Dropped is a tool that cannot be used.
type Dropped struct {
	Name   string // as far as it could be read, at most MaxName characters
	Reason string
}

// ToolsFromList reads the result of tools/list. The error is for what is no tool list
// at all; a tool that is wrong is dropped and reported.
func ToolsFromList(raw json.RawMessage) (Page, error) {
	list, ok := object(raw)
	if !ok {
		return Page{}, errors.New("mcpconv: the tool list is not a JSON object")
	}
	var items []json.RawMessage
	if !isArray(list["tools"]) || json.Unmarshal(list["tools"], &items) != nil {
		return Page{}, errors.New(`mcpconv: the tool list has no array "tools"`)
	}
	var page Page
	if next := list["nextCursor"]; !isNull(next) {
		var isText bool
		if page.Next, isText = list.str("nextCursor"); !isText {
			return Page{}, errors.New(`mcpconv: "nextCursor" of the tool list is not a string`)
		}
		if len(page.Next) > MaxCursor {
			return Page{}, fmt.Errorf(`mcpconv: "nextCursor" of the tool list is over %d bytes`, MaxCursor)
		}
	}
	page.TTL = ttl(list["ttlMs"])
	page.Scope = list.text("cacheScope")
	if more := len(items) - MaxPage; more > 0 {
		page.Dropped = append(page.Dropped, Dropped{Reason: fmt.Sprintf("%d tools more than the %d that one page may have", more, MaxPage)})
		items = items[:MaxPage]
	}
	for _, item := range items {
		tool, err := toolOf(item)
		if err != nil {
			page.Dropped = append(page.Dropped, Dropped{Name: cut(tool.Name, MaxName), Reason: err.Error()})
			continue
		}
		page.Tools = append(page.Tools, tool)
	}
	return page, nil
}

// toolOf reads one tool. With an error the tool has a name at most.
func toolOf(raw json.RawMessage) (patchbay.Tool, error) {
	f, ok := object(raw)
	if !ok {
		return patchbay.Tool{}, errors.New("it is not a JSON object")
	}
	t := patchbay.Tool{Name: f.text("name")}
	if err := checkName(t.Name); err != nil {
		return t, err
	}
	bare := patchbay.Tool{Name: t.Name}
	t.Description = f.text("description")
	if len(t.Description) > MaxDescription {
		return bare, fmt.Errorf("its description is over %d bytes", MaxDescription)
	}
	t.Annotations, t.Meta, t.OutputSchema = f.object("annotations"), f.object("_meta"), f.object("outputSchema")
	t.Title = title(f, t.Annotations)
	var err error
	if t.InputSchema, err = inputSchema(f["inputSchema"]); err != nil {
		return bare, err
	}
	for _, part := range []struct {
		name string
		raw  json.RawMessage
	}{{"inputSchema", t.InputSchema}, {"outputSchema", t.OutputSchema}, {"annotations", t.Annotations}, {"_meta", t.Meta}} {
		if err := checkPart(part.name, part.raw); err != nil {
			return bare, err
		}
	}
	if err := checkParamHeaders(t.InputSchema); err != nil {
		return bare, err
	}
	return t, nil
}

func checkName(name string) error {
	if name == "" {
		return errors.New("it has no name")
	}
	if utf8.RuneCountInString(name) > MaxName {
		return fmt.Errorf("its name has more than %d characters", MaxName)
	}
	for _, r := range name {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return errors.New("its name has characters that are not text")
		}
	}
	return nil
}

// title is the display name: of the tool, else of its annotations (2025-11-25, schema,
// BaseMetadata).
func title(f fields, annotations json.RawMessage) string {
	t := f.text("title")
	if t == "" {
		a, _ := object(annotations)
		t = a.text("title")
	}
	return cut(t, MaxTitle)
}

// inputSchema is the schema as it stands. A missing one reads as "any object", which
// is what servers that leave it out mean.
func inputSchema(raw json.RawMessage) (json.RawMessage, error) {
	if isNull(raw) {
		return json.RawMessage(`{"type":"object"}`), nil
	}
	f, ok := object(raw)
	if !ok {
		return nil, errors.New("its inputSchema is not an object")
	}
	if kind, isText := f.str("type"); !isNull(f["type"]) && (!isText || kind != "object") {
		return nil, errors.New(`its inputSchema is not of type "object"`)
	}
	return raw, nil
}

func checkPart(name string, raw json.RawMessage) error {
	switch {
	case len(raw) > MaxSchema:
		return fmt.Errorf("its %s is over %d bytes", name, MaxSchema)
	case depth(raw) > MaxDepth:
		return fmt.Errorf("its %s is nested over %d deep", name, MaxDepth)
	case !utf8.Valid(raw):
		return fmt.Errorf("its %s is not UTF-8", name)
	}
	return nil
}

func ttl(raw json.RawMessage) time.Duration {
	var ms float64
	if isNull(raw) || json.Unmarshal(raw, &ms) != nil || ms <= 0 {
		return 0
	}
	if ms >= float64(maxTTL/time.Millisecond) {
		return maxTTL
	}
	return time.Duration(ms * float64(time.Millisecond))
}

// cut shortens s to at most n bytes, between two characters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
