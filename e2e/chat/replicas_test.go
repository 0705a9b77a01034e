package chat_test

import (
	"context"
	"fmt"
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
	"patchbay/internal/testkit/storekit"
)

// key seals for both processes.
const key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

// TestTwoProcesses: two processes on one PostgreSQL. A run that one executes is attached
// to, answered and stopped at the other, and goes on there when its owner is killed while
// it waits.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	database := storekit.PostgresURL(t)
	slow := says(strings.Repeat("word by word ", 2000))
	slow.Stall = 4000
	approval := func(n int) testkit.ModelReply {
		return asks(fmt.Sprintf("call_%d_", n), "echo_mcp_careful", `{"text":"hi"}`)
	}
	api := testkit.NewModels(t, approval(1), says("Answered there."), approval(2), says("Taken over."), slow)
	careful := testkit.NewEcho(t, testkit.EchoOptions{})
	yaml := custom(api) + fmt.Sprintf("mcpServers:\n  careful: {type: http, url: %q, approval: {'*': always}}\n", careful.URL())
	env := []string{"DATABASE_URL=" + database, "CREDS_KEY=" + key}
	token := hostkit.Seed(t, store.Options{DatabaseURL: database}, 1, auth.MintAPIToken)[0]
	one := hostkit.NewPlace(t, yaml, env...).Serve(t, program.Path(t))
	two := hostkit.NewPlace(t, yaml, env...).Serve(t, program.Path(t))
	here, there := person{one.URL, token}, person{two.URL, token}
	message := map[string]any{"text": "Go.", "settings": map[string]any{"provider": "box", "model": "fake-large", "mcpServers": []string{"careful"}}}
	waits := func(p person, id string) string {
		r := p.until(t, id, "waiting", func(r *run) bool { return r.Status == patchbay.RunWaiting && len(open(r)) == 1 })
		return open(&r)[patchbay.WaitApproval]
	}
	allow := map[string]any{"decision": "allow"}

	// Attached and answered at the other.
	s := here.send(t, message)
	told := make(chan []fact, 1)
	go func() {
		facts, _ := there.follow(t.Context(), s.Run.ID, "", nil) // what is missing is seen below
		told <- facts
	}()
	there.want(t, http.StatusOK, http.MethodPost, "/api/approvals/"+waits(there, s.Run.ID), allow, nil)
	require.Equal(t, patchbay.RunDone, there.ended(t, s.Run.ID).Status)
	facts := <-told
	require.NotEmpty(t, facts)
	require.Equal(t, "end", facts[len(facts)-1].name, "the stream at the other process says that the run is over")

	// Taken over when its owner is killed while it waits.
	s = here.send(t, message)
	id := waits(there, s.Run.ID)
	one.Kill()
	there.want(t, http.StatusOK, http.MethodPost, "/api/approvals/"+id, allow, nil)
	r := there.ended(t, s.Run.ID)
	require.Equal(t, patchbay.RunDone, r.Status, "%+v", r.End)
	require.Equal(t, 2, careful.Calls("echo"))

	// Stopped at the other while its model writes.
	three := hostkit.NewPlace(t, yaml, env...).Serve(t, program.Path(t))
	here = person{three.URL, token}
	s = here.send(t, message)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	_, err := there.follow(ctx, s.Run.ID, "", func(f fact) bool { return f.name == "delta" || f.name == "snapshot" })
	require.NoError(t, err)
	begin := time.Now()
	there.want(t, http.StatusAccepted, http.MethodPost, "/api/runs/"+s.Run.ID+"/stop", nil, nil)
	r = there.ended(t, s.Run.ID)
	require.Equal(t, patchbay.RunStopped, r.Status)
	require.NotEmpty(t, r.Steps, "what there was of the answer is kept")
	t.Logf("stopped across processes after %s", time.Since(begin))
	three.Stop(t)
	two.Stop(t)
}
