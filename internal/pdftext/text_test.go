package pdftext

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// pdf builds a file out of objects, numbered from 1; the first is the catalogue.
func pdf(objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	for i, o := range objects {
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	b.WriteString("trailer << /Root 1 0 R >>\n%%EOF\n")
	return b.Bytes()
}

func stream(head, body string) string {
	return fmt.Sprintf("<< %s /Length %d >>\nstream\n%s\nendstream", head, len(body), body)
}

func deflated(head, body string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, _ = w.Write([]byte(body)) // to memory
	_ = w.Close()
	return stream(head+" /Filter /FlateDecode", b.String())
}

const (
	catalog = "<< /Type /Catalog /Pages 2 0 R >>"
	onePage = "<< /Type /Pages /Kids [3 0 R] /Count 1 /Resources << /Font << /F1 5 0 R >> >> >>"
	aPage   = "<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>"
	plain   = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
)

func TestText(t *testing.T) {
	cmap := "1 begincodespacerange <0000> <FFFF> endcodespacerange\n" +
		"2 beginbfchar <0001> <0048> <0002> <D83DDE00> endbfchar\n2 beginbfrange <0010> <0012> <0061> <0020> <0021> [<0078> <0079007A>] endbfrange"
	for _, tt := range []struct {
		name string
		data []byte
		want string
	}{
		{"plain", pdf(catalog, onePage, aPage, stream("", `BT /F1 12 Tf 72 700 Td (Hello \(you\)) Tj 0 -14 Td [(W) 20 (orl) -300 (d \344\200)] TJ ET`), plain), "Hello (you)\nWorl d ä€"},
		{"deflated", pdf(catalog, onePage, aPage, deflated("", "BT /F1 12 Tf (It \\\nrains) Tj T* <4142 4> Tj ET"), plain), "It rains\nAB@"},
		{"two bytes", pdf(catalog, onePage, aPage, deflated("", "BT /F1 1 Tf 1 0 0 1 0 9 Tm <000100020010001100120020 0021 0099> Tj 1 0 0 1 5 9 Tm <0001> Tj ET"),
			"<< /Type /Font /Subtype /Type0 /ToUnicode 6 0 R >>", deflated("", cmap)), "H😀abcxyz H"},
		{"two bytes of nobody knows what", pdf(catalog, onePage, aPage, stream("", "BT /F1 1 Tf <00010002> Tj ET"), "<< /Subtype /Type0 >>"), ""},
		{"differences", pdf(catalog, onePage, aPage, stream("", "BT /F1 1 Tf (\x01nish) Tj ET"), "<< /Subtype /Type1 /Encoding << /Differences [1 /fi /uni00e9] >> >>"), "finish"},
		{"pages in order", pdf(catalog, "<< /Type /Pages /Kids [6 0 R 3 0 R 2 0 R] /Resources << /Font << /F1 5 0 R >> >> >>", aPage,
			stream("", "BT /F1 1 Tf (second) Tj ET"), plain, "<< /Type /Page /Contents [7 0 R 7 0 R] >>", stream("", "BT /F1 1 Tf (first) Tj ET")), "first\nfirst\n\f\nsecond"},
		{"glyph by glyph", pdf(catalog, onePage, aPage, stream("", "BT /F1 10 Tf (a) Tj 5 0 Td (b) Tj 12 0 Td (cd) Tj 9 0 Td (e) Tj ET"), plain), "ab cd e"},
		{"a picture in between", pdf(catalog, onePage, aPage, stream("", "BT /F1 1 Tf (a) Tj ET BI /W 1 ID (((\x00EI BT (b) Tj ET"), plain), "a\nb"},
		{"length is wrong", pdf(catalog, onePage, aPage, "<< /Length 9999 >> stream\nBT /F1 1 Tf (still) Tj ET\nendstream", plain), "still"},
		{"encrypted", append(pdf(catalog, onePage, aPage, stream("", "BT /F1 1 Tf (secret) Tj ET"), plain), "<< /Encrypt 9 0 R >>"...), ""},
		{"nothing", []byte("%PDF-1.4"), ""},
	} {
		t.Run(tt.name, func(t *testing.T) { require.Equal(t, tt.want, Text(tt.data)) })
	}
}

// TestObjectStream reads a file whose page and font are in a stream of objects.
func TestObjectStream(t *testing.T) {
	head := fmt.Sprintf("3 0 5 %d ", len(aPage)+1)
	data := pdf(catalog, onePage)
	packed := deflated(fmt.Sprintf("/Type /ObjStm /N 2 /First %d", len(head)), head+aPage+" "+plain)
	data = append(data, ("4 0 obj " + stream("", "BT /F1 1 Tf (packed) Tj ET") + " endobj 9 0 obj " + packed + " endobj")...)
	require.Equal(t, "packed", Text(data))
}

// TestHostile pins that a file cannot make us work or grow without end.
func TestHostile(t *testing.T) {
	for name, data := range map[string][]byte{
		"bomb":          pdf(catalog, onePage, aPage, deflated("", strings.Repeat("(a)Tj ", 6<<20)), plain),
		"many bombs":    pdf(catalog, onePage, "<< /Contents ["+strings.Repeat("4 0 R ", 10_000)+"] >>", deflated("", strings.Repeat(" ", 16<<20)), plain),
		"loops":         pdf(catalog, "<< /Kids [2 0 R 1 0 R 3 0 R] /Resources 2 0 R >>", "<< /Contents 3 0 R /Kids 3 0 R /Length 3 0 R >> stream\nx endstream"),
		"a ref to self": pdf("1 0 R", "2 0 R"),
		"deep":          append([]byte("%PDF-1 0 obj "), strings.Repeat("[<<", 1<<20)...),
		"objects":       []byte(strings.Repeat("1 0 obj [ ", 1<<20)),
		"numbers":       []byte(strings.Repeat("999999999 0 obj 1e308 ", 1<<18)),
		"range":         pdf(catalog, onePage, aPage, stream("", "BT /F1 1 Tf <00> Tj"), "<< /ToUnicode 6 0 R >>", stream("", strings.Repeat("<00> <FFFFFFFF> <00> endbfrange ", 1000))),
	} {
		t.Run(name, func(t *testing.T) { require.LessOrEqual(t, len(Text(data)), maxText) })
	}
}

func FuzzText(f *testing.F) {
	f.Add(pdf(catalog, onePage, aPage, stream("", `BT /F1 12 Tf (a\050) Tj [(b) -300 <41>] TJ ET`), plain))
	f.Add(pdf(catalog, onePage, aPage, deflated("", "BT /F1 1 Tf <0001> Tj ET"), "<< /Subtype /Type0 /ToUnicode 6 0 R >>", stream("", "<0001> <0002> <0041> endbfrange")))
	f.Fuzz(func(t *testing.T, data []byte) {
		out := Text(data)
		if len(out) > maxText || strings.ToValidUTF8(out, "") != out || strings.Contains(out, "\x00") {
			t.Fatalf("not text: %q", out)
		}
	})
}
