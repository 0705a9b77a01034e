package conn

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"patchbay"
	"patchbay/internal/transport"
)

func TestMinute(t *testing.T) {
	var m minute
	at := func(s float64) time.Duration { return time.Minute + time.Duration(s*float64(time.Second)) }
	for i := range 6 {
		if wait := m.wait(at(float64(i)), 6); wait != 0 {
			t.Fatalf("call %d waits %s", i, wait)
		}
		m.add(at(float64(i)))
	}
	for _, tt := range []struct {
		now   float64
		limit int
		want  time.Duration
	}{
		{5, 6, 55 * time.Second}, // until the first is a minute past
		{5.5, 6, 54500 * time.Millisecond},
		{5.5, 7, 0},
		{5.5, 0, 0},                        // no limit
		{5.5, 3, 57500 * time.Millisecond}, // a limit lowered meanwhile: four have to go
		{60, 6, 0},
		{61, 5, 0},
	} {
		if got := m.wait(at(tt.now), tt.limit); got != tt.want {
			t.Errorf("at %v under %d: wait %s, want %s", tt.now, tt.limit, got, tt.want)
		}
	}
	m.add(at(61))
	m.forward(at(30)) // the clock of another goroutine, a little behind
	if m.sum != 5 {
		t.Errorf("sum = %d, want 5", m.sum)
	}
	m.forward(at(4000))
	if m.sum != 0 {
		t.Errorf("after an hour: sum = %d", m.sum)
	}
}

func TestBreaker(t *testing.T) {
	var b breaker
	now := time.Unix(1000, 0)
	ok := func() bool { _, ok := b.allow(now); return ok }
	b.failed(now, 0, 0)
	if !ok() || b.due(now) || !b.due(now.Add(time.Second)) {
		t.Error("the first failure holds back the background for a second, calls not at all")
	}
	b.failed(now, 0, 0)
	b.failed(now, 0, 0)
	if wait, ok := b.allow(now); ok || wait != breakerFirst || !b.open(now) {
		t.Errorf("the third opens it for %s: %s %v", breakerFirst, wait, ok)
	}
	for range 20 {
		b.failed(now, 0, 0.99)
	}
	if wait, _ := b.allow(now); wait < breakerMax || wait > breakerMax*3/2 {
		t.Errorf("open for %s, want %s and some jitter", wait, breakerMax)
	}
	b.reset()
	if !ok() || !b.due(now) {
		t.Error("a click passes")
	}
	b.connected(now)
	if !b.open(now) || b.open(now.Add(breakerStable)) {
		t.Error("a connection heals the breaker only when it lasts")
	}
	b.lost(now.Add(time.Second), 0)
	now = now.Add(time.Second)
	if wait, ok := b.allow(now); ok || wait > breakerLost || b.due(now.Add(breakerLost)) {
		t.Errorf("lost soon after: calls wait %s at most, the background longer (%s)", breakerLost, wait)
	}
	b.connected(now)
	now = now.Add(breakerStable)
	b.lost(now, 0)
	if !ok() || b.failures != 1 || b.open(now) {
		t.Error("a connection that lasted ends the row of failures")
	}
}

func TestBreakerHonoursRetryAfter(t *testing.T) {
	var b breaker
	now := time.Unix(1000, 0)
	b.failed(now, 30*time.Second, 0)
	if wait, ok := b.allow(now); ok || wait != 30*time.Second || b.due(now.Add(29*time.Second)) {
		t.Errorf("wait %s, want what the server asked for", wait)
	}
	b.failed(now, 24*time.Hour, 0)
	if wait, _ := b.allow(now); wait != 2*breakerMax {
		t.Errorf("wait %s, want at most %s", wait, 2*breakerMax)
	}
}

