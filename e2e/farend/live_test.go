package farend_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"patchbay/internal/testkit"
	"patchbay/internal/testkit/hostkit"
)

// events reads a person's events of one kind, as their browser does.
func (in *instance) events(t *testing.T, who *person, kind string) <-chan string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, in.local.Address+"/api/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+who.token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("events: %v, %v", resp, err)
	}
	found := make(chan string, 256)
	done := make(chan struct{})
	go func() {
		defer close(done)
		now := ""
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			name, value, _ := strings.Cut(lines.Text(), ": ")
			switch {
			case name == "event":
				now = value
			case name == "data" && now == kind:
				select {
				case found <- value:
				default: // more than a test looks at
				}
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		resp.Body.Close()
		<-done
	})
	return found
}

// TestEditingUnderLoad: the file is saved again and again while people work. Nobody on a
// server that was not edited loses a call or a connection; calls that run on the edited
// one end on their old definition; the last save is what counts in the end.
func TestEditingUnderLoad(t *testing.T) {
	t.Parallel()
	edits := scaled(100)
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	p := newPlace(t, 3)
	yaml := func(n int) string {
		return fmt.Sprintf(`mcpSettings:
  limits: {callsPerMinute: 0, concurrentCalls: 0}
mcpServers:
  sound:
    type: streamable-http
    url: %s
  child:
%s  edited:
    type: streamable-http
    url: %s
    headers: {X-Edit: "%d"}
`, echo.URLAt("/sound"), commandYAML(t, testkit.Works, testkit.Settings{}), echo.URLAt("/edited"), n)
	}
	p.write(t, yaml(0))
	in := p.boot(t)
	ada, bob := in.users[1], in.users[2]
	for _, server := range []string{"sound", "child", "edited"} {
		ada.settles(t, server, 20*time.Second, connected, "")
	}
	who := func(server string) testkit.WhoAmI {
		t.Helper()
		raw, err := ada.call(t.Context(), server, "whoami", `{}`)
		if err != nil {
			t.Fatalf("%s: %v", server, err)
		}
		var w testkit.WhoAmI
		if err := json.Unmarshal([]byte(textOf(t, raw)), &w); err != nil {
			t.Fatal(err)
		}
		return w
	}
	child, session := who("child").PID, who("sound").Session
	calls := []*bystander{watchFrom(t, bob, "sound"), watchFrom(t, ada, "child")}
	slow := make(chan error, edits)
	var group sync.WaitGroup
	begin := time.Now()
	for n := 1; n <= edits; n++ {
		group.Go(func() {
			_, err := ada.call(t.Context(), "edited", "slow", `{"ms":1500}`)
			slow <- err
		})
		p.write(t, yaml(n))
		pause(t.Context(), 600*time.Millisecond)
	}
	took := time.Since(begin)
	last := fmt.Sprint(edits)
	if !patiently(10*time.Second, func() bool { return who("edited").Headers["X-Edit"] == last }) {
		t.Errorf("the last save is not in force: %v", who("edited").Headers)
	}
	group.Wait()
	close(slow)
	for err := range slow {
		if err != nil {
			t.Errorf("a call of the edited server: %v", err)
		}
	}
	for _, b := range calls {
		b.end()
		t.Logf("%s: %s, %d failed, in %d edits over %s", b.server, b.pace(), b.failed.Load(), edits, took)
		if err := b.failure(); err != nil {
			t.Errorf("%s, which was not edited: %d calls failed: %v", b.server, b.failed.Load(), err)
		}
	}
	if now := who("child").PID; now != child {
		t.Errorf("the child that was not edited was started anew: %d, then %d", child, now)
	}
	if now := who("sound").Session; now != session {
		t.Errorf("the session of the server that was not edited was %q, then %q", session, now)
	}
	if taken := strings.Count(in.log.String(), "Configuration taken"); taken < 2 || taken > edits+1 {
		t.Errorf("the configuration was taken %d times in %d edits", taken, edits)
	}
}

