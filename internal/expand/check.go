package expand

import (
	"slices"
	"strings"

	"patchbay"
)

// Problem is a mistake in a definition's placeholders that loading finds.
type Problem struct {
	Path    string // in the entry: "url", "headers.X-Key", "args[1]", "oauth.client_id"
	Message string // a sentence that says what to do
	Reason  patchbay.Reason
}

// Check finds the mistakes of def that no value could cure. Nil means every placeholder
// is known and stands where it may.
func Check(def *patchbay.Server) []Problem {
	var problems []Problem
	for _, f := range fields(def) {
		problems = append(problems, checkField(def, f)...)
		if len(problems) >= maxProblems {
			return problems[:maxProblems]
		}
	}
	return problems
}

// maxProblems is as many as anybody reads about one definition.
const maxProblems = 50

func checkField(def *patchbay.Server, f field) []Problem {
	var problems []Problem
	bad := func(message string) {
		problems = append(problems, Problem{f.path, message, patchbay.ReasonBadDefinition})
	}
	said := map[string]bool{}
	for _, p := range scan(f.text) {
		if p.literal() || said[p.text] || len(problems) >= maxProblems {
			continue
		}
		said[p.text] = true
		if f.place == placeNone {
			bad("placeholders are not expanded in " + f.path + "; write " + p.text + " out, or move it to args or env")
			continue
		}
		switch k := classify(def, p); {
		case k == kindOIDC:
			problems = append(problems, Problem{f.path, p.text + " needs people to log in by OpenID Connect, which is not there yet; " +
				"use a variable of customUserVars or the server's own OAuth instead", patchbay.ReasonNeedsOIDCLogin})
		case k == kindSecret:
			bad(p.text + " is a secret of patchbay's own and never given to a server; put the value under another name")
		case k == kindBadName:
			bad(p.text + " is not the name of an environment variable; write ${NAME} with letters, digits and _")
		case k == kindUnknown:
			bad(unknownMessage(def, p))
		case k == kindBody && def.Source == patchbay.SourceUser:
			bad(p.text + " may stand in the operator's file only; use a user variable or an account field")
		case f.place == placeProxy && k != kindEnv:
			bad(p.text + " may not stand in proxy, where only ${NAME} is expanded")
		}
	}
	switch f.place {
	case placeURL:
		if why := checkURL(f.text); why != "" {
			bad(why)
		}
	case placeHeader:
		for _, p := range scan(f.text) {
			if !p.literal() {
				continue
			}
			if v, err := encodeHeader(p.text); err != nil {
				bad("this text " + err.Error())
			} else if strings.HasPrefix(v, "b64:") && !strings.HasPrefix(p.text, "b64:") {
				bad("this text has characters that no header can carry; write it in Latin-1")
			}
		}
	}
	return problems
}

func unknownMessage(def *patchbay.Server, p part) string {
	name := strings.TrimSpace(p.name)
	known := make([]string, 0, len(userFields)+len(bodyFields)+len(def.UserVars))
	for _, v := range def.UserVars {
		known = append(known, v.Name)
	}
	for f := range userFields {
		known = append(known, userPrefix+f)
	}
	for f := range bodyFields {
		known = append(known, bodyPrefix+f)
	}
	if best := Nearest(name, known); best != "" {
		return "nobody knows the placeholder " + p.text + "; did you mean {{" + best + "}}?"
	}
	if ValidVar(name) && !reserved(name) {
		return "nobody knows the placeholder " + p.text + "; declare " + name +
			" in customUserVars to ask each user for it, or write ${" + name + "} for an environment variable"
	}
	return "nobody knows the placeholder " + p.text + "; see the list of placeholders in docs/configuration.md"
}

// Nearest returns the word of known that is most like name, or "" when none is near.
// Case, - and _ do not count.
func Nearest(name string, known []string) string {
	known = slices.Sorted(slices.Values(known)) // ties go to the first in the alphabet
	fold := func(s string) string {
		return strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(s))
	}
	want := fold(name)
	limit := 1 + len(want)/4
	best := ""
	for _, k := range known {
		if d := distance(want, fold(k), limit); d <= limit && (best == "" || d < limit) {
			best, limit = k, d
		}
	}
	return best
}

// distance is the Levenshtein distance of a and b, or limit+1 when it is greater.
func distance(a, b string, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit || len(a) > 256 || len(b) > 256 {
		return limit + 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

// ValidHeaderName reports whether name can be sent as a header (RFC 9110 token).
func ValidHeaderName(name string) bool {
	for i := range len(name) {
		c := name[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0:
		default:
			return false
		}
	}
	return name != ""
}
