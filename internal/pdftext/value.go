package pdftext

import (
	"bytes"
	"strconv"
)

// The values of a file: nil, bool, float64, text (a string), name, ref, array, dict.
type (
	text  []byte
	name  string
	ref   int // generations are not told apart: the last object of a number counts
	array []any
	dict  map[name]any
	// word is an operator of a content stream, or a keyword.
	word string
)

// maxDepth bounds how deep values nest.
const maxDepth = 40

// lexer reads values from bytes.
type lexer struct {
	data []byte
	pos  int
	fuel *int // values that may still be read; shared by all of a file
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func isDelimiter(c byte) bool { return bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0 }

// skip goes to the next thing that is neither space nor comment.
func (l *lexer) skip() {
	for l.pos < len(l.data) {
		switch c := l.data[l.pos]; {
		case isSpace(c):
			l.pos++
		case c == '%':
			for l.pos < len(l.data) && l.data[l.pos] != '\n' && l.data[l.pos] != '\r' {
				l.pos++
			}
		default:
			return
		}
	}
}

// next reads one value; ok is false at the end, or where nothing sensible follows.
func (l *lexer) next(depth int) (v any, ok bool) {
	l.skip()
	if l.pos >= len(l.data) || *l.fuel <= 0 || depth > maxDepth {
		return nil, false
	}
	*l.fuel--
	switch c := l.data[l.pos]; {
	case c == '/':
		return l.name(), true
	case c == '(':
		return l.literal(), true
	case c == '<' && l.pos+1 < len(l.data) && l.data[l.pos+1] == '<':
		l.pos += 2
		return l.dict(depth)
	case c == '<':
		return l.hex(), true
	case c == '[':
		l.pos++
		return l.array(depth)
	case isDelimiter(c):
		l.pos++
		if c == '>' && l.pos < len(l.data) && l.data[l.pos] == '>' {
			l.pos++
			return word(">>"), true
		}
		return word(string(c)), true
	}
	from := l.pos
	for l.pos < len(l.data) && !isSpace(l.data[l.pos]) && !isDelimiter(l.data[l.pos]) {
		l.pos++
	}
	return l.plain(l.data[from:l.pos]), true
}

// plain is a number, a reference, a constant, or a word.
func (l *lexer) plain(b []byte) any {
	n, err := strconv.ParseFloat(string(b), 64)
	if err != nil || b[0] > '9' {
		switch string(b) {
		case "true":
			return true
		case "false":
			return false
		case "null":
			return nil
		}
		return word(b)
	}
	if n == float64(int32(n)) && n >= 0 {
		if end, ok := l.reference(); ok {
			l.pos = end
			return ref(n)
		}
	}
	return n
}

// reference reports whether "G R" follows, and where it ends.
func (l *lexer) reference() (end int, ok bool) {
	i := l.pos
	for i < len(l.data) && isSpace(l.data[i]) && i < l.pos+4 {
		i++
	}
	from := i
	for i < len(l.data) && l.data[i] >= '0' && l.data[i] <= '9' && i < from+6 {
		i++
	}
	if i == from || i >= len(l.data) || !isSpace(l.data[i]) {
		return 0, false
	}
	for i < len(l.data) && isSpace(l.data[i]) && i < from+10 {
		i++
	}
	if i >= len(l.data) || l.data[i] != 'R' || i+1 < len(l.data) && !isSpace(l.data[i+1]) && !isDelimiter(l.data[i+1]) {
		return 0, false
	}
	return i + 1, true
}

func (l *lexer) name() name {
	l.pos++
	var b []byte
	for l.pos < len(l.data) && !isSpace(l.data[l.pos]) && !isDelimiter(l.data[l.pos]) {
		c := l.data[l.pos]
		l.pos++
		if c == '#' && l.pos+1 < len(l.data) {
			if n, err := strconv.ParseUint(string(l.data[l.pos:l.pos+2]), 16, 8); err == nil {
				c = byte(n)
				l.pos += 2
			}
		}
		b = append(b, c)
	}
	return name(b)
}

// literal reads a string in parentheses, which may nest.
func (l *lexer) literal() text {
	l.pos++
	var b text
	for open := 1; l.pos < len(l.data); {
		c := l.data[l.pos]
		l.pos++
		switch c {
		case '(':
			open++
		case ')':
			if open--; open == 0 {
				return b
			}
		case '\\':
			var ok bool
			if c, ok = l.escape(); !ok {
				continue
			}
		}
		b = append(b, c)
	}
	return b
}

// escape reads what follows a backslash; ok is false when it stands for nothing.
func (l *lexer) escape() (c byte, ok bool) {
	if l.pos >= len(l.data) {
		return 0, false
	}
	c = l.data[l.pos]
	l.pos++
	switch c {
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	case 'b', 'f':
		return ' ', true
	case '\r':
		if l.pos < len(l.data) && l.data[l.pos] == '\n' {
			l.pos++
		}
		return 0, false
	case '\n':
		return 0, false
	}
	if c < '0' || c > '7' {
		return c, true
	}
	n := int(c - '0')
	for i := 0; i < 2 && l.pos < len(l.data) && l.data[l.pos] >= '0' && l.data[l.pos] <= '7'; i++ {
		n = n*8 + int(l.data[l.pos]-'0')
		l.pos++
	}
	return byte(n), true
}

func (l *lexer) hex() text {
	l.pos++
	var b text
	half, n := false, byte(0)
	for l.pos < len(l.data) {
		c := l.data[l.pos]
		l.pos++
		if c == '>' {
			break
		}
		d, err := strconv.ParseUint(string(c), 16, 8)
		if err != nil {
			continue
		}
		if half {
			b = append(b, n<<4|byte(d))
		}
		n, half = byte(d), !half
	}
	if half {
		b = append(b, n<<4)
	}
	return b
}

func (l *lexer) array(depth int) (any, bool) {
	var a array
	for {
		v, ok := l.next(depth + 1)
		if !ok {
			return a, len(a) > 0
		}
		if v == word("]") {
			return a, true
		}
		a = append(a, v)
	}
}

func (l *lexer) dict(depth int) (any, bool) {
	d := dict{}
	for {
		k, ok := l.next(depth + 1)
		if !ok || k == word(">>") {
			return d, true
		}
		key, isName := k.(name)
		if !isName {
			continue
		}
		v, ok := l.next(depth + 1)
		if !ok || v == word(">>") {
			return d, true
		}
		d[key] = v
	}
}
