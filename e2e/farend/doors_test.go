package farend_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"patchbay"
	"patchbay/internal/client"
	"patchbay/internal/testkit"
)

// everyTransport is a configuration of one sound server for each transport.
func everyTransport(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("mcpSettings:\n  limits: {callsPerMinute: 0, concurrentCalls: 0}\nmcpServers:\n")
	transports := []patchbay.Transport{patchbay.TransportHTTP, patchbay.TransportSSE, patchbay.TransportWebSocket}
	var scripts []script
	for _, tr := range transports {
		scripts = append(scripts, script{testkit.Works, tr, testkit.Settings{}})
	}
	for i, url := range serveScripts(t, scripts) {
		fmt.Fprintf(&b, "  %s:\n    type: %s\n    url: %s\n", transports[i], transports[i], url)
	}
	fmt.Fprintf(&b, "  stdio:\n    type: stdio\n%s", commandYAML(t, testkit.Works, testkit.Settings{}))
	return b.String()
}

// TestNothingIsLostOnAnyTransport: large numbers, unknown members and 5 MB (1 MB on every
// commit, where e2e has 5 over HTTP) come through the REST door byte for byte, whatever
// carried them.
func TestNothingIsLostOnAnyTransport(t *testing.T) {
	t.Parallel()
	in := boot(t, everyTransport(t), 2)
	ada := in.users[1]
	large := 1 << 20
	if nightly() {
		large = 5 << 20
	}
	results := map[string]string{
		"number":  `{"content":[{"type":"text","text":"9007199254740993"}],"structuredContent":{"n":9007199254740993,"e":1.0,"z":-0,"big":123456789012345678901234567890}}`,
		"unknown": `{"content":[{"type":"hologram","future":{"b":1,"a":2}}],"_meta":{"x.example/y":[1, 2]},"tomorrow":null}`,
		"escapes": `{"content":[{"type":"text","text":"\u00e9\ud83d\ude00 \/ é \u2028"}]}`,
		"large":   `{"content":[{"type":"text","text":"` + strings.Repeat("0123456789abcdef", large/16) + `"}]}`,
	}
	for _, tr := range []string{"streamable-http", "sse", "websocket", "stdio"} {
		ada.settles(t, tr, 20*time.Second, connected, "")
		for name, want := range results {
			raw, err := ada.call(t.Context(), tr, "exact", `{"result":`+want+`}`)
			if err != nil {
				t.Errorf("%s over %s: %v", name, tr, err)
				continue
			}
			if !bytes.Equal(raw, []byte(want)) {
				t.Errorf("%s over %s: %d bytes came back of %d: %.200s", name, tr, len(raw), len(want), raw)
			}
		}
	}
}

// ask sends one raw request.
func (in *instance) send(t *testing.T, method, path, token string, body io.Reader) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, in.local.Address+path, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return answer{resp.StatusCode, resp.Header, data}
}

// TestBadInput: what a caller does wrong is the caller's: a status and a code, never the
// value that was sent, and the next call works.
func TestBadInput(t *testing.T) {
	t.Parallel()
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	in := boot(t, fmt.Sprintf("mcpServers:\n  sound:\n    type: streamable-http\n    url: %s\n", echo.URL()), 3)
	ada, bob := in.users[1], in.users[2]
	soon := time.Now().Add(2500 * time.Millisecond)
	expired, err := ada.AddToken(t.Context(), client.NewToken{Name: "short", ExpiresAt: &soon})
	if err != nil {
		t.Fatal(err)
	}
	revoked, err := ada.AddToken(t.Context(), client.NewToken{Name: "revoked"})
	if err != nil {
		t.Fatal(err)
	}
	others, err := bob.AddToken(t.Context(), client.NewToken{Name: "of another"})
	if err != nil {
		t.Fatal(err)
	}
	const call = "/api/mcp/servers/sound/tools/echo/call"
	if got := in.send(t, http.MethodPost, call, expired.Secret, strings.NewReader(`{"arguments":{"text":"hi"}}`)); got.status != http.StatusOK && time.Now().Before(soon) {
		t.Errorf("a token that is not yet expired: %d %s", got.status, got.body)
	}
	if got := in.send(t, http.MethodDelete, "/api/user/tokens/"+revoked.ID, ada.token, nil); got.status/100 != 2 {
		t.Errorf("revoke: %d %s", got.status, got.body)
	}
	if got := in.send(t, http.MethodDelete, "/api/user/tokens/"+others.ID, ada.token, nil); got.status != http.StatusNotFound {
		t.Errorf("revoking another's token: %d %s", got.status, got.body)
	}
	pause(t.Context(), time.Until(soon)+100*time.Millisecond)

	const secret = "value-that-stays-out-of-errors"
	big := `{"arguments":{"text":"` + strings.Repeat("x", 20<<20) + `"}}`
	tests := []struct {
		name, path, token, body string
		status                  int
		code                    string
	}{
		{"20 MB of arguments", call, ada.token, big, 413, "too_large"},
		{"arguments are a list", call, ada.token, `{"arguments":["` + secret + `"]}`, 422, "invalid"},
		{"arguments are a number", call, ada.token, `{"arguments":9007199254740993}`, 422, "invalid"},
		{"body is a string", call, ada.token, `"` + secret + `"`, 422, "invalid"},
		{"no JSON", call, ada.token, `{"arguments":{"text":"` + secret, 400, "bad_request"},
		{"a member twice", call, ada.token, `{"arguments":{},"arguments":{"text":"` + secret + `"}}`, 422, "invalid"},
		{"unknown tool", "/api/mcp/servers/sound/tools/nope/call", ada.token, `{"arguments":{}}`, 404, "tool_not_found"},
		{"unknown server", "/api/mcp/servers/nope/tools/echo/call", ada.token, `{"arguments":{}}`, 404, "not_found"},
		{"no token", call, "", `{}`, 401, "unauthenticated"},
		{"made-up token", call, "pbt_" + secret, `{}`, 401, "unauthenticated"},
		{"expired token", call, expired.Secret, `{}`, 401, "unauthenticated"},
		{"revoked token", call, revoked.Secret, `{}`, 401, "unauthenticated"},
		{"another's token is theirs", call, others.Secret, `{"arguments":{"text":"hi"}}`, 200, ""},
	}
	before := echo.Calls("")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := in.send(t, http.MethodPost, tt.path, tt.token, strings.NewReader(tt.body))
			var e struct {
				Error string `json:"error"`
				Code  string `json:"code"`
			}
			if tt.status >= 400 && (json.Unmarshal(got.body, &e) != nil || e.Error == "") {
				t.Errorf("no sentence in %.300s", got.body)
			}
			if got.status != tt.status || e.Code != tt.code {
				t.Errorf("%d %s, want %d %s: %.300s", got.status, e.Code, tt.status, tt.code, got.body)
			}
			if strings.Contains(string(got.body), secret) {
				t.Errorf("the submitted value is in %s", got.body)
			}
		})
	}
	if n := echo.Calls("") - before; n != 1 {
		t.Errorf("%d of these calls reached the server, want 1", n)
	}
	if _, err := ada.call(t.Context(), "sound", "echo", `{"text":"hi"}`); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	if strings.Contains(in.log.String(), secret) {
		t.Error("a submitted value is in the log")
	}
}

