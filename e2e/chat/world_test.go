package chat_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/auth"
	"patchbay/internal/store"
	"patchbay/internal/testkit"
	"patchbay/internal/testkit/hostkit"
)

// patience bounds waiting for what a run does, on a machine that is busy with other tests.
const patience = 60 * time.Second

// limits keep an instance from refusing what a test counts.
const limits = "mcpSettings: {limits: {callsPerMinute: 0, concurrentCalls: 0}}\n"

// custom is a configuration with the fake as a provider that speaks Chat Completions.
func custom(api *testkit.Models) string {
	return "endpoints:\n  custom:\n    - name: box\n      apiKey: fake-model-key\n      baseURL: " + api.URL().String() + "/v1\n" +
		"      titleConvo: false\n      models: {default: [fake-large]}\n" + limits
}

// person talks to an instance with an API token.
type person struct {
	url, token string
}

// people makes accounts in the place of an instance that does not run yet.
func people(t *testing.T, p *hostkit.Place, n int) []string {
	t.Helper()
	return hostkit.Seed(t, store.Options{DataDir: p.Data}, n, auth.MintAPIToken)
}

// ask sends a request and returns the answer as it came.
func (p person) ask(t testing.TB, method, path string, body any) (int, []byte) {
	t.Helper()
	status, answer, err := p.try(t.Context(), method, path, body)
	require.NoError(t, err, "%s %s", method, path)
	return status, answer
}

func (p person) try(ctx context.Context, method, path string, body any) (int, []byte, error) {
	var in io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return 0, nil, err
		}
		in = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, p.url+path, in)
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	return resp.StatusCode, answer, err
}

// get asks for JSON, and wants the status.
func (p person) get(t testing.TB, path string, out any) {
	t.Helper()
	p.want(t, http.StatusOK, http.MethodGet, path, nil, out)
}

func (p person) want(t testing.TB, want int, method, path string, body, out any) {
	t.Helper()
	status, answer := p.ask(t, method, path, body)
	require.Equal(t, want, status, "%s %s: %s", method, path, answer)
	if out != nil {
		require.NoError(t, json.Unmarshal(answer, out), "%s", answer)
	}
}

// run is a run as the API shows it.
type run struct {
	ID           string             `json:"id"`
	Conversation string             `json:"conversationId"`
	Answer       string             `json:"answerId"`
	Status       patchbay.RunStatus `json:"status"`
	Seq          int64              `json:"seq"`
	End          *patchbay.RunEnd   `json:"end"`
	Steps        []struct {
		Index   int              `json:"index"`
		Message patchbay.Message `json:"message"`
	} `json:"steps"`
	Calls []call `json:"calls"`
	Waits []wait `json:"waits"`
}

type call struct {
	ID      string                `json:"id"`
	Name    string                `json:"name"`
	Tool    string                `json:"tool"`
	State   patchbay.RunCallState `json:"state"`
	IsError bool                  `json:"isError"`
	Problem string                `json:"problem"`
	Result  json.RawMessage       `json:"result"`

	StartedAt *time.Time `json:"startedAt"`
}

type wait struct {
	ID         string                 `json:"id"`
	Kind       patchbay.WaitKind      `json:"kind"`
	Status     patchbay.RunWaitStatus `json:"status"`
	Tool       string                 `json:"tool"`
	ServerName string                 `json:"serverName"`
	Questions  json.RawMessage        `json:"questions"`
}

// sent is the answer of a message.
type sent struct {
	Conversation struct{ ID string }
	Message      struct{ ID string }
	Answer       struct{ ID string }
	Run          run
}

// send sends a message.
func (p person) send(t testing.TB, body map[string]any) sent {
	t.Helper()
	var s sent
	p.want(t, http.StatusCreated, http.MethodPost, "/api/messages", body, &s)
	return s
}

func (p person) run(t testing.TB, id string) run {
	t.Helper()
	var r run
	p.get(t, "/api/runs/"+id, &r)
	return r
}

// until waits until a run is as it is wanted.
func (p person) until(t testing.TB, id string, what string, ok func(*run) bool) run {
	t.Helper()
	var r run
	if !hostkit.Poll(30*time.Millisecond, patience, func() bool {
		r = p.run(t, id)
		return ok(&r)
	}) {
		raw, _ := json.MarshalIndent(r, "", " ") // what was read can be written
		t.Fatalf("run %s is not %s: %s", id, what, raw)
	}
	return r
}

func (p person) ended(t testing.TB, id string) run {
	t.Helper()
	return p.until(t, id, "over", func(r *run) bool { return r.Status != patchbay.RunRunning && r.Status != patchbay.RunWaiting })
}

// fact is an event of a run's stream.
type fact struct {
	id, name, data string
}

// follow reads a run's stream until it ends or enough says so.
func (p person) follow(ctx context.Context, id string, after string, enough func(fact) bool) ([]fact, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+"/api/runs/"+id+"/events", nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	if after != "" {
		req.Header.Set("Last-Event-ID", after)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var facts []fact
	var f fact
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "id":
			f.id = value
		case "event":
			f.name = value
		case "data":
			f.data += value
		case "":
			if f.name != "" {
				facts = append(facts, f)
				if enough != nil && enough(f) {
					return facts, nil
				}
			}
			f = fact{}
		}
	}
	return facts, lines.Err()
}

// says is an answer of a model in words.
func says(text string) testkit.ModelReply {
	m := patchbay.TextMessage(patchbay.FromModel, text)
	m.Stop = patchbay.StopEnd
	return testkit.ModelReply{Message: &m}
}

// asks is an answer of a model with calls: name, arguments, name, arguments, and so on.
func asks(prefix string, calls ...string) testkit.ModelReply {
	m := patchbay.Message{Role: patchbay.FromModel, Stop: patchbay.StopCalls, Usage: &patchbay.Usage{Input: 10, Output: 5}}
	for i := 0; i+1 < len(calls); i += 2 {
		m.Parts = append(m.Parts, patchbay.Part{Kind: patchbay.PartCall, Call: &patchbay.ToolCall{
			ID: prefix + string(rune('a'+i/2)), Name: calls[i], Args: calls[i+1],
		}})
	}
	return testkit.ModelReply{Message: &m}
}
