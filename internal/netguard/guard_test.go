package netguard_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"patchbay"
	"patchbay/internal/netguard"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func guard(t *testing.T, p netguard.Policy) *netguard.Guard {
	t.Helper()
	g, err := netguard.New(p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.CloseIdle)
	return g
}

func parse(t *testing.T, raw string) *url.URL {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestCheck(t *testing.T) {
	none := netguard.Policy{}
	tests := []struct {
		name   string
		policy netguard.Policy
		trust  patchbay.Trust
		origin string
		url    string
		line   string // "-" for allowed; else what the refusal must contain
	}{
		{"operator reaches loopback", none, patchbay.TrustOperator, "", "http://127.0.0.1:3000/mcp", "-"},
		{"operator reaches a name", none, patchbay.TrustOperator, "", "http://wiki.local/mcp", "-"},
		{"strict operator does not", netguard.Policy{Strict: true}, patchbay.TrustOperator, "", "http://127.0.0.1:3000", `mcpSettings: {allowedAddresses: ["127.0.0.1:3000"]}`},
		{"person reaches public", none, patchbay.TrustPerson, "", "https://8.8.8.8/mcp", "-"},
		{"person reaches a name", none, patchbay.TrustPerson, "", "https://example.com/mcp", "-"},
		{"person and loopback", none, patchbay.TrustPerson, "", "http://127.0.0.1/", `allowedAddresses: ["127.0.0.1:80"]`},
		{"person and localhost", none, patchbay.TrustPerson, "", "http://LocalHost:8080/", `allowedAddresses: ["localhost:8080"]`},
		{"person and old spelling", none, patchbay.TrustPerson, "", "http://0x7f.1/", "not a public address"},
		{"person and number", none, patchbay.TrustPerson, "", "http://2130706433/", "not a public address"},
		{"person and mapped", none, patchbay.TrustPerson, "", "http://[::ffff:a9fe:a9fe]/", "not a public address"},
		{"person and NAT64", none, patchbay.TrustPerson, "", "http://[64:ff9b::a9fe:a9fe]/", "not a public address"},
		{"person and zone", none, patchbay.TrustPerson, "", "http://[fe80::1%25eth0]/", "not a public address"},
		{"person and listed address", netguard.Policy{AllowedAddresses: []string{"10.0.0.0/8"}}, patchbay.TrustPerson, "", "http://10.1.1.1/", "-"},
		{"person and listed port", netguard.Policy{AllowedAddresses: []string{"127.0.0.1:3000"}}, patchbay.TrustPerson, "", "http://127.1:3000/", "-"},
		{"person and another port", netguard.Policy{AllowedAddresses: []string{"127.0.0.1:3000"}}, patchbay.TrustPerson, "", "http://127.0.0.1:3001/", "not a public"},
		{"learned, same host", none, patchbay.TrustLearned, "http://10.0.0.1:8000/mcp", "http://10.0.0.1:9000/token", "-"},
		{"learned, elsewhere", none, patchbay.TrustLearned, "http://10.0.0.1:8000/mcp", "http://10.0.0.2/token", "not a public"},
		{"domain listed", netguard.Policy{AllowedDomains: []string{"example.com"}}, patchbay.TrustOperator, "", "https://example.com/", "-"},
		{"domain not listed", netguard.Policy{AllowedDomains: []string{"example.com"}}, patchbay.TrustOperator, "", "https://a.example.com/", `allowedDomains: ["a.example.com"]`},
		{"wildcard", netguard.Policy{AllowedDomains: []string{"*.example.com"}}, patchbay.TrustPerson, "", "https://a.b.example.com/", "-"},
		{"wildcard is not the name itself", netguard.Policy{AllowedDomains: []string{"*.example.com"}}, patchbay.TrustPerson, "", "https://example.com/", "allowedDomains"},
		{"wildcard is not a suffix", netguard.Policy{AllowedDomains: []string{"*.example.com"}}, patchbay.TrustPerson, "", "https://evilexample.com/", "allowedDomains"},
		{"scheme and port", netguard.Policy{AllowedDomains: []string{"https://example.com:8443"}}, patchbay.TrustPerson, "", "wss://example.com:8443/", "-"},
		{"another scheme", netguard.Policy{AllowedDomains: []string{"https://example.com"}}, patchbay.TrustPerson, "", "http://example.com/", "allowedDomains"},
		{"domain list does not open addresses", netguard.Policy{AllowedDomains: []string{"127.0.0.1"}}, patchbay.TrustPerson, "", "http://127.0.0.1/", "not a public"},
		{"no scheme of ours", none, patchbay.TrustOperator, "", "file:///etc/passwd", "only http"},
		{"no host", none, patchbay.TrustOperator, "", "http:///x", "only http"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var origin *url.URL
			if tt.origin != "" {
				origin = parse(t, tt.origin)
			}
			err := guard(t, tt.policy).Check(parse(t, tt.url), tt.trust, origin)
			if tt.line == "-" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			var blocked *netguard.BlockedError
			if !errors.As(err, &blocked) || !strings.Contains(err.Error(), tt.line) {
				t.Errorf("got %v, want %q", err, tt.line)
			}
		})
	}
}

