package expand

import (
	"net/url"
	"strings"
)

// region is a part of a URL.
type region uint8

const (
	inScheme region = iota
	inUserinfo
	inHost
	inPort
	inPath
	inQuery
	inFragment
)

func (r region) String() string {
	return [...]string{"scheme", "user name or password", "host", "port", "path", "query", "fragment"}[r]
}

// layout holds where the parts of a URL begin, as byte offsets in the template. It is
// measured on the template, where a placeholder is opaque, so no value can move it.
type layout struct{ scheme, host, port, path, query, fragment int }

func (l layout) at(i int) region {
	switch {
	case i >= l.fragment:
		return inFragment
	case i >= l.query:
		return inQuery
	case i >= l.path:
		return inPath
	case i < l.scheme:
		return inScheme
	case i < l.host:
		return inUserinfo
	case i >= l.port:
		return inPort
	}
	return inHost
}

// measure finds the parts of a URL template. shadow is the template with each
// placeholder overwritten by x of the same length.
func measure(shadow string) layout {
	n := len(shadow)
	l := layout{scheme: n, host: n, port: n, path: n, query: n, fragment: n}
	i := strings.Index(shadow, "://")
	if i < 0 {
		return l // no scheme: every placeholder stands where the scheme should be
	}
	l.scheme = i + 3
	l.host = l.scheme
	if j := strings.IndexByte(shadow[l.scheme:], '#'); j >= 0 {
		l.fragment = l.scheme + j
	}
	l.query = l.fragment
	if j := strings.IndexByte(shadow[l.scheme:l.fragment], '?'); j >= 0 {
		l.query = l.scheme + j
	}
	l.path = l.query
	if j := strings.IndexAny(shadow[l.scheme:l.query], `/\`); j >= 0 {
		l.path = l.scheme + j
	}
	if j := strings.LastIndexByte(shadow[l.scheme:l.path], '@'); j >= 0 {
		l.host = l.scheme + j + 1
	}
	host := shadow[l.host:l.path]
	l.port = l.path
	if j := strings.LastIndexByte(host, ':'); j >= 0 && j > strings.LastIndexByte(host, ']') {
		l.port = l.host + j
	}
	return l
}

func shadowOf(parts []part) string {
	var b strings.Builder
	for _, p := range parts {
		if p.literal() {
			b.WriteString(p.text)
		} else {
			b.WriteString(strings.Repeat("x", len(p.text)))
		}
	}
	return b.String()
}

// checkURL says why a URL template can never be used, or "".
func checkURL(text string) string {
	parts := scan(text)
	shadow := shadowOf(parts)
	l := measure(shadow)
	for _, p := range parts {
		if p.literal() {
			continue
		}
		switch r := l.at(p.at); r {
		case inScheme, inUserinfo, inPort, inFragment:
			return "the placeholder " + p.text + " stands in the URL's " + r.String() +
				", where none is allowed; write that part out (placeholders may stand in host, path and query)"
		case inHost:
			if strings.ContainsAny(shadow[l.host:l.port], "[]%") {
				return "the placeholder " + p.text + " stands in an IP address; write the address out"
			}
		}
	}
	if len(parts) > 1 || len(parts) == 1 && !parts[0].literal() {
		for _, p := range parts {
			// A lone % before a placeholder would make an escape out of the value.
			if _, err := url.PathUnescape(p.text); p.literal() && err != nil {
				return "a % that is not an escape stands beside a placeholder; write it as %25"
			}
		}
	}
	u, err := url.Parse(shadow)
	if err != nil || u.Scheme == "" || u.Host == "" || u.Hostname() == "" {
		return "is not a URL; write it like https://host/path"
	}
	return ""
}

// userInHost reports whether a placeholder of somebody's own, not of the operator's
// environment, stands in the host of a URL template.
func userInHost(text string, kindOf func(part) kind) bool {
	parts := scan(text)
	l := measure(shadowOf(parts))
	for _, p := range parts {
		if !p.literal() && l.at(p.at) == inHost && kindOf(p) != kindEnv {
			return true
		}
	}
	return false
}

// expandURL replaces the placeholders of a URL template by value, each encoded for the
// part it stands in. It relies on checkURL having found nothing.
func expandURL(text string, value func(part) (string, error)) (*url.URL, error) {
	parts := scan(text)
	shadow := shadowOf(parts)
	l := measure(shadow)
	var b strings.Builder
	var dynamic []string  // path segments that hold a placeholder
	seg, held := 0, false // start of the current segment in b; does it hold one
	endSegment := func() {
		if held {
			dynamic = append(dynamic, b.String()[seg:])
		}
		held = false
	}
	for _, p := range parts {
		if p.literal() {
			for i := range len(p.text) {
				c := p.text[i]
				r := l.at(p.at + i)
				if r == inPath && (c == '/' || c == '\\') || p.at+i == l.query || p.at+i == l.fragment {
					endSegment()
					b.WriteByte(c)
					seg = b.Len()
					continue
				}
				b.WriteByte(c)
			}
			continue
		}
		v, err := value(p)
		if err != nil {
			return nil, err
		}
		switch l.at(p.at) {
		case inHost:
			if v, err = encodeHost(v); err != nil {
				return nil, at(p, err)
			}
		case inPath:
			if v == "" || v == "." || v == ".." {
				return nil, at(p, refuse("is empty, . or .., which may not stand in the URL's path"))
			}
			v = encodeURL(v)
			held = true
		default:
			v = encodeURL(v)
		}
		b.WriteString(v)
	}
	endSegment()
	for _, s := range dynamic {
		if plain, err := url.PathUnescape(s); err != nil || plain == "." || plain == ".." {
			return nil, refuse("together with what stands beside it is . or .. in the URL's path")
		}
	}
	u, err := url.Parse(b.String())
	if err != nil {
		return nil, refuse("makes a URL that cannot be read") // the cause would quote the values
	}
	return u, nil
}

// at names the placeholder whose value was refused.
func at(p part, err error) error {
	return &placeError{part: p, why: err.Error()}
}

// placeError is a valueError that knows its placeholder.
type placeError struct {
	part part
	why  string
}

func (e *placeError) Error() string { return e.part.text + " " + e.why }
