package patchbay

// Allows reports whether a tool of this name is offered: no `deny` glob matches, and
// an `allow` glob does, or there are none.
func (f ToolFilter) Allows(tool string) bool {
	for _, g := range f.Deny {
		if MatchGlob(g, tool) {
			return false
		}
	}
	for _, g := range f.Allow {
		if MatchGlob(g, tool) {
			return true
		}
	}
	return len(f.Allow) == 0
}

// MatchGlob reports whether name matches pattern, in which * stands for any run of
// characters (none, and / included) and ? for one byte. There is no escape: tool names
// hold neither.
func MatchGlob(pattern, name string) bool {
	p, n := 0, 0
	star, mark := -1, 0 // the last * met, and what of name it has eaten
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, n
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == name[n]):
			p++
			n++
		case star >= 0:
			mark++
			p, n = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
