package chat_test

import (
	"bytes"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"

	"github.com/stretchr/testify/require"

	"patchbay"
)

func TestUpload(t *testing.T) {
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		var p, j, g bytes.Buffer
		m := image.NewRGBA(image.Rect(0, 0, 2, 2))
		require.NoError(t, png.Encode(&p, m))
		require.NoError(t, jpeg.Encode(&j, m, nil))
		require.NoError(t, gif.Encode(&g, m, nil))
		for _, tt := range []struct {
			name, shown string
			data        []byte
			kind, text  string
		}{
			{"a.html", "a.html", p.Bytes(), "image/png", ""},
			{"a.png", "a.png", j.Bytes(), "image/jpeg", ""},
			{"a", "a", g.Bytes(), "image/gif", ""},
			{"a.webp", "a.webp", []byte("RIFF\x10\x00\x00\x00WEBPVP8 "), "image/webp", ""},
			{"../../etc/passwd", "passwd", []byte("root"), "text/plain", "root"},
			{`C:\x\evil.png`, "evil.png", []byte("<script>alert(1)</script>"), "text/plain", "<script>alert(1)</script>"},
			{"x\u202egnp.md\n", "xgnp.md", []byte("\uFEFF# T"), "text/markdown", "# T"},
			{"..", "file", []byte("{}"), "text/plain", "{}"},
			{"scan.pdf", "scan.pdf", []byte("%PDF-1.7\nnothing"), "application/pdf", ""},
			{"a", "a", []byte("%PDF-1.7\n1 0 obj <</Type /Catalog /Pages 2 0 R>> 2 0 obj <</Kids [3 0 R]>> 3 0 obj <</Contents 4 0 R /Resources <</Font <</F 5 0 R>>>>>> " +
				"4 0 obj <<>> stream\nBT /F 1 Tf (Read me) Tj ET\nendstream 5 0 obj <<>>"), "application/pdf", "Read me"},
			{"n.JSON", "n.JSON", []byte("{}"), "application/json", "{}"},
		} {
			a, err := d.Upload(ctx, d.ada, tt.name, tt.data)
			require.NoError(t, err, tt.name)
			require.Equal(t, []string{tt.shown, tt.kind, tt.text}, []string{a.Name, a.MIMEType, a.Text})
			_, data, err := d.AttachmentData(ctx, d.ada, a.ID)
			require.NoError(t, err)
			require.True(t, bytes.Equal(tt.data, data))
			_, _, err = d.AttachmentData(ctx, d.bob, a.ID)
			code(t, patchbay.CodeNotFound, err)
			_, err = d.AttachmentInfo(ctx, d.bob, a.ID)
			code(t, patchbay.CodeNotFound, err)
			code(t, patchbay.CodeNotFound, d.DeleteAttachment(ctx, d.bob, a.ID))
			require.NoError(t, d.DeleteAttachment(ctx, d.ada, a.ID))
		}
		for _, bad := range [][]byte{[]byte("a\x00b"), []byte("\xff\xfeh\x00i\x00"), p.Bytes()[:20], []byte("\xff\xd8\xff\x00"), []byte("GIF89a"), []byte("MZ\x90\x00")} {
			_, err := d.Upload(ctx, d.ada, "a.png", bad)
			code(t, patchbay.CodeMediaType, err)
		}
		_, err := d.Upload(ctx, d.ada, "a.txt", nil)
		code(t, patchbay.CodeInvalid, err)
		_, err = d.Upload(ctx, d.ada, "a.txt", bytes.Repeat([]byte("a"), 20<<20+1))
		code(t, patchbay.CodeTooLarge, err)
	})
}
