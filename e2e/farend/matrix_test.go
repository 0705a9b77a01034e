package farend_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"patchbay"
	"patchbay/internal/testkit"
)

// row is one case on one transport.
type row struct {
	script
	name string
	url  string
	want outcome
}

// outcome is what a call comes to, and what is shown of the server afterwards.
type outcome struct {
	code   string // of the call; ok for a result
	text   string // part of the result, or of what the caller is told
	status patchbay.StatusName
	reason patchbay.Reason
}

const (
	connected    = patchbay.StatusConnected
	disconnected = patchbay.StatusDisconnected
	failed       = patchbay.StatusError
)

// Sizes for every commit; a nightly run takes those of testkit.
func matrixSettings(t *testing.T, c testkit.Case) testkit.Settings {
	s := testkit.Settings{Delay: 2 * time.Second, Every: time.Second, PIDFile: filepath.Join(t.TempDir(), "pid")}
	if !nightly() {
		s.Bytes = 40 << 20 // well over the cap of 16 MiB
	}
	return s
}

// expected is the table of docs/far-end.md.
func expected(c testkit.Case, tr patchbay.Transport) outcome {
	ok := outcome{"ok", "hi", connected, ""}
	stdio := tr == patchbay.TransportStdio
	// Where the line itself is broken, the connection goes with it; on streamable HTTP
	// each call has a line of its own.
	brokenLine := func(o outcome) outcome {
		if tr == patchbay.TransportHTTP {
			o.status, o.reason = connected, ""
		}
		return o
	}
	switch c {
	case testkit.NeverAnswers:
		return outcome{"connect_failed", "initTimeout", disconnected, patchbay.ReasonTimeout}
	case testkit.NeverAnswersCalls, testkit.AnswersLate, testkit.EndlessStream:
		return outcome{"timeout", "raise `timeout`", connected, ""}
	case testkit.ExitsZero:
		return outcome{"connect_failed", "nothing to do, goodbye", failed, patchbay.ReasonExited}
	case testkit.ExitsOne:
		return outcome{"connect_failed", "licence file is missing", failed, patchbay.ReasonExited}
	case testkit.ExitsBySignal:
		return outcome{"connect_failed", "SIGKILL", failed, patchbay.ReasonExited}
	case testkit.PrintsGarbage, testkit.WrongContentType:
		return outcome{"connect_failed", "", failed, patchbay.ReasonProtocol}
	case testkit.LongLine:
		return brokenLine(outcome{"protocol", "limit", failed, patchbay.ReasonProtocol})
	case testkit.GzipBomb:
		return outcome{"protocol", "compressed", connected, ""}
	case testkit.DuplicateIDs:
		ok.text = "first"
		return ok
	case testkit.InvalidUTF8: // of this call alone: the message around it was sound
		return outcome{"protocol", "UTF-8", connected, ""}
	case testkit.DuplicateMembers:
		return brokenLine(outcome{"protocol", "", failed, patchbay.ReasonProtocol})
	case testkit.DeepJSON:
		return brokenLine(outcome{"protocol", "", failed, patchbay.ReasonProtocol})
	case testkit.ClosesMidCall, testkit.Flaps:
		o := outcome{"unknown", "not sent again", disconnected, patchbay.ReasonLost}
		if stdio {
			o.status, o.reason = failed, patchbay.ReasonExited
		}
		return brokenLine(o)
	}
	return ok
}

// act is the call that makes a case happen.
func (r *row) act(t *testing.T, who *person) (string, error) {
	if r.Case == testkit.Flaps { // cut while it runs
		raw, err := who.call(t.Context(), r.name, "slow", `{"ms":4000}`)
		return string(raw), err
	}
	raw, err := who.call(t.Context(), r.name, "echo", `{"text":"hi"}`)
	return string(raw), err
}

// alone reports whether a case is played alone: it moves much, so that its memory is
// worth a look, or goes on.
func (r *row) alone() bool {
	if nightly() {
		return true
	}
	switch r.Case {
	case testkit.LongLine, testkit.GzipBomb, testkit.PrintsGarbage, testkit.EndlessStream, testkit.FloodsStderr:
		return true
	}
	return false
}

// floods reports whether a case goes on after its call, until the connection ends.
func (r *row) floods() bool { return r.Case == testkit.EndlessStream || r.Case == testkit.FloodsStderr }

