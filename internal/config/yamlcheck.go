package config

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/token"
)

// checkText refuses what is not text, at the place where it stops being it.
func checkText(data []byte) *FileError {
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return fileErrorf(1, 1, "is written in UTF-16; save it as UTF-8")
	}
	line, col := 1, 1
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			return fileErrorf(line, col, "is not UTF-8 here; save the file as UTF-8")
		case r == 0:
			return fileErrorf(line, col, "holds a NUL byte here; this is not a text file")
		case r < 0x20 && r != '\n' && r != '\r' && r != '\t':
			return fileErrorf(line, col, "holds the control character U+%04X here; remove it", r)
		}
		i += n
		col++
		if r == '\n' {
			line, col = line+1, 1
		}
	}
	return nil
}

// checkTokens refuses, before the parser sees it, what would keep it busy: the parser
// is quadratic in nesting and in the keys of one map.
func checkTokens(tokens token.Tokens) *FileError {
	depth, entries, run, runLine := 0, 0, 0, 0
	for i, t := range tokens {
		p := t.Position
		if i >= maxTokens {
			return fileErrorf(p.Line, p.Column, "holds more than %d words; a configuration does not", maxTokens)
		}
		switch t.Type {
		case token.MappingStartType, token.SequenceStartType:
			depth++
		case token.MappingEndType, token.SequenceEndType:
			depth--
		case token.MappingValueType:
			entries++
		case token.SequenceEntryType, token.MappingKeyType:
			if p.Line != runLine {
				run, runLine = 0, p.Line
			}
			run++
		default:
		}
		if depth > maxDepth || run > maxDepth || p.Column > 4096 && t.Type == token.MappingValueType {
			return fileErrorf(p.Line, p.Column, "is nested more than %d levels deep here", maxDepth)
		}
		if entries > maxEntries {
			return fileErrorf(p.Line, p.Column, "holds more than %d keys; a configuration does not", maxEntries)
		}
	}
	return nil
}

func syntaxError(err error) *FileError {
	var syntax *yaml.SyntaxError
	if !errors.As(err, &syntax) || syntax.Token == nil {
		return fileErrorf(0, 0, "cannot be read as YAML")
	}
	p := syntax.Token.Position
	message := syntax.Message
	switch {
	case strings.Contains(message, "'\t'"):
		message = "a tab cannot indent YAML; use spaces"
	case strings.Contains(message, "flow map content"), strings.Contains(syntax.Token.Origin, "{{"):
		message = `not readable as YAML: put quotes around a value that begins with {, like "{{LIBRECHAT_USER_ID}}"`
	default:
		message = "not readable as YAML: " + message
	}
	return fileErrorf(p.Line, p.Column, "%s", message)
}
