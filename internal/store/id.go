package store

import (
	"time"

	"github.com/google/uuid"
)

// NewID returns a new UUIDv7 as text. Ids of one process sort by when they were made.
func NewID() string { return uuid.Must(uuid.NewV7()).String() } // fails only without random numbers

// millis is t as it is stored: unix-milli, 0 for the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// instant is the inverse of millis, in UTC.
func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