func TestPolicyErrors(t *testing.T) {
	for _, p := range []netguard.Policy{
		{AllowedDomains: []string{"a/b"}},
		{AllowedDomains: []string{""}},
		{AllowedDomains: []string{"a.*.b"}},
		{AllowedDomains: []string{"a:99999"}},
		{AllowedAddresses: []string{"host"}},
		{AllowedAddresses: []string{"host:0"}},
		{AllowedAddresses: []string{"10.0.0.0/99"}},
		{AllowedAddresses: []string{"*.a:80"}},
	} {
		if _, err := netguard.New(p); err == nil {
			t.Errorf("%+v was taken", p)
		}
	}
}

func get(t *testing.T, c *http.Client, raw string, header http.Header) (*http.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, raw, nil)
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range header {
		req.Header[k] = v
	}
	resp, err := c.Do(req)
	if resp != nil {
		t.Cleanup(func() { _ = resp.Body.Close() })
	}
	return resp, err
}

// TestResolvedAddress holds that a name is judged by what it resolves to.
func TestResolvedAddress(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(srv.Close)
	_, port, _ := net.SplitHostPort(srv.Listener.Addr().String())
	const name = "rebind.example"
	names := resolver(t)
	to := "http://" + name + ":" + port + "/"
	tests := []struct {
		name   string
		policy netguard.Policy
		opts   netguard.ClientOptions
		ok     bool
	}{
		{"operator", netguard.Policy{}, netguard.ClientOptions{Trust: patchbay.TrustOperator}, true},
		{"person", netguard.Policy{}, netguard.ClientOptions{Trust: patchbay.TrustPerson}, false},
		{"strict", netguard.Policy{Strict: true}, netguard.ClientOptions{Trust: patchbay.TrustOperator}, false},
		{"listed by name", netguard.Policy{AllowedAddresses: []string{name + ":" + port}}, netguard.ClientOptions{Trust: patchbay.TrustPerson}, true},
		{"listed by address", netguard.Policy{AllowedAddresses: []string{"127.0.0.1:" + port}}, netguard.ClientOptions{Trust: patchbay.TrustPerson}, true},
		{"learned, same host", netguard.Policy{}, netguard.ClientOptions{Trust: patchbay.TrustLearned, Origin: parse(t, to), OriginTrust: patchbay.TrustOperator}, true},
		{"learned, same host of a person", netguard.Policy{}, netguard.ClientOptions{Trust: patchbay.TrustLearned, Origin: parse(t, to)}, false},
		{"learned, other host", netguard.Policy{}, netguard.ClientOptions{Trust: patchbay.TrustLearned, Origin: parse(t, "http://example.com"), OriginTrust: patchbay.TrustOperator}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.policy.Resolver = names
			_, err := get(t, guard(t, tt.policy).Client(tt.opts), to, nil)
			var blocked *netguard.BlockedError
			if (err == nil) != tt.ok || (err != nil && !errors.As(err, &blocked)) {
				t.Errorf("got %v", err)
			}
			if blocked != nil && (blocked.Target != name+":"+port || strings.Contains(err.Error(), "127.0.0.1")) {
				t.Errorf("the refusal tells what the name resolves to: %v", err)
			}
		})
	}
}

