package config_test

import (
	"strings"
	"testing"

	"patchbay/internal/config"
)

func TestSanitizeDescription(t *testing.T) {
	const own = ` target="_blank" rel="noopener noreferrer">`
	for _, tc := range []struct{ in, want string }{
		{"plain & simple", "plain &amp; simple"},
		{"already &amp; escaped", "already &amp; escaped"},
		{`<a href="https://h/?a=1&b=2">x</a>`, `<a href="https://h/?a=1&amp;b=2"` + own + `x</a>`},
		{`<a href='http://h/' target='_self' onclick="e()">x</a>`, `<a href="http://h/"` + own + `x</a>`},
		{`<A HREF="https://h/">x</A>`, `<a href="https://h/"` + own + `x</a>`},
		{`<a href="https://h/">open`, `<a href="https://h/"` + own + `open</a>`},
		{`<a href="javascript:x()">x</a>`, `&lt;a href=&#34;javascript:x()&#34;&gt;x&lt;/a&gt;`},
		{`<a href="&#106;avascript:x()">x</a>`, `&lt;a href=&#34;javascript:x()&#34;&gt;x&lt;/a&gt;`},
		{`<a href="//h/">x</a>`, `&lt;a href=&#34;//h/&#34;&gt;x&lt;/a&gt;`},
		{`<a href=https://h/>x</a>`, `&lt;a href=https://h/&gt;x&lt;/a&gt;`},
		{`<a name="x">y</a>`, `&lt;a name=&#34;x&#34;&gt;y&lt;/a&gt;`},
		{`<abbr>x</abbr>`, `&lt;abbr&gt;x&lt;/abbr&gt;`},
		{`<script>x</script>`, `&lt;script&gt;x&lt;/script&gt;`},
		{`&lt;script&gt;`, `&lt;script&gt;`},
		{`a < b`, `a &lt; b`},
		{`</a>`, `&lt;/a&gt;`},
	} {
		got := config.SanitizeDescription(tc.in)
		if got != tc.want {
			t.Errorf("%s\n got %s\nwant %s", tc.in, got, tc.want)
		}
		if again := config.SanitizeDescription(got); again != got {
			t.Errorf("not stable: %s became %s", got, again)
		}
	}
}

func FuzzSanitizeDescription(f *testing.F) {
	for _, s := range []string{`<a href="https://h/">x</a>`, `<a href='http://h/"onx=1'>`, `<<a href="https://h/"<a>`, `<a href="https://h/" / b`, "&#60;a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := config.SanitizeDescription(s)
		rest := got
		for {
			i := strings.IndexByte(rest, '<')
			if i < 0 {
				break
			}
			rest = rest[i:]
			if tail, ok := strings.CutPrefix(rest, "</a>"); ok {
				rest = tail
				continue
			}
			tail, ok := strings.CutPrefix(rest, `<a href="http`)
			if !ok {
				t.Fatalf("%q made a tag: %q", s, got)
			}
			_, after, closed := strings.Cut(tail, `"`)
			if rest, ok = strings.CutPrefix(after, ` target="_blank" rel="noopener noreferrer">`); !closed || !ok {
				t.Fatalf("%q made attributes: %q", s, got)
			}
		}
		if strings.Count(got, "<a ") != strings.Count(got, "</a>") {
			t.Fatalf("%q is not balanced: %q", s, got)
		}
	})
}