// toolCount is how many tools are shown once the list was read; 0 when it never can be.
func (r *row) toolCount() int {
	switch r.Case {
	case testkit.ManyTools:
		return 1000 // the default of MCP_TOOLS_LIST_MAX_TOOLS
	case testkit.ChangesTools:
		return 10
	}
	return 9
}

// told is everything that a caller is told by an error.
func told(err error) string {
	var e *patchbay.Error
	if !errors.As(err, &e) {
		return ""
	}
	detail, _ := json.Marshal(e.Detail) // decoded from JSON before
	return e.Message + " " + string(detail)
}

func matrixRows(t *testing.T) []*row {
	var rows []*row
	var network []script
	for _, c := range testkit.Cases() {
		for _, tr := range c.Transports() {
			r := &row{script: script{c, tr, matrixSettings(t, c)}, name: string(c) + "-" + string(tr), want: expected(c, tr)}
			rows = append(rows, r)
			if tr.Remote() {
				network = append(network, r.script)
			}
		}
	}
	urls := serveScripts(t, network)
	for _, r := range rows {
		if r.Transport.Remote() {
			r.url, urls = urls[0], urls[1:]
		}
	}
	return rows
}

// serversYAML is a configuration of one sound server and some rows.
func serversYAML(t *testing.T, sound string, rows []*row) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "mcpSettings:\n  limits: {callsPerMinute: 0, concurrentCalls: 0}\nmcpServers:\n  sound:\n    type: streamable-http\n    url: %s\n", sound)
	for _, r := range rows {
		fmt.Fprintf(&b, "  %s:\n    type: %s\n    startup: false\n    timeout: %d\n    initTimeout: %d\n", r.name, r.Transport, r.timeout().Milliseconds(), r.connectTimeout().Milliseconds())
		if r.Transport.Remote() {
			fmt.Fprintf(&b, "    url: %s\n", r.url)
			continue
		}
		b.WriteString(commandYAML(t, r.Case, r.Settings))
	}
	return b.String()
}

// connectTimeout is long where it is not what is to end the connect: a busy machine may
// take seconds to read what goes over a cap.
func (r *row) connectTimeout() time.Duration {
	if r.Case == testkit.NeverAnswers {
		return 4 * time.Second
	}
	return 20 * time.Second
}

// timeout of calls: short where none is answered, long where they are to be cut off.
func (r *row) timeout() time.Duration {
	switch r.Case {
	case testkit.NeverAnswersCalls, testkit.AnswersLate, testkit.EndlessStream:
		return time.Second
	}
	return 20 * time.Second
}

// commandYAML starts a case over stdio.
func commandYAML(t *testing.T, c testkit.Case, s testkit.Settings) string {
	t.Helper()
	cmd := c.Command(t, s)
	args, err := json.Marshal(cmd.Args)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("    command: %q\n    args: %s\n    stderr: pipe\n", cmd.Path, args)
}

// measured is how long a case goes on when the bystander's pace is to be judged anew: with
// calls one after the other, as one person's are.
const measured = 2 * time.Second

// growth is what the process may take more than before the trouble.
const growth = 64 << 20

