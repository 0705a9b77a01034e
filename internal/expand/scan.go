package expand

import "strings"

// part is a piece of a scanned string: literal text, or one placeholder.
type part struct {
	at    int    // byte offset in the text
	text  string // as written, braces included
	name  string // of a placeholder; "" for literal text
	brace bool   // {{NAME}} rather than ${NAME}
}

func (p part) literal() bool { return p.name == "" }

// maxName is the longest name of a placeholder in bytes. A longer one is literal text.
const maxName = 256

// scan splits text into literals and placeholders, in order. An opening without its
// closing, or with braces or a line break in between, is literal text: it was not
// meant as a placeholder. Anything else between the braces is one, known or not.
func scan(text string) []part {
	var parts []part
	lit := 0
	for i := 0; i < len(text); {
		name, n, brace := placeholderAt(text[i:])
		if n == 0 {
			i++
			continue
		}
		if lit < i {
			parts = append(parts, part{at: lit, text: text[lit:i]})
		}
		parts = append(parts, part{at: i, text: text[i : i+n], name: name, brace: brace})
		i += n
		lit = i
	}
	if lit < len(text) {
		parts = append(parts, part{at: lit, text: text[lit:]})
	}
	return parts
}

// placeholderAt returns the placeholder that s begins with and its length, or 0.
func placeholderAt(s string) (name string, n int, brace bool) {
	var open, end string
	switch {
	case strings.HasPrefix(s, "${"):
		open, end = "${", "}"
	case strings.HasPrefix(s, "{{"):
		open, end, brace = "{{", "}}", true
	default:
		return "", 0, false
	}
	rest := s[len(open):]
	if len(rest) > maxName+len(end) {
		rest = rest[:maxName+len(end)] // never look further: a text of a million {{ is read once
	}
	stop := strings.Index(rest, end)
	if stop <= 0 || strings.ContainsAny(rest[:stop], "{}\r\n") {
		return "", 0, false
	}
	return rest[:stop], len(open) + stop + len(end), brace
}
