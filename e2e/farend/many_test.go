package farend_test

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"patchbay"
	"patchbay/internal/testkit"
)

// startLimit is how soon an instance is ready, whatever its servers do.
const startLimit = 3 * time.Second

// TestManyServers: of 200 servers 50 are dead and 10 hang. The instance is ready in three
// seconds; all others work; the dead and the hanging say what is wrong.
func TestManyServers(t *testing.T) {
	t.Parallel()
	all, dead, hang := scaled(200)*2, scaled(50)*2, scaled(10)*2
	if nightly() {
		all, dead, hang = 200, 50, 10
	}
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	stuck := serveScripts(t, []script{{testkit.NeverAnswers, patchbay.TransportHTTP, testkit.Settings{}}})[0]
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "http://" + ln.Addr().String() + "/mcp"
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	type want struct {
		status patchbay.StatusName
		reason patchbay.Reason
	}
	wants := map[string]want{}
	var yaml strings.Builder
	yaml.WriteString("mcpServers:\n")
	for i := range all {
		name, url, w := fmt.Sprintf("s%03d", i), echo.URLAt(fmt.Sprintf("/s%d", i)), want{connected, ""}
		switch {
		case i < dead:
			url, w = nobody, want{disconnected, patchbay.ReasonUnreachable}
		case i < dead+hang:
			url, w = stuck, want{disconnected, patchbay.ReasonTimeout}
		}
		wants[name] = w
		fmt.Fprintf(&yaml, "  %s:\n    type: streamable-http\n    url: %s\n    initTimeout: 4000\n", name, url)
	}
	p := newPlace(t, 2)
	p.env = []string{"PATCHBAY_DATA=" + p.data}
	p.write(t, yaml.String())
	path := program.Path(t)
	begin := time.Now()
	in := p.start(t, path, "serve", "--listen", "127.0.0.1:0")
	in.await(t)
	ready := time.Since(begin)
	limit := startLimit
	if !nightly() {
		limit *= 2 // other tests have the processor too
	}
	if ready > limit {
		t.Errorf("ready after %s", ready)
	}
	var off []string
	settled := patiently(30*time.Second, func() bool {
		off = nil
		now, err := in.users[1].Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for name, w := range wants {
			if s := now[name]; s.Status.Status != w.status || s.Reason != w.reason || s.Message == "" {
				off = append(off, fmt.Sprintf("%s is %s %s (%s), want %s %s", name, s.Status.Status, s.Reason, s.Message, w.status, w.reason))
			}
		}
		return len(off) == 0
	})
	if !settled {
		t.Errorf("%d servers are not as they should be: %s", len(off), strings.Join(off[:min(len(off), 5)], "; "))
	}
	t.Logf("%d servers (%d dead, %d hang): ready after %s, all told after %s", all, dead, hang, ready, time.Since(begin))
	in.stop(t)
}
