package config

import (
	"html"
	"net/url"
	"strings"
)

// SanitizeDescription turns the HTML of a variable's description into text and links:
// `<a href="http(s)://…">` keeps its address and gets our own target and rel, every
// other tag is shown as text. The result is safe to put into a page, and sanitising it
// again changes nothing.
func SanitizeDescription(s string) string {
	var b strings.Builder
	open := 0
	for s != "" {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			i = len(s)
		}
		b.WriteString(escapeText(s[:i]))
		s = s[i:]
		if s == "" {
			break
		}
		if href, n := anchorTag(s); n > 0 {
			b.WriteString(`<a href="` + html.EscapeString(href) + `" target="_blank" rel="noopener noreferrer">`)
			s = s[n:]
			open++
			continue
		}
		if n := closingTag(s); n > 0 && open > 0 {
			b.WriteString("</a>")
			s = s[n:]
			open--
			continue
		}
		b.WriteString("&lt;")
		s = s[1:]
	}
	b.WriteString(strings.Repeat("</a>", open))
	return b.String()
}

// escapeText reads entities first, so that &amp; in the file is one & on the screen.
func escapeText(s string) string { return html.EscapeString(html.UnescapeString(s)) }

// anchorTag reads the opening tag of a link to http or https at the start of s and
// returns its address and the tag's length, or 0.
func anchorTag(s string) (href string, n int) {
	if len(s) < 3 || s[1] != 'a' && s[1] != 'A' || !strings.ContainsRune(" \t\r\n", rune(s[2])) {
		return "", 0
	}
	i := 3
	found := false
	for i < len(s) {
		for i < len(s) && strings.IndexByte(" \t\r\n/", s[i]) >= 0 {
			i++
		}
		if i < len(s) && s[i] == '>' {
			if !found || !webAddress(href) {
				return "", 0
			}
			return href, i + 1
		}
		start := i
		for i < len(s) && strings.IndexByte(" \t\r\n/>=\"'<", s[i]) < 0 {
			i++
		}
		name := strings.ToLower(s[start:i])
		if name == "" {
			return "", 0
		}
		for i < len(s) && strings.IndexByte(" \t\r\n", s[i]) >= 0 {
			i++
		}
		if i >= len(s) || s[i] != '=' {
			continue
		}
		i++
		for i < len(s) && strings.IndexByte(" \t\r\n", s[i]) >= 0 {
			i++
		}
		if i >= len(s) || s[i] != '"' && s[i] != '\'' {
			return "", 0 // an unquoted value: not a link that we write
		}
		end := strings.IndexByte(s[i+1:], s[i])
		if end < 0 {
			return "", 0
		}
		value := s[i+1 : i+1+end]
		i += end + 2
		if name == "href" && !found {
			href, found = html.UnescapeString(strings.TrimSpace(value)), true
		}
	}
	return "", 0
}

func closingTag(s string) int {
	if len(s) < 4 || s[1] != '/' || s[2] != 'a' && s[2] != 'A' {
		return 0
	}
	end := strings.IndexByte(s, '>')
	if end < 0 || strings.TrimSpace(s[3:end]) != "" {
		return 0
	}
	return end + 1
}

func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil
}