// resolver answers every question for an IPv4 address with 127.0.0.1.
func resolver(t *testing.T) *net.Resolver {
	t.Helper()
	pc, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { _ = pc.Close(); <-done })
	go func() {
		defer close(done)
		b := make([]byte, 512)
		for {
			n, from, err := pc.ReadFrom(b)
			if err != nil {
				return
			}
			q := b[:n]
			end := 12 + bytes.IndexByte(q[12:], 0) + 5 // behind the first question
			r := append(bytes.Clone(q[:2]), 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0)
			r = append(r, q[12:end]...)
			if q[end-3] == 1 { // a question for A
				r[7] = 1
				r = append(r, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 127, 0, 0, 1)
			}
			_, _ = pc.WriteTo(r, from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp4", pc.LocalAddr().String())
	}}
}

// TestDialGuarded holds the same for the dialer, with no early check before it.
func TestDialGuarded(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	g := guard(t, netguard.Policy{})
	for trust, ok := range map[patchbay.Trust]bool{patchbay.TrustOperator: true, patchbay.TrustPerson: false, patchbay.TrustLearned: false} {
		conn, err := g.DialContext(trust, nil)(t.Context(), "tcp", l.Addr().String())
		if (err == nil) != ok {
			t.Errorf("%s: %v", trust, err)
		}
		if conn != nil {
			_ = conn.Close()
		}
	}
}

func TestRedirects(t *testing.T) {
	var got http.Header
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Clone() }))
	t.Cleanup(other.Close)
	first := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/here":
			got = r.Header.Clone()
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/metadata":
			http.Redirect(w, r, "http://169.254.169.254/latest", http.StatusFound)
		case "/same":
			http.Redirect(w, r, "/here", http.StatusPermanentRedirect)
		case "/post":
			http.Redirect(w, r, "/here", http.StatusFound)
		case "/kept":
			http.Redirect(w, r, "/body", http.StatusTemporaryRedirect)
		case "/body":
			body, _ := io.ReadAll(r.Body)
			_, _ = w.Write(body)
		default:
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
		}
	}))
	t.Cleanup(first.Close)
	c := guard(t, netguard.Policy{}).Client(netguard.ClientOptions{Trust: patchbay.TrustOperator})
	secret := http.Header{"Authorization": {"Bearer fake"}, "Cookie": {"a=b"}, "X-Api-Key": {"fake"}, "Accept": {"application/json"}}

	if _, err := get(t, c, first.URL+"/same", secret); err != nil || got.Get("X-Api-Key") != "fake" {
		t.Errorf("same origin: %v %v", err, got)
	}
	if _, err := get(t, c, first.URL+"/other", secret); err != nil || got.Get("Accept") == "" {
		t.Errorf("other origin: %v %v", err, got)
	}
	for _, name := range []string{"Authorization", "Cookie", "X-Api-Key"} {
		if got.Get(name) != "" {
			t.Errorf("%s crossed origins", name)
		}
	}
	var blocked *netguard.BlockedError
	if _, err := get(t, c, first.URL+"/metadata", nil); !errors.As(err, &blocked) {
		t.Errorf("metadata: %v", err)
	}
	if resp, err := get(t, c, first.URL+"/loop", nil); err != nil || resp.StatusCode != http.StatusFound {
		t.Errorf("loop: %v", err)
	}
	post := func(path string) *http.Response {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, first.URL+path, strings.NewReader("the body"))
		resp, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = resp.Body.Close() })
		return resp
	}
	if resp := post("/post"); resp.StatusCode != http.StatusFound {
		t.Errorf("a POST was turned into something else: %d", resp.StatusCode)
	}
	if body, _ := io.ReadAll(post("/kept").Body); string(body) != "the body" {
		t.Errorf("the body was lost: %q", body)
	}
}

