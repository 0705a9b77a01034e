package expand_test

import (
	"net/url"
	"strings"
	"testing"

	"patchbay"
	"patchbay/internal/expand"
)

// FuzzURL checks that a value stays in the place it was put into: scheme, host and port
// as written, as many path segments and query parameters as written, and the value
// itself readable in its own place, unexpanded.
func FuzzURL(f *testing.F) {
	for _, v := range []string{"a", "..", ".", "", "a/b", "%2e%2e", "?x=1", "#", "@evil", "\r\n", "{{KEY}}", "${TOKEN}", "ü", "\x00", "\\", "a;b", "::1"} {
		f.Add(v, v)
	}
	f.Fuzz(func(t *testing.T, inPath, inQuery string) {
		def := remote("https://h.example:8443/a/{{VAR}}/b/x{{VAR}}?q={{KEY}}&r=1", nil)
		v := values()
		v.Vars = map[string]string{"VAR": inPath, "KEY": inQuery}
		e, err := expand.Server(def, v)
		if inPath == "" || inPath == "." || inPath == ".." || inQuery == "" {
			if err == nil {
				t.Fatalf("%q and %q were taken: %s", inPath, inQuery, e.URL)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(e.URL.String())
		if err != nil {
			t.Fatal(err)
		}
		segments := strings.Split(u.EscapedPath(), "/")
		if u.Scheme != "https" || u.Host != "h.example:8443" || u.User != nil || u.Fragment != "" || len(segments) != 5 {
			t.Fatalf("escaped its place: %s", u)
		}
		for i, want := range []string{"", "a", inPath, "b", "x" + inPath} {
			if got, err := url.PathUnescape(segments[i]); err != nil || got != want {
				t.Fatalf("segment %d is %q (%v), want %q", i, got, err, want)
			}
		}
		q, err := url.ParseQuery(u.RawQuery)
		if err != nil || len(q) != 2 || len(q["q"]) != 1 || q.Get("q") != inQuery || q.Get("r") != "1" {
			t.Fatalf("query %q: %v", u.RawQuery, err)
		}
	})
}

// FuzzHost checks that a value in the host is one label or refused.
func FuzzHost(f *testing.F) {
	for _, v := range []string{"a", "a.b", "evil.com/", "a@b", "a:80", "-a", "A", "ü", "xn--a", "127", "a\r\n"} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, label string) {
		def := remote("https://{{VAR}}.h.example/p", nil)
		v := values()
		v.Vars = map[string]string{"VAR": label}
		e, err := expand.Server(def, v)
		if err != nil {
			return
		}
		if e.URL.Host != label+".h.example" || e.URL.Path != "/p" || strings.Count(e.URL.Host, ".") != 2 || e.Trust != patchbay.TrustPerson {
			t.Fatalf("%q made %s (%s)", label, e.URL, e.Trust)
		}
	})
}

// FuzzHeader checks that no value makes a second header or is expanded again.
func FuzzHeader(f *testing.F) {
	for _, v := range []string{"a", "a\r\nX: y", "\x7f", "ü", "✓", "b64:x", "${TOKEN}", "{{KEY}}", "\u0085", "\xff"} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, value string) {
		def := remote("https://h/", map[string]string{"A": "<{{VAR}}>"})
		v := values()
		v.Vars = map[string]string{"VAR": value}
		e, err := expand.Server(def, v)
		if err != nil {
			return
		}
		got := e.Header.Get("A")
		if len(e.Header) != 1 || len(e.Header["A"]) != 1 {
			t.Fatalf("%v", e.Header)
		}
		for i := range len(got) {
			if got[i] < 0x20 || got[i] == 0x7f {
				t.Fatalf("control character in %q", got)
			}
		}
		ascii := strings.IndexFunc(value, func(r rune) bool { return r > 0x7e }) < 0
		if ascii && got != "<"+value+">" {
			t.Fatalf("%q became %q", value, got)
		}
	})
}

// FuzzText expands foreign definitions: whatever is written, no secret of ours comes
// out, and nothing that one placeholder turned into was expanded again.
func FuzzText(f *testing.F) {
	for _, s := range []string{
		"${TOKEN}", "${CREDS_KEY}", "{{VAR}}", "${${TOKEN}}", "{{{{VAR}}}}", "${CREDS_KEY_FILE}", "$${CREDS_KEY}", "${ CREDS_KEY }", "{{CREDS_KEY}}",
		"${creds_key}", "${OPENAI_API_KEY}", "{{LIBRECHAT_USER_NAME}}", "https://h/{{VAR}}", "${NESTED}",
	} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, text, address string) {
		for _, source := range []patchbay.Source{patchbay.SourceYAML, patchbay.SourceUser} {
			def := &patchbay.Server{
				Name: "s", Source: source, Transport: patchbay.TransportHTTP, URL: address, UserVars: allVars,
				Headers: map[string]string{"A": text}, RequestHeaders: map[string]string{"B": text}, Proxy: text,
				APIKey: &patchbay.APIKey{Source: "admin", Key: text},
			}
			v := values()
			inner := v.Env
			v.Env = func(n string) (string, bool) {
				if expand.IsSecretEnv(n) || source == patchbay.SourceUser {
					t.Fatalf("%q was read", n)
				}
				return inner(n)
			}
			v.Vars = map[string]string{"VAR": "{{KEY}}", "KEY": "twice", "SLASH": "/", "BRACES": "{{", "DOTS": "."}
			if e, err := expand.Server(def, v); err == nil && !strings.Contains(text+address, "twice") {
				if !strings.Contains(text+address, "{{KEY}}") && strings.Contains(e.Header.Get("A")+e.URL.String(), "twice") {
					t.Fatalf("%q %q expanded twice: %v %s", text, address, e.Header, e.URL)
				}
			}
			expand.Check(def)
			expand.LevelOf(def)
			stdio := &patchbay.Server{Name: "s", Source: source, Transport: patchbay.TransportStdio, Command: "c", Args: []string{text}, Env: map[string]string{"A": address}, UserVars: allVars}
			if e, err := expand.Server(stdio, v); err == nil && (len(e.Argv) != 2 || len(e.Env) != 1) {
				t.Fatalf("%v %v", e.Argv, e.Env)
			}
		}
	})
}
