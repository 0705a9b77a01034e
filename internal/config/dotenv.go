package config

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// parseDotenv reads the lines of a `.env` file by the rules of dotenv: `NAME=value`,
// an optional `export`, # comments, single quotes and backquotes as they are, double
// quotes with \n \r \t \" and \\, quoted values over several lines, blanks around an
// unquoted value dropped. $ is not expanded: a value is what is written.
func parseDotenv(data []byte) (map[string]string, []Finding) {
	vars := map[string]string{}
	var findings []Finding
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	text := strings.ReplaceAll(string(data), "\r\n", "\n")
	line := 0
	bad := func(message string) {
		findings = append(findings, Finding{Severity: SeverityWarning, Line: line, Column: 1, Message: message})
	}
	for text != "" {
		line++
		var row string
		row, text, _ = strings.Cut(text, "\n")
		trimmed := strings.TrimSpace(row)
		if trimmed == "" || trimmed[0] == '#' {
			continue
		}
		if rest, ok := strings.CutPrefix(trimmed, "export "); ok {
			trimmed = strings.TrimSpace(rest)
		}
		name, value, ok := strings.Cut(trimmed, "=")
		name = strings.TrimSpace(name)
		if !ok || !envName(name) {
			bad("this line is not NAME=value and is skipped")
			continue
		}
		value = strings.TrimSpace(value)
		if value != "" && strings.ContainsRune("\"'`", rune(value[0])) {
			v, more, lines, closed := quoted(value, text)
			if !closed {
				bad("the quote that begins the value of " + name + " is never closed; the line is skipped")
				continue
			}
			text, value = more, v
			line += lines
		} else if i := strings.Index(value, " #"); i >= 0 {
			value = strings.TrimSpace(value[:i])
		} else if strings.HasPrefix(value, "#") {
			value = ""
		}
		if strings.ContainsRune(value, 0) || !utf8.ValidString(value) {
			bad("the value of " + name + " is not text; the line is skipped")
			continue
		}
		vars[name] = value
	}
	return vars, findings
}

// quoted reads a quoted value that begins with s and may go on in rest. It returns the
// value, what is left of rest, and how many of its lines were used.
func quoted(s, rest string) (value, left string, lines int, closed bool) {
	quote := s[0]
	all := s[1:]
	if rest != "" {
		all += "\n" + rest
	}
	var b strings.Builder
	for i := 0; i < len(all); i++ {
		c := all[i]
		switch {
		case c == quote:
			used := all[:i]
			_, left, _ = strings.Cut(all[i+1:], "\n")
			return b.String(), left, strings.Count(used, "\n"), true
		case c == '\\' && quote == '"' && i+1 < len(all):
			i++
			b.WriteString(unescape(all[i]))
		default:
			b.WriteByte(c)
		}
	}
	return "", rest, 0, false
}

func unescape(c byte) string {
	switch c {
	case 'n':
		return "\n"
	case 'r':
		return "\r"
	case 't':
		return "\t"
	case '"', '\\', '$':
		return string(c)
	}
	return `\` + string(c)
}

func envName(name string) bool {
	for i, r := range name {
		switch {
		case r == '_', 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z':
		case '0' <= r && r <= '9', r == '.', r == '-':
			if i == 0 {
				return false
			}
		default:
			return false
		}
	}
	return name != ""
}
