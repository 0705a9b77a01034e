package store_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/store"
	"patchbay/internal/testkit/storekit"
)

// BenchmarkSaveRun is a step of a streaming run as it is stored: a message, two calls and
// three facts.
func BenchmarkSaveRun(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *store.Store{"sqlite": storekit.SQLite, "postgres": storekit.Postgres} {
		b.Run(name, func(b *testing.B) {
			s := open(b)
			ctx := b.Context()
			u := &patchbay.User{Email: "ada@example.org", Username: "ada", CreatedAt: at}
			require.NoError(b, s.CreateUser(ctx, u, ""))
			n := store.RunStart{
				Conversation: &patchbay.Conversation{CreatedAt: at}, Question: &patchbay.Entry{CreatedAt: at}, Answer: &patchbay.Entry{CreatedAt: at},
				Run: &patchbay.Run{User: u.ID, Owner: me, CreatedAt: at}, Lease: time.Minute,
			}
			require.NoError(b, s.StartRun(ctx, n))
			fact := json.RawMessage(`{"step":1,"index":0,"message":{"role":"model","parts":[{"kind":"text","text":"It rains."}]}}`)
			for b.Loop() {
				d := store.RunSave{ID: n.Run.ID, Owner: me, Epoch: 1, Step: 1, State: fact, ClearPartial: true, Lease: time.Minute, At: at}
				d.Messages = []patchbay.Message{patchbay.TextMessage(patchbay.FromModel, "It rains.")}
				d.Calls = []*patchbay.RunCall{{ID: "a", State: patchbay.RunCallStarted}, {ID: "b", State: patchbay.RunCallStarted}}
				d.Events = []patchbay.RunEvent{{Kind: patchbay.RunEventMessage, Data: fact}, {Kind: patchbay.RunEventCall, Data: fact}, {Kind: patchbay.RunEventCall, Data: fact}}
				require.NoError(b, s.SaveRun(ctx, d))
			}
		})
		b.Run("checkpoint/"+name, func(b *testing.B) {
			s := open(b)
			ctx := b.Context()
			u := &patchbay.User{Email: "ada@example.org", Username: "ada", CreatedAt: at}
			require.NoError(b, s.CreateUser(ctx, u, ""))
			n := store.RunStart{
				Conversation: &patchbay.Conversation{CreatedAt: at}, Question: &patchbay.Entry{CreatedAt: at}, Answer: &patchbay.Entry{CreatedAt: at},
				Run: &patchbay.Run{User: u.ID, Owner: me, CreatedAt: at}, Lease: time.Minute,
			}
			require.NoError(b, s.StartRun(ctx, n))
			partial := json.RawMessage(`{"text":"` + string(make([]byte, 0)) + `"}`)
			for b.Loop() {
				require.NoError(b, s.Checkpoint(ctx, n.Run.ID, me, 1, partial))
			}
		})
	}
}
