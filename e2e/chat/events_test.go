package chat_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/testkit"
	"patchbay/internal/testkit/hostkit"
)

// TestBrowserStream: the one stream of a browser tells of its person's runs, word by word:
// deltas that go on from each other add up to the message, and conversations that change.
func TestBrowserStream(t *testing.T) {
	t.Parallel()
	const text = "All of it, from the first word to the last: äöü 漢字."
	api := testkit.NewModels(t, says(text))
	place := hostkit.NewPlace(t, custom(api))
	tokens := people(t, place, 2)
	in := place.Serve(t, program.Path(t))
	ann, bob := person{in.URL, tokens[0]}, person{in.URL, tokens[1]}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	mine, his := ann.browser(ctx, t), bob.browser(ctx, t)
	s := ann.send(t, map[string]any{"text": "Say it.", "settings": map[string]any{"provider": "box"}})
	require.Equal(t, patchbay.RunDone, ann.ended(t, s.Run.ID).Status)

	var b patchbay.MessageBuilder
	offset, titled := 0, false
	var seqs []int64
	for done := false; !done || !titled; {
		var f fact
		select {
		case f = <-mine:
		case <-ctx.Done():
			t.Fatalf("the stream told of facts %v, and of a title: %v", seqs, titled)
		}
		switch f.name {
		case "conversation":
			var ev patchbay.ConversationEvent
			require.NoError(t, json.Unmarshal([]byte(f.data), &ev))
			require.Equal(t, s.Conversation.ID, string(ev.Conversation))
			titled = titled || ev.Title != ""
		case "run":
			var ev struct {
				RunID, Kind string
				Seq         int64
				Data        json.RawMessage
			}
			require.NoError(t, json.Unmarshal([]byte(f.data), &ev))
			require.Equal(t, s.Run.ID, ev.RunID)
			if ev.Kind != patchbay.RunDeltaKind {
				seqs = append(seqs, ev.Seq)
				done = done || ev.Kind == string(patchbay.RunEventStatus) && strings.Contains(string(ev.Data), `"done"`)
				continue
			}
			var d patchbay.RunDeltaData
			require.NoError(t, json.Unmarshal(ev.Data, &d))
			require.Equal(t, offset, d.Offset, "deltas go on from each other")
			for _, x := range d.Deltas {
				b.Add(x)
				offset += len(x.Text) + len(x.CallArgs)
			}
		}
	}
	for i, n := range seqs {
		require.Equal(t, int64(i+1), n, "facts come in order and without a gap")
	}
	require.Equal(t, text, b.Message().Parts[0].Text)
	select {
	case f := <-his:
		t.Errorf("Bob was told of %s %s", f.name, f.data)
	default:
	}
	cancel()
	in.Stop(t)
}

// browser opens a person's stream, and hands on what it tells of runs and conversations.
func (p person) browser(ctx context.Context, t *testing.T) <-chan fact {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+"/api/events", nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+p.token)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	out, ready := make(chan fact, 1000), make(chan struct{})
	go func() {
		defer resp.Body.Close()
		var f fact
		lines := bufio.NewScanner(resp.Body)
		for lines.Scan() {
			name, value, _ := strings.Cut(lines.Text(), ": ")
			switch {
			case name == "event" && value == "ready":
				close(ready)
			case name == "event":
				f.name = value
			case name == "data":
				f.data = value
			case name == "" && (f.name == "run" || f.name == "conversation"):
				out <- f
				f = fact{}
			}
		}
	}()
	<-ready
	return out
}
