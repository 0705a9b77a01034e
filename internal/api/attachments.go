package api

import (
	"context"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patchbay"
	"patchbay/internal/httpkit"
)

type attachmentView struct {
	ID           string                   `json:"id"`
	Conversation *patchbay.ConversationID `json:"conversationId" doc:"null: no message has it yet"`
	Name         string                   `json:"name"`
	MIMEType     string                   `json:"mimeType"`
	Size         int64                    `json:"size"`
	HasText      bool                     `json:"hasText" doc:"Text was found in it, for models that take no files"`
	CreatedAt    *time.Time               `json:"createdAt"`
}

func viewAttachment(a *patchbay.Attachment) attachmentView {
	v := attachmentView{ID: a.ID, Name: a.Name, MIMEType: a.MIMEType, Size: a.Size, HasText: a.Text != "", CreatedAt: utc(a.CreatedAt)}
	if a.Conversation != "" {
		v.Conversation = &a.Conversation
	}
	return v
}

const maxFileName = 255

// upload takes a file: the body is its bytes, the query its name.
func (s *Server) upload(w http.ResponseWriter, r *http.Request, c *caller) {
	name := r.URL.Query().Get("name")
	if name == "" || len(name) > maxFileName {
		s.fail(w, invalidQuery("name", "must be the file's name, of at most 255 bytes"))
		return
	}
	body := newTimedBody(w, http.MaxBytesReader(w, r.Body, fileCap))
	defer body.Close()
	data, err := io.ReadAll(body)
	if err != nil {
		s.fail(w, err)
		return
	}
	a, err := s.o.Chat.Upload(r.Context(), c.actor, name, data)
	if err != nil {
		s.fail(w, err)
		return
	}
	httpkit.WriteJSON(w, http.StatusCreated, viewAttachment(a))
}

// attachment serves a file. A person may have got it from anybody: it runs nothing even
// when it is opened by itself, and only pictures made of pixels are shown.
func (s *Server) attachment(w http.ResponseWriter, r *http.Request, c *caller) {
	a, data, err := s.o.Chat.AttachmentData(r.Context(), c.actor, param(r, "id"))
	if err != nil {
		s.fail(w, err)
		return
	}
	h := w.Header()
	kind, show := "application/octet-stream", "attachment"
	switch t := http.DetectContentType(data); t {
	case "image/png", "image/jpeg", "image/gif", "image/webp":
		kind, show = t, "inline"
	}
	h.Set("Content-Type", kind)
	h.Set("Content-Length", strconv.Itoa(len(data)))
	h.Set("Content-Disposition", mime.FormatMediaType(show, map[string]string{"filename": a.Name}))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "private, max-age=3600")
	_, _ = w.Write(data) // the client is gone: nobody to tell
}

func (s *Server) deleteAttachment(ctx context.Context, in *idInput) (*doneOutput, error) {
	if err := s.o.Chat.DeleteAttachment(ctx, in.Caller.actor, in.ID); err != nil {
		return nil, err
	}
	return done(), nil
}

func documentUpload(op *huma.Operation, schemas huma.Registry) {
	op.Parameters = append(op.Parameters, &huma.Param{
		Name: "name", In: "query", Required: true, Schema: &huma.Schema{Type: "string"}, Description: "The file's name",
	})
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"application/octet-stream": {Schema: &huma.Schema{Type: "string", Format: "binary"}},
	}}
	op.Responses["201"] = &huma.Response{
		Description: "The file is kept",
		Content:     map[string]*huma.MediaType{"application/json": {Schema: schemas.Schema(reflect.TypeFor[attachmentView](), true, "")}},
	}
}

func documentAttachment(op *huma.Operation, _ huma.Registry) {
	op.Responses["200"] = &huma.Response{
		Description: "The file: png, jpeg, gif and webp to be shown, everything else to be saved.",
		Content:     map[string]*huma.MediaType{"*/*": {Schema: &huma.Schema{Type: "string", Format: "binary"}}},
	}
}
