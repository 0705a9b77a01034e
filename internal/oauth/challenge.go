package oauth

import "strings"

// Bounds of a challenge.
const (
	maxChallenge  = 16 << 10 // bytes of all header values together
	maxChallenges = 16
	maxParams     = 32
)

// Challenge is what a server said when it turned a request away (RFC 6750 3, RFC 9728
// 5.1). The zero value means that it said nothing of use.
type Challenge struct {
	Bearer           bool     `json:"bearer,omitempty"` // it wants a bearer token
	ResourceMetadata string   `json:"resourceMetadata,omitempty"`
	Scopes           []string `json:"scopes,omitempty"`
	Error            string   `json:"error,omitempty"` // invalid_token, insufficient_scope, …; printable
}

// InsufficientScope reports whether the token is good and its scopes are too few.
func (c Challenge) InsufficientScope() bool { return c.Error == "insufficient_scope" }

// ReadChallenge returns what the WWW-Authenticate values of a response say: of the first
// Bearer challenge, or of parameters that stand without a scheme. Headers that follow no
// grammar give what can be understood of them.
func ReadChallenge(values []string) Challenge {
	var out Challenge
	for _, c := range ParseChallenges(values) {
		bearer := c.Scheme == "bearer"
		if !bearer && c.Scheme != "" && c.Scheme != "dpop" {
			continue
		}
		if out.Bearer && bearer && out.ResourceMetadata != "" {
			break
		}
		out.Bearer = out.Bearer || bearer
		if v := c.Params["resource_metadata"]; out.ResourceMetadata == "" && len(v) <= maxURL {
			out.ResourceMetadata = v
		}
		if v := c.Params["scope"]; out.Scopes == nil {
			out.Scopes = readScopes(v)
		}
		if v := c.Params["error"]; out.Error == "" {
			out.Error = errorCode(v)
		}
	}
	return out
}

// AuthChallenge is one challenge of a WWW-Authenticate header.
type AuthChallenge struct {
	Scheme  string            // lower case; empty when parameters stood there alone
	Token68 string            // for schemes such as Negotiate
	Params  map[string]string // names in lower case; of doubled ones the first counts
}

// ParseChallenges reads WWW-Authenticate values (RFC 9110 11.6.1). It accepts more than
// the grammar: missing commas, spaces around "=", unquoted values with any character but
// blank, comma and quote, single quotes, values without a scheme, an unclosed quote.
// What it cannot make sense of it skips.
func ParseChallenges(values []string) []AuthChallenge {
	var out []AuthChallenge
	left := maxChallenge
	for _, v := range values {
		if len(v) > left {
			v = v[:left]
		}
		left -= len(v)
		p := challengeParser{s: v}
		out = append(out, p.all(maxChallenges-len(out))...)
	}
	return out
}

type challengeParser struct {
	s string
	i int
}

func (p *challengeParser) all(most int) []AuthChallenge {
	var out []AuthChallenge
	current := -1
	open := func(scheme string) bool {
		if len(out) >= most {
			return false
		}
		out = append(out, AuthChallenge{Scheme: strings.ToLower(scheme), Params: map[string]string{}})
		current = len(out) - 1
		return true
	}
	for {
		comma := p.gap()
		if p.i >= len(p.s) {
			return out
		}
		word := p.word()
		if word == "" {
			p.i++ // a character that begins nothing
			continue
		}
		// Right behind a scheme, a word may be its token68.
		fresh := current >= 0 && !comma && out[current].Scheme != "" && len(out[current].Params) == 0 && out[current].Token68 == ""
		p.skip(" \t")
		switch {
		case p.at('=') && p.padding():
			p.skip("=")
			if fresh {
				out[current].Token68 = word
			}
		case p.at('='):
			p.i++
			p.skip(" \t")
			value := p.value()
			if current < 0 && !open("") {
				return out
			}
			name := strings.ToLower(word)
			if _, ok := out[current].Params[name]; !ok && len(out[current].Params) < maxParams {
				out[current].Params[name] = value
			}
		case fresh && !schemeLike(word):
			out[current].Token68 = word
		case !open(word):
			return out
		}
	}
}

// gap passes blanks and separators and reports whether there was a separator.
func (p *challengeParser) gap() bool {
	from := p.i
	p.skip(" \t,;")
	return strings.ContainsAny(p.s[from:p.i], ",;")
}

func (p *challengeParser) at(b byte) bool { return p.i < len(p.s) && p.s[p.i] == b }

// padding reports whether the "=" at hand ends a token68: only more of them, then a blank,
// a comma or the end.
func (p *challengeParser) padding() bool {
	j := p.i
	for j < len(p.s) && p.s[j] == '=' {
		j++
	}
	if j == len(p.s) {
		return true
	}
	rest := strings.TrimLeft(p.s[j:], " \t")
	return rest == "" || rest[0] == ','
}

// schemeLike reports whether a word is one of the schemes in use, rather than a token68.
func schemeLike(word string) bool {
	switch strings.ToLower(word) {
	case "bearer", "basic", "digest", "dpop", "negotiate", "ntlm", "hoba", "mutual", "vapid", "gnap", "scram-sha-256":
		return true
	}
	return false
}

// skip passes the characters of set.
func (p *challengeParser) skip(set string) {
	for p.i < len(p.s) && strings.IndexByte(set, p.s[p.i]) >= 0 {
		p.i++
	}
}

// word takes a token, or the wider alphabet of a token68.
func (p *challengeParser) word() string {
	from := p.i
	for p.i < len(p.s) {
		b := p.s[p.i]
		if b <= ' ' || b >= 0x7f || strings.IndexByte(`,;="'()<>@[]{}\?:`, b) >= 0 {
			break
		}
		p.i++
	}
	return p.s[from:p.i]
}

// value takes a quoted string in either quotes, or everything up to a blank or comma.
func (p *challengeParser) value() string {
	if p.i >= len(p.s) {
		return ""
	}
	quote := p.s[p.i]
	if quote != '"' && quote != '\'' {
		from := p.i
		for p.i < len(p.s) && strings.IndexByte(" \t,\"", p.s[p.i]) < 0 {
			p.i++
		}
		return strings.TrimRight(p.s[from:p.i], ";")
	}
	p.i++
	var b strings.Builder
	for p.i < len(p.s) && p.s[p.i] != quote {
		if p.s[p.i] == '\\' && p.i+1 < len(p.s) {
			p.i++
		}
		b.WriteByte(p.s[p.i])
		p.i++
	}
	if p.i < len(p.s) {
		p.i++ // the closing quote
	}
	return b.String()
}

// errorCode keeps an OAuth error code fit for logs and sentences: of the characters that
// RFC 6749 allows only the harmless ones, at most 64.
func errorCode(s string) string {
	s = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' || r == '.' || r == ':' || r == '/' {
			return r
		}
		return -1
	}, s)
	return s[:min(len(s), 64)]
}
