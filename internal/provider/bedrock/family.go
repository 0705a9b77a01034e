package bedrock

import (
	"strings"

	"patchbay/internal/provider"
)

// family is whose model a name is of: the one format takes different things from them. A
// profile whose name says nothing is of no family and gets what all take.
type family struct {
	claude, nova, nova2, gptOSS bool
	major, minor                int // of Claude
}

func familyOf(model string) family {
	f := family{
		claude: strings.Contains(model, "claude"), nova: strings.Contains(model, "amazon.nova"),
		nova2: strings.Contains(model, "amazon.nova-2"), gptOSS: strings.Contains(model, "gpt-oss"),
	}
	if f.claude {
		f.major, f.minor = provider.ClaudeVersion(model)
	}
	return f
}

// richResults reports whether results may hold images and documents and say that they
// are errors.
func (f *family) richResults() bool { return f.claude || f.nova }

// caches reports whether places to cache at may be marked, and whether tools are one.
func (f *family) caches(model string) (messages, tools bool) {
	if f.claude {
		ok := f.major > 3 || f.minor >= 7 || strings.Contains(model, "3-5-haiku")
		return ok, ok
	}
	return f.nova && !f.nova2, false
}