// TestBrokenFile: a file that cannot be read changes nothing, and its place is told in the
// log, to administrators and as an event. One bad entry is that server's own affair.
func TestBrokenFile(t *testing.T) {
	t.Parallel()
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	p := newPlace(t, 2)
	good := fmt.Sprintf("mcpServers:\n  sound:\n    type: streamable-http\n    url: %s\n", echo.URL())
	p.write(t, good)
	in := p.boot(t)
	ada := in.users[1]
	ada.settles(t, "sound", 10*time.Second, connected, "")
	events := in.events(t, in.users[0], "config")
	next := func(want string) {
		t.Helper()
		deadline := time.NewTimer(10 * time.Second)
		defer deadline.Stop()
		for {
			select {
			case event := <-events:
				if strings.Contains(event, want) {
					return
				}
			case <-deadline.C:
				t.Fatalf("no event with %s", want)
			}
		}
	}
	const place = "librechat.yaml:5:"
	p.write(t, good+"  broken: [\n")
	next(`"ok":false`)
	in.logged(t, 5*time.Second, "ERROR", place)
	ok, message := in.state(t)
	if ok || !strings.Contains(message, place) {
		t.Errorf("state %t, %q; want the place %s", ok, message, place)
	}
	if _, err := ada.call(t.Context(), "sound", "echo", `{"text":"hi"}`); err != nil {
		t.Errorf("next to a broken file: %v", err)
	}

	p.write(t, good+"  bad:\n    type: carrier-pigeon\n    url: http://127.0.0.1:9/mcp\n")
	next(`"ok":true`)
	if ok, message := in.state(t); !ok {
		t.Errorf("one bad entry is the whole file's: %s", message)
	}
	if now := ada.settles(t, "bad", 5*time.Second, failed, "bad_definition"); now.Message == "" {
		t.Error("a bad entry without a message")
	}
	if n := len(echo.Sessions()); n != 1 {
		t.Errorf("%d sessions with a server that was never edited, want 1", n)
	}
}

// TestDotEnv: a changed variable reconnects the servers that name it, and no other.
func TestDotEnv(t *testing.T) {
	t.Parallel()
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	p := newPlace(t, 2)
	p.write(t, fmt.Sprintf(`mcpServers:
  uses:
    type: streamable-http
    url: %s
    headers: {X-Value: "${FAR_VALUE}"}
  not:
    type: streamable-http
    url: %s
`, echo.URLAt("/uses"), echo.URLAt("/not")))
	hostkit.Save(t, p.envFile(), "FAR_VALUE=one\n")
	in := p.boot(t)
	ada := in.users[1]
	value := func() string {
		raw, err := ada.call(t.Context(), "uses", "whoami", `{}`)
		if err != nil {
			return err.Error()
		}
		return textOf(t, raw)
	}
	ada.settles(t, "not", 10*time.Second, connected, "")
	if got := value(); !strings.Contains(got, `"one"`) {
		t.Fatalf("the variable is not in %s", got)
	}
	hostkit.Save(t, p.envFile(), "FAR_VALUE=two\nFAR_UNUSED=x\n")
	if !patiently(10*time.Second, func() bool { return strings.Contains(value(), `"two"`) }) {
		t.Errorf("the new value is not in %s", value())
	}
	ada.settles(t, "not", 10*time.Second, connected, "")
	count := map[string]int{}
	for _, s := range echo.Sessions() {
		for who := range s.Identities {
			count[who.Path]++
		}
	}
	if count["/uses/mcp"] != 2 || count["/not/mcp"] != 1 {
		t.Errorf("sessions by path: %v, want two and one", count)
	}
	hostkit.Save(t, p.envFile(), "FAR_UNUSED=x\n")
	ada.settles(t, "uses", 10*time.Second, failed, "env_missing")
}

// TestFileAppears: an instance that began with the built-in default takes the file that
// Smithery's command writes, and then the one in its own folder, which goes first.
func TestFileAppears(t *testing.T) {
	t.Parallel()
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	p := newPlace(t, 2)
	in := p.boot(t)
	ada := in.users[1]
	ada.settles(t, "demo", 30*time.Second, connected, "")

	dir := filepath.Join(p.home, "LibreChat")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	smithery := filepath.Join(dir, "librechat.yaml")
	// As its command writes it: what was there, and the server with empty headers.
	hostkit.Save(t, smithery, fmt.Sprintf("mcpServers:\n  exa:\n    type: http\n    url: %s\n    headers: {}\n", echo.URLAt("/exa")))
	ada.settles(t, "exa", 15*time.Second, connected, "")
	if raw, err := ada.call(t.Context(), "exa", "echo", `{"text":"from smithery"}`); err != nil || textOf(t, raw) != "from smithery" {
		t.Errorf("%s, %v", raw, err)
	}
	if now := ada.status(t, "demo"); now.Status != "" {
		t.Errorf("the default's server is still %s", now.Status)
	}
	in.logged(t, 5*time.Second, "Configuration taken", smithery)

	// A second server written by it, while the first works.
	hostkit.Save(t, smithery, fmt.Sprintf("mcpServers:\n  exa:\n    type: http\n    url: %s\n    headers: {}\n  git:\n    type: http\n    url: %s\n    headers: {}\n", echo.URLAt("/exa"), echo.URLAt("/git")))
	ada.settles(t, "git", 15*time.Second, connected, "")

	p.write(t, fmt.Sprintf("mcpServers:\n  own:\n    type: http\n    url: %s\n", echo.URLAt("/own")))
	ada.settles(t, "own", 15*time.Second, connected, "")
	in.logged(t, 5*time.Second, smithery, "not used")
}
