package chat

import (
	"bytes"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"path"
	"strings"
	"unicode/utf8"

	"patchbay"
	"patchbay/internal/pdftext"
)

// textTypes are types of text by the ending of a file's name. Text is never served as
// what it says: the type tells people and models what they have.
var textTypes = map[string]string{
	".csv": "text/csv", ".json": "application/json", ".md": "text/markdown", ".markdown": "text/markdown", ".tsv": "text/tab-separated-values",
	".xml": "application/xml", ".yaml": "application/yaml", ".yml": "application/yaml",
}

// sniff finds out what a file is from its bytes, and the text that can be read of it.
func sniff(name string, data []byte) (kind, text string, err error) {
	if len(data) == 0 {
		return "", "", patchbay.Errorf(patchbay.CodeInvalid, "The file is empty.")
	}
	if kind, config := picture(data); kind != "" {
		if config != nil {
			if _, err := config(bytes.NewReader(data)); err != nil {
				return "", "", patchbay.Errorf(patchbay.CodeMediaType, "The picture is damaged: it cannot be read.")
			}
		}
		return kind, "", nil
	}
	if bytes.HasPrefix(data, []byte("%PDF-")) {
		return "application/pdf", pdftext.Text(data), nil
	}
	if readable(data) {
		kind := textTypes[strings.ToLower(path.Ext(name))]
		if kind == "" {
			kind = "text/plain"
		}
		return kind, strings.TrimPrefix(string(data), "\uFEFF"), nil
	}
	return "", "", patchbay.Errorf(patchbay.CodeMediaType, "Only pictures (PNG, JPEG, GIF, WebP), text in UTF-8 and PDF files can be attached.")
}

// picture returns the type of a picture, and what reads its head where we can.
func picture(data []byte) (kind string, config func(*bytes.Reader) (image.Config, error)) {
	switch {
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return "image/png", func(r *bytes.Reader) (image.Config, error) { return png.DecodeConfig(r) }
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		return "image/jpeg", func(r *bytes.Reader) (image.Config, error) { return jpeg.DecodeConfig(r) }
	case bytes.HasPrefix(data, []byte("GIF87a")), bytes.HasPrefix(data, []byte("GIF89a")):
		return "image/gif", func(r *bytes.Reader) (image.Config, error) { return gif.DecodeConfig(r) }
	case len(data) >= 16 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		return "image/webp", nil
	}
	return "", nil
}

// readable reports whether bytes are text in UTF-8, without control characters that no
// text has.
func readable(data []byte) bool {
	if !utf8.Valid(data) {
		return false
	}
	for _, b := range data {
		if b < 0x20 && b != '\n' && b != '\r' && b != '\t' && b != '\f' && b != 0x1b {
			return false
		}
	}
	return true
}
