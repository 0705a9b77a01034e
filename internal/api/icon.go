package api

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"patchbay"
)

const maxIcon = 256 << 10

// icon serves a server's icon. It comes from strangers: it is shown as an image or not at
// all, and may run nothing even when it is opened by itself.
func (s *Server) icon(w http.ResponseWriter, r *http.Request, c *caller) {
	data, err := s.iconBytes(r, c.server)
	if err != nil {
		s.o.Log.Debug("no icon", "server", c.server.Name, "error", err)
		s.fail(w, patchbay.Errorf(patchbay.CodeNotFound, "MCP server '%s' has no icon", c.server.Name))
		return
	}
	h := w.Header()
	h.Set("Content-Type", imageType(data))
	h.Set("Content-Length", strconv.Itoa(len(data)))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "private, max-age=3600")
	_, _ = w.Write(data) // the client is gone: nobody to tell
}

func (s *Server) iconBytes(r *http.Request, def *patchbay.Server) (data []byte, err error) {
	switch path := def.IconPath; {
	case path == "":
		return nil, fmt.Errorf("api: icon: none")
	case strings.HasPrefix(path, "data:"):
		data, err = decodeDataURI(path)
	case strings.HasPrefix(path, "http://"), strings.HasPrefix(path, "https://"):
		data, err = s.icons.get(r.Context(), s.o.Icons, def)
	case def.Source == patchbay.SourceYAML:
		data, err = readIcon(path)
	default: // a file of ours, named by a person
		return nil, fmt.Errorf("api: icon: only the configuration file may name files")
	}
	if err != nil {
		return nil, err
	}
	if len(data) > maxIcon {
		return nil, fmt.Errorf("api: icon: larger than %d bytes", maxIcon)
	}
	if imageType(data) == "" {
		return nil, fmt.Errorf("api: icon: not an image")
	}
	return data, nil
}

func readIcon(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("api: icon: %w", err)
	}
	if !info.Mode().IsRegular() { // a pipe would never answer
		return nil, fmt.Errorf("api: icon: not a file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("api: icon: %w", err)
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxIcon+1))
}

func decodeDataURI(uri string) ([]byte, error) {
	head, body, ok := strings.Cut(uri, ",")
	if !ok || len(body) > 2*maxIcon {
		return nil, fmt.Errorf("api: icon: not a data URI that is taken here")
	}
	if strings.HasSuffix(head, ";base64") {
		data, err := base64.StdEncoding.DecodeString(body)
		if err != nil {
			return nil, fmt.Errorf("api: icon: %w", err)
		}
		return data, nil
	}
	text, err := url.PathUnescape(body)
	return []byte(text), err
}

// imageType tells the type by the bytes, whatever anybody says it is; "" is no image.
func imageType(data []byte) string {
	switch t := http.DetectContentType(data); t {
	case "image/png", "image/jpeg", "image/gif", "image/webp", "image/x-icon", "image/bmp":
		return t
	}
	text := bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	for bytes.HasPrefix(text, []byte("<?")) || bytes.HasPrefix(text, []byte("<!")) {
		end := bytes.IndexByte(text, '>')
		if bytes.HasPrefix(text, []byte("<!--")) {
			if end = bytes.Index(text, []byte("-->")); end >= 0 {
				end += 2
			}
		}
		if end < 0 {
			return ""
		}
		text = bytes.TrimSpace(text[end+1:])
	}
	if bytes.HasPrefix(text, []byte("<svg")) {
		return "image/svg+xml"
	}
	return ""
}

func documentIcon(op *huma.Operation, _ huma.Registry) {
	op.Responses["200"] = &huma.Response{
		Description: "The image. 404: show initials.",
		Content:     map[string]*huma.MediaType{"image/*": {Schema: &huma.Schema{Type: "string", Format: "binary"}}},
	}
}
