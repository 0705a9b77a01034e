package web

import (
	"io/fs"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

func get(t *testing.T, s *Site, method, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, "http://localhost"+path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	s.ServeHTTP(rec, r)
	return rec
}

func TestPaths(t *testing.T) {
	s, err := New(Options{Files: fstest.MapFS{
		"index.html":               {Data: []byte("index")},
		"login.html":               {Data: []byte("login")},
		"style.css":                {Data: []byte("css")},
		"assets/main-Ab3_x-9Z.js":  {Data: []byte("js")},
		"assets/plain.js":          {Data: []byte("plain")},
		".hidden":                  {Data: []byte("hidden")},
		"api/openapi.json":         {Data: []byte("never")},
		"assets/font-0123abcd.odd": {Data: []byte("odd")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		body, contentType, cache string
	}{
		"/":                         {"index", "text/html; charset=utf-8", cacheNever},
		"/index.html":               {"index", "text/html; charset=utf-8", cacheNever},
		"/login":                    {"login", "text/html; charset=utf-8", cacheNever},
		"/c/some/chat":              {"index", "text/html; charset=utf-8", cacheNever},
		"/style.css":                {"css", "text/css; charset=utf-8", cacheAnHour},
		"/assets/main-Ab3_x-9Z.js":  {"js", "text/javascript; charset=utf-8", cacheForever},
		"/assets/plain.js":          {"plain", "text/javascript; charset=utf-8", cacheAnHour},
		"/assets/font-0123abcd.odd": {"odd", "application/octet-stream", cacheForever},
		"/x/../style.css":           {"css", "text/css; charset=utf-8", cacheAnHour},
		"/missing.js":               {},
		"/.hidden":                  {},
		"/api":                      {},
		"/api/mcp/servers":          {},
		"/healthz":                  {},
		"/metrics":                  {},
		"/../../etc/passwd.txt":     {},
	}
	for path, want := range tests {
		t.Run(path, func(t *testing.T) {
			rec := get(t, s, "GET", path)
			h := rec.Header()
			if want.body == "" {
				if rec.Code != 404 || h.Get("Cache-Control") != cacheNever {
					t.Errorf("%d %v", rec.Code, h)
				}
				return
			}
			if rec.Code != 200 || rec.Body.String() != want.body || h.Get("Content-Type") != want.contentType || h.Get("Cache-Control") != want.cache {
				t.Errorf("%d %q %v", rec.Code, rec.Body, h)
			}
			if h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
				t.Errorf("%v", h)
			}
			if again := get(t, s, "GET", path, "If-None-Match", h.Get("ETag")); again.Code != 304 {
				t.Errorf("with its ETag: %d", again.Code)
			}
			if head := get(t, s, "HEAD", path); head.Code != 200 || head.Body.Len() != 0 {
				t.Errorf("HEAD: %d, %d bytes", head.Code, head.Body.Len())
			}
		})
	}
	if rec := get(t, s, "POST", "/"); rec.Code != 405 || rec.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d", rec.Code)
	}
}

// A browser gets the best form that it takes; caches are told that there are several.
func TestCompressedTwins(t *testing.T) {
	s, err := New(Options{Files: fstest.MapFS{
		"index.html":          {Data: []byte("index")},
		"a-0123abcd.js":       {Data: []byte("plain")},
		"a-0123abcd.js.gz":    {Data: []byte("gzipped")},
		"a-0123abcd.js.br":    {Data: []byte("brotli")},
		"b.js":                {Data: []byte("plain")},
		"b.js.gz":             {Data: []byte("gzipped")},
		"alone.gz":            {Data: []byte("alone")},
		"style.css":           {Data: []byte("css")},
		"assets/x-0123abc.js": {Data: []byte("x")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		path, accept, body, encoding string
		vary                         bool
	}{
		"both":               {"/a-0123abcd.js", "gzip, deflate, br", "brotli", "br", true},
		"gzip only":          {"/a-0123abcd.js", "gzip", "gzipped", "gzip", true},
		"brotli refused":     {"/a-0123abcd.js", "br;q=0, gzip;q=0.5", "gzipped", "gzip", true},
		"all refused":        {"/a-0123abcd.js", "br; q=0.0, gzip;q=0", "plain", "", true},
		"nothing said":       {"/a-0123abcd.js", "", "plain", "", true},
		"only a gzip twin":   {"/b.js", "br, GZIP", "gzipped", "gzip", true},
		"no twin":            {"/style.css", "br, gzip", "css", "", false},
		"a file of that end": {"/alone.gz", "gzip", "alone", "", false},
		"the twin itself":    {"/b.js.gz", "gzip", "", "", false},
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			rec := get(t, s, "GET", want.path, "Accept-Encoding", want.accept)
			h := rec.Header()
			if want.body == "" {
				if rec.Code != 404 {
					t.Errorf("%d", rec.Code)
				}
				return
			}
			if rec.Body.String() != want.body || h.Get("Content-Encoding") != want.encoding || (h.Get("Vary") == "Accept-Encoding") != want.vary {
				t.Errorf("%d %q %v", rec.Code, rec.Body, h)
			}
			if want.path != "/alone.gz" && strings.Contains(h.Get("Content-Type"), "gzip") {
				t.Errorf("the type is that of the twin: %v", h)
			}
		})
	}
}

// Each answer with a page has a nonce of its own, the same in the page and in its policy.
func TestNonce(t *testing.T) {
	s, err := New(Options{BasePath: "/base", Files: fstest.MapFS{
		"index.html": {Data: []byte(`<meta content="{{nonce}}"><script src="{{base}}/x.js">`)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for range 2 {
		rec := get(t, s, "GET", "/")
		m := regexp.MustCompile(`<meta content="([A-Z2-7]{20,})"><script src="/base/x.js">`).FindStringSubmatch(rec.Body.String())
		if m == nil || seen[m[1]] {
			t.Fatalf("%s", rec.Body)
		}
		seen[m[1]] = true
		if h := rec.Header(); !strings.Contains(h.Get("Content-Security-Policy"), "style-src 'self' 'nonce-"+m[1]+"'; ") || h.Get("ETag") != "" {
			t.Errorf("%v", h)
		}
	}
}

func TestNewNeedsAnIndex(t *testing.T) {
	if _, err := New(Options{Files: fstest.MapFS{"x.html": {}}}); err == nil {
		t.Error("a UI without its first page was taken")
	}
}

// The page where a sign-in ends is there with the built UI too, and shows its words
// without a script: each way to end has a section that the address picks.
func TestSignInPagesBesideTheBuiltUI(t *testing.T) {
	s, err := New(Options{Files: both{fstest.MapFS{
		"index.html": {Data: []byte("the UI")}, "assets/x.js": {Data: []byte("1")}, "oauth/done.html": {Data: []byte("not this")},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := get(t, s, "GET", "/oauth/other").Body.String(); got != "the UI" {
		t.Errorf("another path shows %q", got)
	}
	page := get(t, s, "GET", "/oauth/done").Body.String()
	for _, outcome := range []string{"done", "denied", "expired", "unknown", "person", "browser", "login", "issuer", "changed", "refused", "unreachable", "failed"} {
		if !strings.Contains(page, `<section id="`+outcome+`" class="outcome"`) {
			t.Errorf("there are no words for %s", outcome)
		}
	}
	if css := get(t, s, "GET", "/oauth/page.css").Body.String(); !strings.Contains(css, ".outcome:target { display: block; }") {
		t.Error("the address does not pick the words")
	}
}

// The plain pages run under their policy: nothing inline, nothing from elsewhere, every
// field with a label and a place for what is wrong with it.
func TestPlainPages(t *testing.T) {
	sub, err := fs.Sub(pages, "pages")
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Options{BasePath: "/base", Files: sub})
	if err != nil {
		t.Fatal(err)
	}
	inline := regexp.MustCompile(`(?i)<script>|<style|\son[a-z]+=|\sstyle=|https?://|\{\{`)
	local := regexp.MustCompile(`(?:src|href|action|data-then)="([^"#]+)"`)
	for _, path := range []string{"/", "/login", "/setup", "/oauth/done"} {
		body := get(t, s, "GET", path).Body.String()
		if found := inline.FindString(body); found != "" {
			t.Errorf("%s holds %q", path, found)
		}
		if n := strings.Count(body, "<script"); n != 1 {
			t.Errorf("%s has %d scripts, want 1", path, n)
		}
		for _, m := range local.FindAllStringSubmatch(body, -1) {
			inside, ok := strings.CutPrefix(m[1], "/base")
			if !ok {
				t.Errorf("%s leads to %s, outside the base path", path, m[1])
			}
			if !strings.HasPrefix(inside, "/api/") && get(t, s, "GET", inside).Code != 200 {
				t.Errorf("%s leads to %s, which is not there", path, m[1])
			}
		}
		for _, m := range regexp.MustCompile(`<input id="([a-z]+)"[^>]*>`).FindAllStringSubmatch(body, -1) {
			for _, need := range []string{`<label for="` + m[1] + `"`, `id="` + m[1] + `-wrong"`} {
				if !strings.Contains(body, need) {
					t.Errorf("%s: the field %s lacks %s", path, m[1], need)
				}
			}
			if !strings.Contains(m[0], "autocomplete=") || !strings.Contains(m[0], `aria-describedby="`) {
				t.Errorf("%s: the field %s lacks autocomplete or aria-describedby", path, m[1])
			}
		}
	}
	for _, script := range []string{"/account.js", "/home.js"} {
		if body := get(t, s, "GET", script).Body.String(); containsAny(body, "innerHTML", "eval(", "localStorage", "document.write") {
			t.Errorf("%s uses what a plain page must not", script)
		}
	}
}

func containsAny(s string, parts ...string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}

func TestBuiltIn(t *testing.T) {
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if rec := get(t, s, "GET", "/"); rec.Code != 200 || !strings.Contains(rec.Body.String(), "<html") {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}