func TestCaps(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/gzip":
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			_, _ = z.Write(make([]byte, 1<<20))
			_ = z.Close()
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(b.Bytes())
		case "/header":
			w.Header().Set("X-Long", strings.Repeat("x", 1<<20))
		case "/exact":
			_, _ = w.Write(make([]byte, 1000))
		case "/encoding":
			_, _ = io.WriteString(w, r.Header.Get("Accept-Encoding"))
		default:
			for range 10 {
				_, _ = w.Write(make([]byte, 500))
				w.(http.Flusher).Flush()
			}
		}
	}))
	t.Cleanup(srv.Close)
	c := guard(t, netguard.Policy{}).Client(netguard.ClientOptions{Trust: patchbay.TrustOperator, MaxBody: 1000})
	var limit *netguard.LimitError
	if _, err := get(t, c, srv.URL+"/gzip", nil); !errors.As(err, &limit) {
		t.Errorf("gzip: %v", err)
	}
	if _, err := get(t, c, srv.URL+"/header", nil); err == nil {
		t.Error("a header of a megabyte was taken")
	}
	resp, err := get(t, c, srv.URL+"/long", nil)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(resp.Body); !errors.As(err, &limit) || len(b) != 1000 {
		t.Errorf("%d bytes, %v", len(b), err)
	}
	if resp, err = get(t, c, srv.URL+"/exact", nil); err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(resp.Body); err != nil || len(b) != 1000 {
		t.Errorf("%d bytes, %v", len(b), err)
	}
	if resp, err = get(t, c, srv.URL+"/encoding", nil); err != nil {
		t.Fatal(err)
	}
	if b, _ := io.ReadAll(resp.Body); string(b) != "identity" {
		t.Errorf("asked for %q", b)
	}
}

func TestTLSErrors(t *testing.T) {
	secure := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	secure.Config.ErrorLog = nil
	t.Cleanup(secure.Close)
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(plain.Close)
	c := guard(t, netguard.Policy{}).Client(netguard.ClientOptions{Trust: patchbay.TrustOperator})
	for raw, why := range map[string]string{
		secure.URL: "signed by an authority that this system does not trust",
		strings.Replace(plain.URL, "http:", "https:", 1): "does not speak TLS",
	} {
		_, err := get(t, c, raw, nil)
		var tls *netguard.TLSError
		if !errors.As(err, &tls) || !strings.Contains(tls.Error(), why) {
			t.Errorf("%s: %v, want %q", raw, err, why)
		}
	}
}

func TestProxy(t *testing.T) {
	var seen []string
	proxy := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = append(seen, r.URL.String()) }))
	t.Cleanup(proxy.Close)
	direct := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(direct.Close)
	p := netguard.Policy{Proxy: parse(t, proxy.URL), NoProxy: "127.0.0.0/8, .past.example", AllowedAddresses: []string{"listed.example:80"}}
	tests := []struct {
		name  string
		trust patchbay.Trust
		url   string
		ok    bool
		via   bool
	}{
		{"operator's name", patchbay.TrustOperator, "http://internal.example/a", true, true},
		{"person's name", patchbay.TrustPerson, "http://public.example/b", false, false},
		{"person's listed name", patchbay.TrustPerson, "http://listed.example/c", true, true},
		{"person's literal", patchbay.TrustPerson, "http://8.8.8.8/d", true, true},
		{"person's private literal", patchbay.TrustPerson, "http://10.0.0.1/e", false, false},
		{"past the proxy", patchbay.TrustOperator, direct.URL + "/f", true, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			seen = nil
			_, err := get(t, guard(t, p).Client(netguard.ClientOptions{Trust: tt.trust}), tt.url, nil)
			if (err == nil) != tt.ok || (len(seen) == 1) != tt.via {
				t.Errorf("got %v, the proxy saw %v", err, seen)
			}
		})
	}
}
