package provider

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"patchbay/internal/mcpconv"
)

// Content is one piece of a tool result in a form that vendors take: a text, or the data
// of an image or a document in base64.
type Content struct {
	Text     string
	MIMEType string // of Data
	Data     string // base64, padded; empty for a text
	Name     string
}

// IsImage reports whether the content is an image.
func (c *Content) IsImage() bool { return c.Data != "" && strings.HasPrefix(c.MIMEType, "image/") }

// maxInline bounds the decoding of a blob that is shown as text.
const maxInline = 8 << 20

// noResponse stands for a result without content (LibreChat 6.5).
const noResponse = "(No response)"

// ContentOf lowers a CallToolResult to texts, images and documents, in order. Nothing is
// left out unsaid: what no model takes (sounds, other blobs) becomes a text that names it.
// A result that is none becomes a text that says so.
func ContentOf(raw json.RawMessage) []Content {
	r, err := mcpconv.ResultOf(raw)
	if err != nil {
		return []Content{{Text: "The tool's answer is not a tool result and cannot be shown."}}
	}
	var list []Content
	hasText := false
	for i := range r.Content {
		c := contentOf(&r.Content[i])
		hasText = hasText || c.Data == ""
		list = append(list, c)
	}
	// A server repeats structured content as text (2025-06-18, server/tools); where it
	// does not, the model would see nothing of it.
	if len(r.Structured) > 0 && !hasText {
		list = append([]Content{{Text: string(compact(r.Structured))}}, list...)
	}
	if len(list) == 0 {
		return []Content{{Text: noResponse}}
	}
	return list
}

// TextOf joins the texts of a lowered result with blank lines.
func TextOf(list []Content) string {
	var b strings.Builder
	for i := range list {
		if list[i].Data != "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("\n\n")
		}
		b.WriteString(list[i].Text)
	}
	return b.String()
}

func contentOf(b *mcpconv.Block) Content {
	if b.Problem != "" {
		return Content{Text: "[a part of the answer cannot be read: " + b.Problem + "]"}
	}
	switch b.Kind {
	case mcpconv.BlockText:
		return Content{Text: b.Text}
	case mcpconv.BlockImage:
		return blob(b.MIMEType, b.Data, "", "an image")
	case mcpconv.BlockAudio:
		return Content{Text: unseen("audio", b.MIMEType, b.Data)}
	case mcpconv.BlockResource:
		return resource(b)
	case mcpconv.BlockResourceLink:
		return Content{Text: lines(
			"Resource Link", firstOf(b.Title, b.Name), "Resource URI", b.URI, "Resource MIME Type", b.MIMEType,
			"Resource Description", b.Description, "Resource Size", b.Size.String(),
		)}
	}
	return Content{Text: string(compact(b.Raw))}
}

func resource(b *mcpconv.Block) Content {
	e := b.Embedded
	if !e.IsBlob {
		return Content{Text: lines("Resource Text", e.Text, "Resource URI", b.URI, "Resource MIME Type", b.MIMEType)}
	}
	if textual(b.MIMEType) {
		if data, err := b.Bytes(maxInline); err == nil && utf8.Valid(data) {
			return Content{Text: lines("Resource Text", string(data), "Resource URI", b.URI, "Resource MIME Type", b.MIMEType)}
		}
	}
	c := blob(b.MIMEType, e.Blob, b.URI, "a file")
	if c.Data == "" {
		c.Text = lines("Resource URI", b.URI, "Resource MIME Type", b.MIMEType) + "\n" + c.Text
	}
	return c
}

// blob is data that vendors take as they are, or a text that says that there is some.
func blob(mime, data, name, what string) Content {
	mime, _, _ = strings.Cut(mime, ";")
	mime = strings.ToLower(strings.TrimSpace(mime))
	if mime == "image/jpg" {
		mime = "image/jpeg"
	}
	switch mime {
	case "image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf":
		if padded, ok := pad(data); ok {
			return Content{MIMEType: mime, Data: padded, Name: name}
		}
		return Content{Text: "[" + what + " whose data cannot be read]"}
	}
	return Content{Text: unseen(what, mime, data)}
}

// unseen says what a model is not shown.
func unseen(what, mime, data string) string {
	if mime == "" {
		mime = "unknown type"
	}
	return "[" + what + ", " + mime + ", " + strconv.Itoa(len(strings.TrimRight(data, "="))*3/4) + " bytes: models cannot be shown this]"
}

// pad brings base64 into the form with padding, and reports whether it is base64.
func pad(data string) (string, bool) {
	data = strings.TrimRight(data, "=")
	if data == "" || base64.RawStdEncoding.DecodedLen(len(data)) == 0 {
		return "", false
	}
	d := base64.NewDecoder(base64.RawStdEncoding, strings.NewReader(data))
	var buf [4 << 10]byte
	for {
		if _, err := d.Read(buf[:]); err != nil {
			if !errors.Is(err, io.EOF) {
				return "", false
			}
			break
		}
	}
	return data + strings.Repeat("=", (4-len(data)%4)%4), true
}

func textual(mime string) bool {
	mime, _, _ = strings.Cut(mime, ";")
	return strings.HasPrefix(mime, "text/") || mime == "application/json" || strings.HasSuffix(mime, "+json") ||
		strings.HasSuffix(mime, "+xml") && !strings.HasPrefix(mime, "image/") || mime == "application/xml" || mime == "application/javascript"
}

// lines writes pairs of label and value, without those that have no value. The first
// pair always stands.
func lines(pairs ...string) string {
	var b bytes.Buffer
	for i := 0; i+1 < len(pairs); i += 2 {
		if i > 0 && pairs[i+1] == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(pairs[i] + ": " + pairs[i+1])
	}
	return b.String()
}
