package app

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestIdleness(t *testing.T) {
	const mib = 1 << 20
	i := idleness{collected: 10 * mib}
	steps := []struct {
		name      string
		allocated uint64
		want      bool
	}{
		{"after the start", 10 * mib, false},
		{"a call", 11 * mib, false},
		{"quiet, and little to collect", 11 * mib, false},
		{"busy", 50 * mib, false},
		{"quiet", 50*mib + 1000, true},
	}
	for _, s := range steps {
		if got := i.begins(s.allocated); got != s.want {
			t.Fatalf("%s: %v", s.name, got)
		}
	}
	i.collected = 50*mib + 1000
	if i.begins(50*mib + 2000) {
		t.Error("collected twice")
	}
}

func TestRestEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- rest(ctx) }()
		time.Sleep(3 * restEvery)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
