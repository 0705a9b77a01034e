package mcpconv

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// BlockKind is the `type` of a content block.
type BlockKind string

// Kinds of content blocks. A block of any other kind keeps the kind it says, and its Raw.
const (
	BlockText         BlockKind = "text"
	BlockImage        BlockKind = "image"
	BlockAudio        BlockKind = "audio"
	BlockResource     BlockKind = "resource"
	BlockResourceLink BlockKind = "resource_link"
)

// Result is the view of a CallToolResult. Raw parts are the server's bytes.
type Result struct {
	Content    []Block
	Structured json.RawMessage // structuredContent, nil when absent
	IsError    bool            // the tool ran and failed
	Meta       json.RawMessage // _meta, nil when absent
	// Extra are the members that this view does not know.
	Extra map[string]json.RawMessage
}

// Block is one content block. Which fields are filled depends on Kind.
type Block struct {
	Kind BlockKind
	Text string // text

	MIMEType string // image, audio, resource, resource_link
	Data     string // image, audio: base64, as sent; see Bytes

	URI         string // resource, resource_link
	Name        string // resource_link
	Title       string // resource_link
	Description string // resource_link
	Size        json.Number
	// Embedded is the resource of a resource block: its text, or its blob in base64.
	Embedded *Embedded

	Annotations json.RawMessage
	Meta        json.RawMessage
	// Raw is the whole block.
	Raw json.RawMessage
	// Problem says what is wrong with a block that is not what its type says; such a
	// block has Kind and Raw only.
	Problem string
}

// Embedded is a resource's content within a result.
type Embedded struct {
	Text   string
	Blob   string // base64, as sent
	IsBlob bool
}

// ResultOf views a CallToolResult. The error is for what is no result at all; a block
// that is wrong is kept with its Problem.
func ResultOf(raw json.RawMessage) (Result, error) {
	f, ok := object(raw)
	if !ok {
		return Result{}, errors.New("mcpconv: the tool result is not a JSON object")
	}
	var r Result
	if content := f["content"]; !isNull(content) {
		var items []json.RawMessage
		if !isArray(content) || json.Unmarshal(content, &items) != nil {
			return Result{}, errors.New(`mcpconv: "content" of the tool result is not an array`)
		}
		r.Content = make([]Block, len(items))
		for i, item := range items {
			r.Content[i] = blockOf(item)
		}
	}
	r.Structured = f["structuredContent"]
	if string(r.Structured) == "null" {
		r.Structured = nil
	}
	r.IsError = string(f["isError"]) == "true"
	r.Meta = f.object("_meta")
	for name, value := range f {
		switch name {
		case "content", "structuredContent", "isError", "_meta", "resultType":
			continue
		}
		if r.Extra == nil {
			r.Extra = map[string]json.RawMessage{}
		}
		r.Extra[name] = value
	}
	return r, nil
}

// blockOf views one content block.
func blockOf(raw json.RawMessage) Block {
	f, ok := object(raw)
	if !ok {
		return Block{Raw: raw, Problem: "the block is not an object"}
	}
	b := Block{Kind: BlockKind(f.text("type")), Raw: raw, Annotations: f.object("annotations"), Meta: f.object("_meta")}
	if b.Kind == "" {
		b.Problem = "the block has no type"
		return b
	}
	var has bool
	switch b.Kind {
	case BlockText:
		if b.Text, has = f.str("text"); !has {
			b.Problem = "the block has no text"
		}
	case BlockImage, BlockAudio:
		if b.Data, has = f.str("data"); !has {
			b.Problem = "the block has no data"
		}
		b.MIMEType = f.text("mimeType")
	case BlockResource:
		b.embedded(f)
	case BlockResourceLink:
		if b.URI, has = f.str("uri"); !has {
			b.Problem = "the block has no uri"
		}
		b.Name, b.Title, b.Description, b.MIMEType = f.text("name"), f.text("title"), f.text("description"), f.text("mimeType")
		b.Size = number(f["size"])
	}
	return b
}

// embedded reads the resource of a resource block.
func (b *Block) embedded(f fields) {
	res, ok := object(f["resource"])
	if !ok {
		b.Problem = "the block has no resource"
		return
	}
	b.URI, b.MIMEType = res.text("uri"), res.text("mimeType")
	blob, isBlob := res.str("blob")
	text, isText := res.str("text")
	if !isBlob && !isText {
		b.Problem = "the resource has neither text nor blob"
		return
	}
	// With both, the text is what a reader can use at once.
	b.Embedded = &Embedded{Text: text, Blob: blob, IsBlob: !isText}
}

// number keeps the digits of a number; anything else is empty.
func number(raw json.RawMessage) json.Number {
	if len(raw) == 0 || (raw[0] != '-' && (raw[0] < '0' || raw[0] > '9')) {
		return ""
	}
	return json.Number(raw)
}

// Bytes decodes the data of an image or audio block or the blob of a resource, with or
// without padding. Data over limit bytes is refused before it is decoded.
func (b *Block) Bytes(limit int) ([]byte, error) {
	data := b.Data
	if b.Embedded != nil {
		data = b.Embedded.Blob
	}
	data = strings.TrimRight(data, "=")
	if n := base64.RawStdEncoding.DecodedLen(len(data)); n > limit {
		return nil, fmt.Errorf("mcpconv: the data of the %s block is over %d bytes", cut(string(b.Kind), 32), limit)
	}
	out, err := base64.RawStdEncoding.DecodeString(data)
	if err != nil {
		return nil, fmt.Errorf("mcpconv: the data of the %s block is not base64", cut(string(b.Kind), 32))
	}
	return out, nil
}