// TestChangingOwnValue: 64 calls at a time of two users, over the network and to children,
// while one of them changes a value of theirs. Nobody sees another's value, nobody else's
// connection is touched.
func TestChangingOwnValue(t *testing.T) {
	t.Parallel()
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	in := boot(t, fmt.Sprintf(`mcpSettings:
  limits: {callsPerMinute: 0, concurrentCalls: 0}
mcpServers:
  far:
    type: streamable-http
    url: %s/{{LIBRECHAT_USER_USERNAME}}/mcp
    headers:
      X-Key: "{{KEY}}"
      X-Email: "{{LIBRECHAT_USER_EMAIL}}"
    customUserVars:
      KEY: {title: Key, description: A key of yours}
  child:
%s    env: {FAR_KEY: "{{KEY}}", FAR_NAME: "{{LIBRECHAT_USER_NAME}}"}
    customUserVars:
      KEY: {title: Key, description: A key of yours}
`, echo.BaseURL(), commandYAML(t, testkit.Works, testkit.Settings{})), 3)
	users := in.users[1:]
	servers := []string{"far", "child"}
	set := func(who *person, value string) {
		t.Helper()
		for _, server := range servers {
			if err := who.SetAuthValues(t.Context(), server, map[string]string{"KEY": value}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, who := range users {
		set(who, "fake-key-of-"+who.name)
	}
	pid := func(who *person) int {
		t.Helper()
		raw, err := who.call(t.Context(), "child", "whoami", `{}`)
		if err != nil {
			t.Fatal(err)
		}
		var w testkit.WhoAmI
		if err := json.Unmarshal([]byte(textOf(t, raw)), &w); err != nil {
			t.Fatal(err)
		}
		return w.PID
	}
	before := []int{pid(users[0]), pid(users[1])}
	var calls atomic.Int64
	var group sync.WaitGroup
	stop := make(chan struct{})
	for i := range 64 {
		me, other, server := users[i%2], users[(i+1)%2], servers[i/2%2]
		group.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				raw, err := me.call(t.Context(), server, "whoami", `{}`)
				text := string(raw)
				if err != nil || !strings.Contains(text, "key-of-"+me.name) || strings.Contains(text, other.name) {
					t.Errorf("%s at %s: %v: %s", me.name, server, err, text)
					return
				}
				calls.Add(1)
			}
		})
	}
	half := scaled(30*time.Second) / 2
	pause(t.Context(), half)
	set(users[0], "fake-second-key-of-"+users[0].name)
	pause(t.Context(), half)
	close(stop)
	group.Wait()

	raw, err := users[0].call(t.Context(), "far", "whoami", `{}`)
	if err != nil || !strings.Contains(string(raw), "fake-second-key") {
		t.Errorf("after the change: %s, %v", raw, err)
	}
	if now := pid(users[1]); now != before[1] {
		t.Errorf("the other user's child was started anew: %d, then %d", before[1], now)
	}
	if now := pid(users[0]); now == before[0] || now == before[1] {
		t.Errorf("the child of the one who changed a value is still %d", now)
	}
	sessions := map[string]int{}
	for _, s := range echo.Sessions() {
		if len(s.Identities) != 1 {
			t.Errorf("session %s was used by %v", s.ID, s.Identities)
		}
		for who := range s.Identities {
			sessions[who.Path]++
		}
	}
	t.Logf("%d calls; sessions %v", calls.Load(), sessions)
	if sessions["/"+users[0].name+"/mcp"] != 2 || sessions["/"+users[1].name+"/mcp"] != 1 {
		t.Errorf("sessions by path: %v, want two and one", sessions)
	}
}
