package testkit

import (
	"net/http"
	"strconv"
	"time"
)

// Fault is one way to fail, used up after Times requests.
type Fault struct {
	// RPC is the JSON-RPC method it strikes; empty means any POST; "GET" and "DELETE"
	// strike requests of that kind.
	RPC   string
	Times int // 0 is once
	// Status, Header and Body answer in place of the server.
	Status int
	Header http.Header
	Body   string
	// Abort closes the connection without an answer. With Run, the request is carried
	// out first, so that its fate is lost.
	Abort bool
	Run   bool
}

// Fail makes the next requests that match f fail.
func (e *Echo) Fail(f Fault) {
	f.Times = max(f.Times, 1)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.faults = append(e.faults, &f)
}

// Unauthorized is a 401 with a challenge in WWW-Authenticate.
func Unauthorized(rpc, challenge string) Fault {
	return Fault{RPC: rpc, Status: http.StatusUnauthorized, Header: http.Header{"Www-Authenticate": {challenge}}}
}

// RateLimited is a 429 that asks to wait for after, in whole seconds.
func RateLimited(rpc string, after time.Duration) Fault {
	return Fault{
		RPC: rpc, Status: http.StatusTooManyRequests,
		Header: http.Header{"Retry-After": {strconv.Itoa(int(after / time.Second))}},
	}
}

// SessionGone is the 404 of a session that the server does not know.
func SessionGone(rpc string) Fault {
	return Fault{
		RPC: rpc, Status: http.StatusNotFound, Header: http.Header{"Content-Type": {"application/json"}},
		Body: string(failure(nil, codeSessionGone, "Session not found", "")),
	}
}

// Cut closes the connection before the request is carried out.
func Cut(rpc string) Fault { return Fault{RPC: rpc, Abort: true} }

// CutAfter carries the request out and closes the connection instead of answering.
func CutAfter(rpc string) Fault { return Fault{RPC: rpc, Abort: true, Run: true} }

// takeFault uses up one fault for a request, nil when none strikes.
func (e *Echo) takeFault(kind string, post bool) *Fault {
	e.mu.Lock()
	defer e.mu.Unlock()
	for i, f := range e.faults {
		if f.RPC != kind && (f.RPC != "" || !post) {
			continue
		}
		if f.Times--; f.Times == 0 {
			e.faults = append(e.faults[:i:i], e.faults[i+1:]...)
		}
		return f
	}
	return nil
}

// strike answers by the fault.
func (f *Fault) strike(w http.ResponseWriter) {
	if f.Abort {
		panic(http.ErrAbortHandler) // net/http closes the connection and stays silent
	}
	for name, values := range f.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(f.Status)
	_, _ = w.Write([]byte(f.Body)) // the client may have gone
}
