package provider

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"

	"patchbay"
)

// Retry says how often a request is sent again before its first token. A zero field
// takes its default. SDKs' own retries are not used: this is the one place.
type Retry struct {
	Attempts int           // in all; default 4
	First    time.Duration // before the second attempt, doubled each time, with jitter; default 500 ms
	MaxWait  time.Duration // the longest Retry-After that is waited out; default 60 s
}

func (r Retry) withDefaults() Retry {
	if r.Attempts <= 0 {
		r.Attempts = 4
	}
	if r.First <= 0 {
		r.First = 500 * time.Millisecond
	}
	if r.MaxWait <= 0 {
		r.MaxWait = 60 * time.Second
	}
	return r
}

// do calls attempt until it works, cannot work, or has been called often enough.
// attempt returns final when it must not be repeated: tokens have been passed on.
func (r Retry) do(ctx context.Context, attempt func() (final bool, err error)) error {
	r = r.withDefaults()
	waits := backoff.NewExponentialBackOff()
	waits.InitialInterval, waits.Multiplier, waits.MaxInterval = r.First, 2, r.MaxWait
	for n := 1; ; n++ {
		final, err := attempt()
		if err == nil || final || n >= r.Attempts || !again(err) {
			return err
		}
		wait := waits.NextBackOff()
		if after := retryAfter(err); after > 0 {
			if after > r.MaxWait {
				return err
			}
			wait = after
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
	}
}

// again reports whether the same request may work when it is sent again.
func again(err error) bool {
	var e *patchbay.ModelError
	return errors.As(err, &e) && e.Retryable() && e.Code != codeBlocked && e.Code != codeNoRetry
}

func retryAfter(err error) time.Duration {
	var e *patchbay.ModelError
	if errors.As(err, &e) {
		return e.RetryAfter
	}
	return 0
}
