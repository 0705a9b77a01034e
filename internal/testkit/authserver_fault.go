package testkit

import (
	"bytes"
	"context"
	"net/http"
	"time"
)

// AuthFault is one way for an AuthServer to fail, used up after Times requests.
type AuthFault struct {
	// At is "metadata", "authorize", "token" (a grant but refresh), "refresh",
	// "register", "revoke" or "introspect"; empty is every one.
	At    string
	Times int // 0 is once, -1 for ever
	// Delay passes before anything else happens.
	Delay time.Duration
	// Status, Header and Body answer in place of the server.
	Status int
	Header http.Header
	Body   string
	// Huge sends that many bytes of JSON; Endless sends blanks until the client goes.
	Huge    int
	Endless bool
	// Abort carries the request out and closes the connection instead of answering;
	// with Drop it is not even carried out.
	Abort, Drop bool
}

// Fail makes the next requests that match f fail.
func (a *AuthServer) Fail(f AuthFault) {
	if f.Times == 0 {
		f.Times = 1
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.faults = append(a.faults, &f)
}

// LoseRefreshes carries the next n refreshes out and loses the answers.
func (a *AuthServer) LoseRefreshes(n int) { a.Fail(AuthFault{At: "refresh", Times: n, Abort: true}) }

// Heal ends every fault.
func (a *AuthServer) Heal() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.faults = nil
}

func (a *AuthServer) takeFault(at string) *AuthFault {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, f := range a.faults {
		if f.At != "" && f.At != at {
			continue
		}
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				a.faults = append(a.faults[:i:i], a.faults[i+1:]...)
			}
		}
		return f
	}
	return nil
}

// before does what the fault does in place of the server, and reports whether that was
// all. life ends with the server.
func (f *AuthFault) before(life context.Context, w http.ResponseWriter, r *http.Request) (done bool) {
	if f.Delay > 0 {
		late := time.NewTimer(f.Delay)
		defer late.Stop()
		select {
		case <-late.C:
		case <-r.Context().Done():
			return true
		case <-life.Done():
			return true
		}
	}
	switch {
	case f.Drop:
		panic(http.ErrAbortHandler)
	case f.Huge > 0:
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(append(append([]byte(`{"x":"`), bytes.Repeat([]byte("x"), f.Huge)...), `"}`...)) // the client may hang up
		return true
	case f.Endless:
		endless(life, w, r)
		return true
	case f.Status > 0:
		for name, values := range f.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(f.Status)
		_, _ = w.Write([]byte(f.Body)) // as above
		return true
	}
	return false
}

// endless drips blanks, so that no reader of a line or of JSON ever sees an end.
func endless(life context.Context, w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	out := http.NewResponseController(w)
	for {
		if _, err := w.Write([]byte(" ")); err != nil {
			return
		}
		if out.Flush() != nil {
			return
		}
		select {
		case <-tick.C:
		case <-r.Context().Done():
			return
		case <-life.Done():
			return
		}
	}
}
