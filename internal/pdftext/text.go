package pdftext

import (
	"bytes"
	"strings"
	"unicode"
)

// maxText bounds what is read of one file, in bytes.
const maxText = 2 << 20

// Text returns the text of a PDF file, pages parted by form feeds. It is empty when there
// is none that can be read: a scan, say, or an encrypted file.
func Text(data []byte) string {
	if bytes.Contains(data, []byte("/Encrypt")) {
		return ""
	}
	f := open(data)
	var pages []string
	size := 0
	for _, p := range f.pages() {
		page := f.page(p)
		if strings.TrimSpace(page) == "" {
			continue
		}
		pages = append(pages, page)
		if size += len(page); size > maxText || f.fuel <= 0 {
			break
		}
	}
	out := strings.Join(pages, "\n\f\n")
	if len(out) > maxText {
		out = strings.ToValidUTF8(out[:maxText], "")
	}
	return out
}

// page is one page's dictionary with what it inherits.
type page struct {
	d         dict
	resources dict
}

// pages are the pages in order.
func (f *file) pages() (out []page) {
	for _, id := range f.ids() {
		d, _ := f.get(id).(dict)
		if d["Type"] != name("Catalog") {
			continue
		}
		seen := map[ref]bool{}
		out = f.kids(d["Pages"], nil, seen, 0, nil)
	}
	return out
}

func (f *file) kids(v any, resources dict, seen map[ref]bool, depth int, out []page) []page {
	id, isRef := v.(ref)
	if !isRef || seen[id] || depth > maxDepth || len(out) >= maxPages {
		return out
	}
	seen[id] = true
	d := f.dict(id)
	if own := f.dict(d["Resources"]); own != nil {
		resources = own
	}
	kids, _ := f.resolve(d["Kids"]).(array)
	if kids == nil {
		return append(out, page{d, resources})
	}
	for _, kid := range kids {
		out = f.kids(kid, resources, seen, depth+1, out)
	}
	return out
}

// page reads the text of a page.
func (f *file) page(p page) string {
	var content []byte
	switch v := f.resolve(p.d["Contents"]).(type) {
	case array:
		for _, part := range v {
			content = append(append(content, f.stream(part)...), '\n')
			if len(content) > maxStream {
				break
			}
		}
	case dict:
		content = f.stream(p.d["Contents"])
	}
	w := &writer{f: f, fonts: f.dict(p.resources["Font"]), known: map[name]*font{}, font: &font{}}
	w.run(content)
	return tidy(w.out.String())
}

// writer follows a content stream and writes down what it shows.
type writer struct {
	f     *file
	fonts dict
	known map[name]*font
	font  *font
	y     float64 // of the line, by the text matrix
	size  float64 // of the font
	shown int     // bytes of the last string
	out   strings.Builder
}

// maxArgs bounds the operands of an operator.
const maxArgs = 64

func (w *writer) run(content []byte) {
	l := &lexer{data: content, fuel: &w.f.fuel}
	var args []any
	for w.out.Len() < maxText {
		v, ok := l.next(0)
		if !ok {
			return
		}
		op, isWord := v.(word)
		if !isWord {
			if len(args) < maxArgs {
				args = append(args, v)
			}
			continue
		}
		if op == "ID" { // the bytes of a picture follow
			end := bytes.Index(l.data[l.pos:], []byte("EI"))
			if end < 0 {
				return
			}
			l.pos += end + len("EI")
		}
		w.operate(op, args)
		args = args[:0]
	}
}

func (w *writer) operate(op word, args []any) {
	number := func(i int) float64 {
		if i < 0 || i >= len(args) {
			return 0
		}
		n, _ := args[i].(float64)
		return n
	}
	switch op {
	case "Tf":
		if len(args) > 0 {
			n, _ := args[0].(name)
			w.setFont(n)
			w.size = number(1)
		}
	case "Tj", "'", `"`:
		if op != "Tj" {
			w.out.WriteByte('\n')
		}
		if len(args) > 0 {
			w.show(args[len(args)-1])
		}
	case "TJ":
		if len(args) > 0 {
			list, _ := args[0].(array)
			w.showAll(list)
		}
	case "T*", "ET":
		w.out.WriteByte('\n')
	case "Td", "TD":
		if number(1) != 0 {
			w.out.WriteByte('\n')
		} else if dx := number(0); dx > w.size || dx > 0 && w.shown > w.glyph() {
			w.space() // not after a single glyph: some writers place each by itself
		}
	case "Tm":
		if y := number(5); y != w.y {
			w.y = y
			w.out.WriteByte('\n')
		} else {
			w.space()
		}
	}
}

func (w *writer) setFont(n name) {
	o := w.known[n]
	if o == nil {
		o = w.f.fontOf(w.fonts[n])
		w.known[n] = o
	}
	w.font = o
}

func (w *writer) show(v any) {
	if s, ok := v.(text); ok && w.font.known {
		w.shown = len(s)
		w.font.decode(s, &w.out)
	}
}

// gap is how far to the right, in thousandths of the font's size, another word begins.
const gap = -180

func (w *writer) showAll(list array) {
	for _, e := range list {
		if n, ok := e.(float64); ok && n < gap {
			w.space()
			continue
		}
		w.show(e)
	}
}

// glyph is how many bytes one glyph has.
func (w *writer) glyph() int {
	if w.font.wide {
		return 2
	}
	return 1
}

func (w *writer) space() { w.out.WriteByte(' ') }

// tidy takes out what text has no use for: rows of spaces and empty lines, and characters
// that cannot be seen.
func tidy(s string) string {
	var lines []string
	for line := range strings.Lines(s) {
		line = strings.Map(func(r rune) rune {
			if unicode.IsControl(r) && !unicode.IsSpace(r) || r == 0xAD {
				return -1
			}
			return r
		}, line)
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.ToValidUTF8(strings.Join(lines, "\n"), "")
}
