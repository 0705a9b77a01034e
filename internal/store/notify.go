package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"
)

// TopicRun is the topic of hints about runs: something about the run with the hint's id is
// new, its version is the last event's seq or 0.
const TopicRun = "run"

// channel is the name that hints between processes travel under.
const channel = "patchbay"

// How long Listen waits before it connects again.
const (
	relistenFirst = 200 * time.Millisecond
	relistenMost  = 10 * time.Second
)

type hintBody struct {
	Topic   string `json:"topic"`
	ID      string `json:"id"`
	Version int64  `json:"version"`
}

// Notify tells all processes on this database, this one included, that something is new.
// It carries no content. On SQLite there is nobody to tell.
func (s *Store) Notify(ctx context.Context, topic, id string, version int64) (err error) {
	defer wrap(&err, "store: notify")
	return s.hint(ctx, s.db, topic, id, version)
}

// hint is Notify within a transaction: it goes out when that is committed.
func (s *Store) hint(ctx context.Context, db bun.IDB, topic, id string, version int64) error {
	if !s.Shared() {
		return nil
	}
	body, err := json.Marshal(hintBody{Topic: topic, ID: id, Version: version})
	if err != nil {
		return err
	}
	_, err = db.NewRaw("SELECT pg_notify(?, ?)", channel, string(body)).Exec(ctx)
	return err
}

// Listen calls fn with what Notify and the store's own writes tell, from one goroutine,
// until ctx ends. A connection that is lost is made again, and what was told meanwhile is
// lost: who listens also looks for itself from time to time. On SQLite it only waits for
// ctx. The error is that of ctx.
func (s *Store) Listen(ctx context.Context, fn func(topic, id string, version int64)) error {
	pause := relistenFirst
	for s.Shared() && ctx.Err() == nil {
		began := time.Now()
		s.listenOnce(ctx, fn)
		if time.Since(began) > relistenMost {
			pause = relistenFirst
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, relistenMost)
	}
	<-ctx.Done()
	return ctx.Err()
}

// listenOnce listens on one connection until it breaks. Why it broke does not matter:
// whatever it is, connecting again is what helps.
func (s *Store) listenOnce(ctx context.Context, fn func(topic, id string, version int64)) {
	conn, err := pgx.ConnectConfig(ctx, s.listen.Copy())
	if err != nil {
		return
	}
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second) // to say goodbye
		defer cancel()
		_ = conn.Close(end) // it is of no more use either way
	}()
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		return
	}
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return
		}
		var h hintBody
		if json.Unmarshal([]byte(n.Payload), &h) == nil {
			fn(h.Topic, h.ID, h.Version)
		}
	}
}