func TestPace(t *testing.T) {
	sick, well := patchbay.ServerID("sick"), patchbay.ServerID("well")
	start := time.Unix(1000, 0)
	tried := map[Key]time.Time{}
	keys := []Key{UserKey("ann", sick), UserKey("bob", sick), UserKey("cy", sick)}
	var order []patchbay.UserID
	for round := range 6 {
		var due []want
		for _, k := range keys {
			due = append(due, want{Target{Key: k}, tried[k]})
		}
		due = append(due, want{Target{Key: AppKey(well)}, start})
		got := pace(due, map[patchbay.ServerID]bool{sick: true, well: false})
		if len(got) != 2 {
			t.Fatalf("round %d: %d attempts, want one at each server", round, len(got))
		}
		for _, g := range got {
			if g.Key.server == sick {
				order = append(order, g.Key.user)
				tried[g.Key] = start.Add(time.Duration(round+1) * time.Second)
			}
		}
	}
	if diff := cmp.Diff([]patchbay.UserID{"ann", "bob", "cy", "ann", "bob", "cy"}, order); diff != "" {
		t.Errorf("users do not take turns (-want +got):\n%s", diff)
	}
}

func TestCuts(t *testing.T) {
	var c cuts
	for _, tt := range []struct {
		d    time.Duration
		want bool
	}{
		{time.Minute, false},
		{time.Minute + 400*time.Millisecond, true},
		{30 * time.Second, false},
		{10 * time.Millisecond, false},
		{20 * time.Millisecond, false}, // crashes are quick, clocks are not
		{30 * time.Second, false},
		{30 * time.Second, true},
	} {
		if got := c.note(tt.d); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.d, got, tt.want)
		}
	}
}

func TestChildrenStandInLine(t *testing.T) {
	var c children
	if _, ok := c.take(1); !ok {
		t.Fatal("no place at all")
	}
	first, ok := c.take(1)
	if ok || !c.wanted() {
		t.Fatal("a second place, with a limit of one")
	}
	second, _ := c.take(1)
	var left []bool
	for range 3 {
		left = append(left, c.leave())
	}
	if !slices.Equal(left, []bool{true, true, false}) {
		t.Errorf("as many leave as are waited for: %v", left)
	}
	c.giveBack(true, 1)
	<-first
	select {
	case <-second:
		t.Fatal("one place for two")
	default:
	}
	c.leaveLine(second, 1)
	if c.wanted() {
		t.Error("who left the line still wants a place")
	}
	third, _ := c.take(1)
	c.recheck(2)
	<-third // a higher limit made a place
	c.leaveLine(third, 2)
	c.giveBack(true, 2)
	if c.open != 0 || c.leaving != 0 {
		t.Errorf("open %d, leaving %d, want none", c.open, c.leaving)
	}
}

func TestExplainTellsProxiesFromServers(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  transport.HTTPError
		want patchbay.Reason
	}{
		{"bad gateway", transport.HTTPError{Status: http.StatusBadGateway}, patchbay.ReasonCutByProxy},
		{"gateway timeout", transport.HTTPError{Status: http.StatusGatewayTimeout, HTML: true}, patchbay.ReasonCutByProxy},
		{"a page that says unavailable", transport.HTTPError{Status: http.StatusServiceUnavailable, HTML: true}, patchbay.ReasonCutByProxy},
		{"the server itself is busy", transport.HTTPError{Status: http.StatusServiceUnavailable, RetryAfter: time.Second}, patchbay.ReasonUnreachable},
		{"the server itself fails", transport.HTTPError{Status: http.StatusInternalServerError, HTML: true}, patchbay.ReasonUnreachable},
		{"too often", transport.HTTPError{Status: http.StatusTooManyRequests}, patchbay.ReasonRateLimited},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := explain("s", &tt.err); got.Reason != tt.want {
				t.Errorf("%s: %s, want %s", got.Reason, got.Message, tt.want)
			}
		})
	}
}

func TestLogIsQuiet(t *testing.T) {
	var g logged
	now := time.Unix(1000, 0)
	loud := 0
	for range 200 {
		if g.level("s", now, false, 4) == 4 {
			loud++
		}
	}
	if loud != logLines {
		t.Errorf("%d lines in a second, want %d", loud, logLines)
	}
	if g.level("other", now, false, 4) != 4 || g.level("s", now.Add(time.Second), false, 4) != 4 {
		t.Error("another server, or the next second, is silenced too")
	}
	if g.level("other", now, true, 4) == 4 {
		t.Error("what was said is said again")
	}
}
