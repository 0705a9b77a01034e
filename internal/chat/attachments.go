package chat

import (
	"context"
	"path"
	"strings"
	"unicode"

	"patchbay"
)

// maxFileName bounds the name of a file, in bytes.
const maxFileName = 255

// Upload keeps a file for a message of the actor's: a picture (PNG, JPEG, GIF, WebP), text
// in UTF-8, or a PDF. What it is, is seen from its bytes; what the sender says of its type
// counts for nothing.
func (s *Service) Upload(ctx context.Context, a patchbay.Actor, name string, data []byte) (*patchbay.Attachment, error) {
	user, err := personOf(a)
	if err != nil {
		return nil, err
	}
	name = fileName(name)
	kind, text, err := sniff(name, data)
	if err != nil {
		return nil, err
	}
	file := &patchbay.Attachment{User: user, Name: name, MIMEType: kind, Text: text, CreatedAt: s.o.Now()}
	if err := s.o.Store.PutAttachment(ctx, file, data); err != nil {
		return nil, err
	}
	return file, nil
}

// AttachmentInfo returns what is known of a file of the actor's.
func (s *Service) AttachmentInfo(ctx context.Context, a patchbay.Actor, id string) (*patchbay.Attachment, error) {
	user, err := personOf(a)
	if err != nil {
		return nil, err
	}
	return s.o.Store.Attachment(ctx, user, id)
}

// AttachmentData returns a file of the actor's with its bytes.
func (s *Service) AttachmentData(ctx context.Context, a patchbay.Actor, id string) (*patchbay.Attachment, []byte, error) {
	user, err := personOf(a)
	if err != nil {
		return nil, nil, err
	}
	file, err := s.o.Store.Attachment(ctx, user, id)
	if err != nil {
		return nil, nil, err
	}
	data, err := s.o.Store.AttachmentData(ctx, user, id)
	return file, data, err
}

// DeleteAttachment removes a file of the actor's. Messages that had it say that it is
// gone.
func (s *Service) DeleteAttachment(ctx context.Context, a patchbay.Actor, id string) error {
	user, err := personOf(a)
	if err != nil {
		return err
	}
	return s.o.Store.DeleteAttachment(ctx, user, id)
}

// fileName is a name as it may be shown and saved: without folders, and without
// characters that change how the rest of a line reads.
func fileName(name string) string {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, ""), `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, name)
	name = clipName(strings.TrimSpace(name), maxFileName)
	if name == "" || name == "." || name == "/" || name == ".." {
		return "file"
	}
	return name
}
