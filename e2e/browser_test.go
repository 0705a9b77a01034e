package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdBrowser is a browser without a screen: it keeps cookies and follows redirects.
//
//	browser NAME login EMAIL PASSWORD
//	browser NAME open URL [-header 'K: V'] [-until TEXT]
//
// open prints each address on its way with the status that it gave, and then the last
// page. With -until it stops before an address that holds TEXT, and leaves that in $NEXT.
func cmdBrowser(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 3 {
		ts.Fatalf("usage: browser NAME login EMAIL PASSWORD | browser NAME open URL [-header 'K: V'] [-until TEXT]")
	}
	s := storyOf(ts)
	if s.browsers == nil {
		s.browsers = map[string]*http.Client{}
	}
	b := s.browsers[args[0]]
	if b == nil {
		jar, err := cookiejar.New(nil)
		ts.Check(err)
		b = &http.Client{Jar: jar, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		s.browsers[args[0]] = b
	}
	if args[1] == "login" {
		body := fmt.Sprintf(`{"email":%q,"password":%q}`, args[2], args[3])
		resp, err := b.Post(ts.Getenv("URL")+"/api/auth/login", "application/json", strings.NewReader(body))
		ts.Check(err)
		ts.Check(resp.Body.Close())
		if resp.StatusCode != http.StatusOK {
			ts.Fatalf("browser: login: status %d", resp.StatusCode)
		}
		return
	}
	header, until := http.Header{"Accept": {"text/html,*/*;q=0.8"}}, ""
	for options := args[3:]; len(options) > 1; options = options[2:] {
		switch options[0] {
		case "-header":
			k, v, _ := strings.Cut(options[1], ":")
			header.Set(k, strings.TrimSpace(v))
		case "-until":
			until = options[1]
		default:
			ts.Fatalf("browser: unknown option %s", options[0])
		}
	}
	at := args[2]
	if strings.HasPrefix(at, "/") {
		at = ts.Getenv("URL") + at
	}
	for range 20 {
		if until != "" && strings.Contains(at, until) {
			ts.Setenv("NEXT", at)
			return
		}
		req, err := http.NewRequest(http.MethodGet, at, nil)
		ts.Check(err)
		req.Header = header.Clone()
		resp, err := b.Do(req)
		ts.Check(err)
		page, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
		ts.Check(err)
		ts.Check(resp.Body.Close())
		fmt.Fprintf(ts.Stdout(), "%d %s\n", resp.StatusCode, at)
		next, err := resp.Location()
		if err != nil {
			fmt.Fprintf(ts.Stdout(), "%s\n", page)
			return
		}
		at = next.String()
	}
	ts.Fatalf("browser: redirects without an end")
}