// TestMatrix: every case on every transport. The caller is told what happened and that
// connection alone shows why; somebody who calls another server notices nothing; and
// when the servers are gone from the configuration, nothing of them is left.
func TestMatrix(t *testing.T) {
	echo := testkit.NewEcho(t, testkit.EchoOptions{})
	rows := matrixRows(t)
	p := newPlace(t, 3)
	p.write(t, serversYAML(t, echo.URL(), nil))
	in := p.boot(t)
	ada, bob := in.users[1], in.users[2]
	bob.settles(t, "sound", 10*time.Second, connected, "")

	by := watchFrom(t, bob, "sound")
	pause(t.Context(), scaled(10*time.Second))
	baseline := by.pace()
	before := in.use(t)
	p.write(t, serversYAML(t, echo.URL(), rows))
	in.logged(t, 10*time.Second, "Configuration taken", fmt.Sprintf("servers=%d", len(rows)+1))
	start := in.mark(t)
	t.Logf("baseline: %s, %s, %d MiB", baseline, before, start>>20)

	// Side by side what ends with its call; one by one what moves much or floods, and in
	// the night everything.
	t.Run("side by side", func(t *testing.T) {
		for _, r := range rows {
			if !r.alone() {
				t.Run(r.name, func(t *testing.T) {
					t.Parallel()
					r.check(t, ada)
				})
			}
		}
	})
	if now := by.pace(); now.calls > 0 {
		t.Logf("side by side: the bystander: %s", now)
		if now.p99 > baseline.bearable(now) {
			t.Errorf("the bystander's pace went from %s to %s", baseline, now)
		}
	}
	for i, r := range rows {
		if !r.alone() {
			continue
		}
		start := in.mark(t)
		by.pace()
		t.Run(r.name, func(t *testing.T) { r.check(t, ada) })
		now := by.pace()
		// What a busy machine does passes; what the trouble does stays.
		for try := 0; nightly() && try < 3 && (now.calls < 100 || now.p99 > baseline.bearable(now)); try++ {
			for begin := time.Now(); time.Since(begin) < measured; pause(t.Context(), 50*time.Millisecond) {
				_, _ = r.act(t, ada) // check has looked at what comes of it
			}
			now = by.pace()
		}
		peak := in.figures(t).Peak
		t.Logf("%s: at most %d MiB more; the bystander: %s", r.name, (peak-min(start, peak))>>20, now)
		most := uint64(growth)
		if raceEnabled {
			most += growth / 2 // the collector lags behind; the bar is held without
		}
		if peak > start+most {
			t.Errorf("%s: the process grew by %d MiB", r.name, (peak-start)>>20)
		}
		if now.calls >= 100 && now.p99 > baseline.bearable(now) {
			t.Errorf("%s: the bystander's pace went from %s to %s", r.name, baseline, now)
		}
		if r.floods() && nightly() { // or it is the next ones' trouble too
			p.write(t, serversYAML(t, echo.URL(), slices.Concat(rows[:i], rows[i+1:])))
			if !patiently(10*time.Second, func() bool { return ada.status(t, r.name).Status == "" }) {
				t.Errorf("%s is still there after it was taken out of the file", r.name)
			}
		}
	}
	if err := by.failure(); err != nil {
		t.Errorf("%d of the bystander's calls failed: %v", by.failed.Load(), err)
	}
	if now := bob.status(t, "sound"); now.Status != connected {
		t.Errorf("the sound server is %s, %s", now.Status, now.Reason)
	}
	by.end()
	p.write(t, serversYAML(t, echo.URL(), nil))
	in.logged(t, 10*time.Second, "Configuration taken", "servers=1")
	before.processes = 1 // the reaper stays
	in.backTo(t, before)
}

func (r *row) check(t *testing.T, who *person) {
	text, err := r.act(t, who)
	if got := codeOf(err); got != r.want.code {
		t.Errorf("code %s, want %s; told: %s%.200s", got, r.want.code, told(err), text)
	}
	if whole := text + told(err); !strings.Contains(whole, r.want.text) {
		t.Errorf("told %.500s; want %q in it", whole, r.want.text)
	}
	now := who.settles(t, r.name, 5*time.Second, r.want.status, r.want.reason)
	if now.Message == "" {
		t.Errorf("status without a message")
	}
	if r.want.status == connected && r.want.code == "ok" {
		if !patiently(5*time.Second, func() bool { now = who.status(t, r.name); return now.ToolCount >= r.toolCount() }) || now.ToolCount != r.toolCount() {
			t.Errorf("%d tools are shown, want %d", now.ToolCount, r.toolCount())
		}
	}
	t.Logf("| %s | %s | %s | %s | %s %s | %s |", r.Case, r.Transport, now.Status, now.Reason, codeOf(err), told(err), now.Message)
}

// use is what an instance has of things that can be left behind.
type use struct{ goroutines, files, processes int }

func (u use) String() string {
	return fmt.Sprintf("%d goroutines, %d descriptors, %d processes", u.goroutines, u.files, u.processes)
}

// use counts, connections that are kept for a next request left out.
func (in *instance) use(t *testing.T) use {
	t.Helper()
	f := in.figures(t)
	return use{f.Goroutines, descriptors(t, in.pid(), in.data) - f.Idle, len(descendants(in.pid()))}
}

// backTo waits until the instance has no more than it had.
func (in *instance) backTo(t *testing.T, before use) {
	t.Helper()
	var now use
	const slack = 3 // figures that are not of one moment
	if !patiently(20*time.Second, func() bool {
		now = in.use(t)
		return now.goroutines <= before.goroutines+slack && now.files <= before.files+slack && now.processes <= before.processes
	}) {
		t.Errorf("left: %s; before: %s\n%s", now, before, tail(in.stacks(), 30000))
	}
	t.Logf("at the end: %s; before: %s", now, before)
}
