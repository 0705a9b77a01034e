package transport

import (
	"testing"
	"time"
)

func TestPacer(t *testing.T) {
	start := time.Unix(1, 0)
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	type step struct {
		ms, size int
		want     time.Duration
	}
	tests := []struct {
		name  string
		steps []step
	}{
		{"what is within the window's share goes on", []step{{0, 1, 0}, {10, 1, 0}, {20, 1, 0}}},
		{"one message too many waits for the next window", []step{{0, 1, 0}, {10, 1, 0}, {20, 1, 0}, {30, 1, 70 * time.Millisecond}}},
		{"too many bytes wait too", []step{{0, 60, 0}, {40, 60, 60 * time.Millisecond}}},
		{"a new window has a new share", []step{{0, 1, 0}, {1, 1, 0}, {2, 1, 0}, {100, 1, 0}, {101, 1, 0}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var p pacer
			for i, s := range tt.steps {
				if got := p.take(at(s.ms), s.size, 3, 100); got != s.want {
					t.Errorf("step %d waits %s, want %s", i, got, s.want)
				}
			}
		})
	}
}
