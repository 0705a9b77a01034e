package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
)

// toolResult is what the shell shows of an MCP CallToolResult.
type toolResult struct {
	Content           []content       `json:"content"`
	StructuredContent json.RawMessage `json:"structuredContent"`
	IsError           bool            `json:"isError"`
}

type content struct {
	Type     string    `json:"type"`
	Text     string    `json:"text"`
	Data     string    `json:"data"` // base64
	MIMEType string    `json:"mimeType"`
	URI      string    `json:"uri"`
	Name     string    `json:"name"`
	Resource *resource `json:"resource"`
}

type resource struct {
	URI      string  `json:"uri"`
	MIMEType string  `json:"mimeType"`
	Text     *string `json:"text"`
	Blob     string  `json:"blob"` // base64
}

// printResult prints a result, saves its files to output when that is given, and fails
// when the tool did.
func (sh *shell) printResult(data json.RawMessage, raw bool, output string) error {
	var result toolResult
	if err := json.Unmarshal(data, &result); err != nil {
		return fmt.Errorf("the result is not an MCP tool result; --json prints it as it is")
	}
	if raw {
		fmt.Fprintf(sh.stdout, "%s\n", data)
	} else {
		sh.printContent(&result)
	}
	if output != "" {
		if err := sh.save(&result, output); err != nil {
			return err
		}
	}
	if result.IsError {
		if !raw {
			fmt.Fprintln(sh.stderr, "The tool failed.")
		}
		return errSilent
	}
	return nil
}

func (sh *shell) printContent(result *toolResult) {
	said := false // the structured content was among the text
	for _, c := range result.Content {
		switch {
		case c.Type == "text":
			said = said || sameJSON(c.Text, result.StructuredContent)
			sh.printText(c.Text)
		case c.Type == "resource" && c.Resource != nil && c.Resource.Text != nil:
			sh.printText(*c.Resource.Text)
		default:
			fmt.Fprintln(sh.stdout, clean(describe(c)))
		}
	}
	if len(result.StructuredContent) > 0 && !said && string(result.StructuredContent) != "null" {
		var b bytes.Buffer
		if json.Indent(&b, result.StructuredContent, "", "  ") == nil {
			sh.printText(b.String())
		}
	}
}

// printText prints a text as it came, ending its last line. On a terminal, what would
// steer the terminal is taken out.
func (sh *shell) printText(text string) {
	if isTerminal(sh.stdout) {
		text = cleanLines(text)
	}
	io.WriteString(sh.stdout, text)
	if !strings.HasSuffix(text, "\n") {
		io.WriteString(sh.stdout, "\n")
	}
}

// describe is the line for a content that is not text.
func describe(c content) string {
	switch {
	case c.Type == "resource_link":
		return fmt.Sprintf("[resource_link %s %s]", c.Name, c.URI)
	case c.Type == "resource" && c.Resource != nil:
		return fmt.Sprintf("[resource %s %s %d bytes]", c.Resource.URI, c.Resource.MIMEType, decodedSize(c.Resource.Blob))
	case c.Data != "":
		return fmt.Sprintf("[%s %s %d bytes]", c.Type, c.MIMEType, decodedSize(c.Data))
	}
	return fmt.Sprintf("[%s]", c.Type)
}

func decodedSize(encoded string) int {
	data, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return base64.StdEncoding.DecodedLen(len(encoded))
	}
	return len(data)
}

// save writes the files of a result: the first to name, the next to name-2, before the
// extension, and so on.
func (sh *shell) save(result *toolResult, name string) error {
	saved := 0
	for _, c := range result.Content {
		encoded := c.Data
		if c.Resource != nil && c.Resource.Blob != "" {
			encoded = c.Resource.Blob
		}
		if encoded == "" {
			continue
		}
		data, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			return fmt.Errorf("the server's %s is not valid base64: %w", clean(c.Type), err)
		}
		saved++
		target := name
		if saved > 1 {
			ext := filepath.Ext(name)
			target = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, ext), saved, ext)
		}
		if err := os.WriteFile(target, data, 0o644); err != nil {
			return fmt.Errorf("cannot save: %w", err)
		}
		fmt.Fprintf(sh.stderr, "saved %s (%d bytes)\n", target, len(data))
	}
	if saved == 0 {
		return fmt.Errorf("the result holds no image, sound or file to save")
	}
	return nil
}

// sameJSON reports whether text is JSON with the value of structured, as the MCP
// specification asks of servers for clients that read text only.
func sameJSON(text string, structured json.RawMessage) bool {
	var a, b any
	return len(structured) > 0 && json.Unmarshal([]byte(text), &a) == nil &&
		json.Unmarshal(structured, &b) == nil && reflect.DeepEqual(a, b)
}
