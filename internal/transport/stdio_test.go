package transport_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"patchbay"
	"patchbay/internal/expand"
	"patchbay/internal/transport"
)

// stdioFactory returns a factory whose children are this test binary.
func stdioFactory(t *testing.T, spawn *transport.SpawnerOptions, change func(*transport.Options)) *transport.Factory {
	t.Helper()
	if spawn == nil {
		spawn = &transport.SpawnerOptions{Env: os.LookupEnv}
	}
	s := transport.NewSpawner(*spawn)
	t.Cleanup(s.Close)
	return newFactory(t, func(o *transport.Options) {
		o.Spawner = s
		if change != nil {
			change(o)
		}
	})
}

func script(t *testing.T, name string) *expand.Endpoint {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &expand.Endpoint{Transport: patchbay.TransportStdio, Argv: []string{exe}, Env: []string{"PATCHBAY_TEST_CHILD=" + name}}
}

func TestStdioAgainstSDK(t *testing.T) {
	for _, name := range []string{"sdk", "banner"} {
		t.Run(name, func(t *testing.T) {
			wire := open(t, stdioFactory(t, nil, nil), script(t, name))
			session := connect(t, wire)
			if got := wire.ProtocolVersion(); got != "2026-07-28" {
				t.Errorf("version %q", got)
			}
			toolsOf(t, session, wire)
			const args = "{\"n\":9007199254740993,\n \"s\":\"ü\"}"
			if got := firstText(t, call(t, wire, "echo", args)); got != strings.ReplaceAll(args, "\n", " ") {
				t.Errorf("echo %s", got)
			}
			if got := firstText(t, call(t, wire, "big", "")); len(got) != 5<<20 {
				t.Errorf("%d bytes", len(got))
			}
			progress(t, wire)
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			_, err := wire.Call(ctx, &transport.Call{Name: "wait"})
			var ce *transport.CallError
			if !errors.As(err, &ce) || !ce.Sent || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("wait: %v", err)
			}
			if got := firstText(t, call(t, wire, "echo", "{}")); got != "{}" {
				t.Errorf("after a cancel: %s", got)
			}
			if _, err := session.ListTools(t.Context(), nil); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestStdioManyCallers(t *testing.T) {
	wire := open(t, stdioFactory(t, nil, nil), script(t, "sdk"))
	connect(t, wire)
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			for j := range 20 {
				args := fmt.Sprintf(`{"caller":%d,"call":%d}`, i, j)
				r, err := wire.Call(t.Context(), &transport.Call{Name: "echo", Args: json.RawMessage(args)})
				if err != nil {
					t.Error(err)
					return
				}
				if !strings.Contains(string(r.Raw), strconv.Quote(args)[1:len(strconv.Quote(args))-1]) {
					t.Errorf("%s answered %s", args, r.Raw)
				}
			}
		})
	}
	wg.Wait()
}

func TestStdioRaw(t *testing.T) {
	tests := []struct {
		script string
		check  func(t *testing.T, wire transport.Wire)
	}{
		{"raw", func(t *testing.T, wire transport.Wire) {
			if r := call(t, wire, "x", ""); string(r.Raw) != rawResult {
				t.Errorf("got %s\nwant %s", r.Raw, rawResult)
			}
		}},
		{"params", func(t *testing.T, wire transport.Wire) {
			r, err := wire.Call(t.Context(), &transport.Call{
				Name: "a\"b", Args: json.RawMessage(`{"x":1}`), Meta: json.RawMessage(`{"t":"v","progressToken":"theirs"}`),
				InputResponses: json.RawMessage(`{"q":{"action":"accept"}}`), RequestState: json.RawMessage(`"opaque"`),
				Observer: func(patchbay.Note) {},
			})
			if err != nil {
				t.Fatal(err)
			}
			const want = `{"name":"a\"b","arguments":{"x":1},"inputResponses":{"q":{"action":"accept"}},"requestState":"opaque","_meta":{"progressToken":1099511627777,"t":"v"}}`
			if got := firstText(t, r); got != want {
				t.Errorf("got %s\nwant %s", got, want)
			}
		}},
		{"utf8", func(t *testing.T, wire transport.Wire) {
			var protocol *transport.ProtocolError
			if ce := callError(t, wire, &transport.Call{Name: "x"}); !errors.As(ce, &protocol) || !ce.Sent {
				t.Errorf("got %v", ce)
			}
		}},
		{"twice", func(t *testing.T, wire transport.Wire) {
			for range 3 {
				if got := firstText(t, call(t, wire, "x", "")); got != "one" {
					t.Errorf("got %q", got)
				}
			}
		}},
		{"duplicate", func(t *testing.T, wire transport.Wire) { broken(t, wire, "two members") }},
		{"deep", func(t *testing.T, wire transport.Wire) { broken(t, wire, "nested deeper") }},
		{"log", func(t *testing.T, wire transport.Wire) {
			var notes []patchbay.Note
			if _, err := wire.Call(t.Context(), &transport.Call{Name: "x", Observer: func(n patchbay.Note) { notes = append(notes, n) }}); err != nil {
				t.Fatal(err)
			}
			if len(notes) != 1 || notes[0].Kind != patchbay.NoteLog {
				t.Errorf("notes %v", notes)
			}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.script, func(t *testing.T) {
			wire := open(t, stdioFactory(t, nil, nil), script(t, tt.script))
			connect(t, wire)
			tt.check(t, wire)
		})
	}
}

// broken holds that a call ends with the wire, and for the reason given.
func broken(t *testing.T, wire transport.Wire, reason string) {
	t.Helper()
	ce := callError(t, wire, &transport.Call{Name: "x"})
	var protocol *transport.ProtocolError
	if !errors.As(ce, &protocol) || !ce.Sent || !strings.Contains(ce.Error(), reason) {
		t.Errorf("got %v", ce)
	}
	<-wire.Done()
	if !errors.As(wire.Err(), &protocol) {
		t.Errorf("the wire ended with %v", wire.Err())
	}
}

func TestStdioGarbage(t *testing.T) {
	for _, tt := range []struct {
		script string
		want   any
	}{{"garbage", new(*transport.ProtocolError)}, {"longline", new(*transport.LimitError)}} {
		t.Run(tt.script, func(t *testing.T) {
			wire := open(t, stdioFactory(t, nil, nil), script(t, tt.script))
			<-wire.Done()
			if !errors.As(wire.Err(), tt.want) {
				t.Errorf("got %v", wire.Err())
			}
		})
	}
}

func TestStdioCommand(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, []byte("#!/bin/sh\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		ep   expand.Endpoint
		want string
	}{
		{"missing", expand.Endpoint{Argv: []string{"no-such-program-here"}}, `"no-such-program-here": no such program in PATH`},
		{"missing path", expand.Endpoint{Argv: []string{dir + "/none"}}, "/none"},
		{"folder", expand.Endpoint{Argv: []string{dir}}, "is a folder"},
		{"not executable", expand.Endpoint{Argv: []string{plain}}, "not executable"},
		{"no cwd", expand.Endpoint{Argv: []string{"sh"}, Dir: dir + "/none"}, "`cwd` is not a folder"},
		{"no shell", expand.Endpoint{Argv: []string{"sh -c true"}}, "no such program in PATH"},
		{"own PATH", expand.Endpoint{Argv: []string{"sh"}, Env: []string{"PATH=" + dir}}, "no such program in PATH"},
		{"relative PATH", expand.Endpoint{Argv: []string{"stdio_test.go"}, Env: []string{"PATH=.:"}}, "no such program in PATH"},
	}
	f := stdioFactory(t, nil, nil)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.ep.Transport = patchbay.TransportStdio
			_, err := f.Open(t.Context(), &tt.ep, transport.OpenOptions{})
			var ce *transport.CommandError
			if !errors.As(err, &ce) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestStdioExit(t *testing.T) {
	t.Run("at start", func(t *testing.T) {
		wire := open(t, stdioFactory(t, nil, nil), script(t, "exit"))
		_, err := tryConnect(t.Context(), wire)
		var exit *transport.ExitError
		if !errors.As(err, &exit) && !errors.As(wire.Err(), &exit) {
			t.Fatalf("got %v and %v", err, wire.Err())
		}
		if exit.Code != 7 || exit.Stderr != "no licence found" {
			t.Errorf("got %+v", exit)
		}
		if got := string(wire.Stderr()); got != "no licence found\n" {
			t.Errorf("stderr %q", got)
		}
	})
	t.Run("during calls", func(t *testing.T) {
		wire := open(t, stdioFactory(t, nil, nil), script(t, "die"))
		connect(t, wire)
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				_, err := wire.Call(t.Context(), &transport.Call{Name: "x"})
				var exit *transport.ExitError
				if !errors.As(err, &exit) || exit.Code != 3 || !strings.Contains(exit.Stderr, "out of cheese") {
					t.Errorf("got %v", err)
				}
			})
		}
		wg.Wait()
	})
	t.Run("killed", func(t *testing.T) {
		wire := open(t, stdioFactory(t, nil, nil), script(t, "fork"))
		connect(t, wire)
		pid, err := strconv.Atoi(firstText(t, call(t, wire, "x", "")))
		if err != nil {
			t.Fatal(err)
		}
		group, err := syscall.Getpgid(pid)
		if err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(group, syscall.SIGKILL); err != nil { // the leader alone
			t.Fatal(err)
		}
		<-wire.Done()
		var exit *transport.ExitError
		if !errors.As(wire.Err(), &exit) || exit.Signal != "SIGKILL" {
			t.Errorf("got %v", wire.Err())
		}
		gone(t, pid)
	})
}

// gone waits for a process that is being killed to disappear.
func gone(t *testing.T, pid int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for alive(pid) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("process %d is still there", pid)
		}
	}
}

// alive reports whether a process runs; one that is dead but not reaped does not.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, after, _ := bytes.Cut(stat, []byte(") "))
	return !bytes.HasPrefix(after, []byte("Z"))
}

func TestStdioClose(t *testing.T) {
	t.Run("grandchild", func(t *testing.T) {
		wire := open(t, stdioFactory(t, nil, nil), script(t, "fork"))
		connect(t, wire)
		pid, err := strconv.Atoi(firstText(t, call(t, wire, "x", "")))
		if err != nil || !alive(pid) {
			t.Fatalf("process %d: %v", pid, err)
		}
		if err := wire.Close(); err != nil {
			t.Fatal(err)
		}
		gone(t, pid)
	})
	t.Run("deaf to TERM", func(t *testing.T) {
		spawn := transport.SpawnerOptions{Env: os.LookupEnv, Grace: 100 * time.Millisecond}
		wire := open(t, stdioFactory(t, &spawn, nil), script(t, "stubborn"))
		if err := wire.Close(); err != nil {
			t.Fatal(err)
		}
		if !errors.Is(wire.Err(), transport.ErrClosed) {
			t.Errorf("got %v", wire.Err())
		}
	})
}

func TestStdioEnvironment(t *testing.T) {
	t.Setenv("PATCHBAY_SECRET_OF_OURS", "canary")
	t.Setenv("LANG", "C.UTF-8")
	ep := script(t, "env")
	ep.Env = append(ep.Env, "TERM=definition", "EXTRA=1")
	wire := open(t, stdioFactory(t, nil, nil), ep)
	connect(t, wire)
	env := strings.Split(firstText(t, call(t, wire, "x", "")), "\n")
	allowed := map[string]bool{
		"PATH": true, "HOME": true, "USER": true, "LOGNAME": true, "SHELL": true, "TERM": true, "LANG": true, "TMPDIR": true,
		"PATCHBAY_TEST_CHILD": true, "EXTRA": true,
	}
	values := map[string]string{}
	for _, kv := range env {
		name, value, _ := strings.Cut(kv, "=")
		if !allowed[name] {
			t.Errorf("the child sees %s", name)
		}
		values[name] = value
	}
	if values["TERM"] != "definition" || values["LANG"] != "C.UTF-8" || values["EXTRA"] != "1" {
		t.Errorf("environment %v", values)
	}
}

// lockedBuffer is a writer that may be read meanwhile.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestStdioStderr(t *testing.T) {
	for _, tt := range []struct {
		form    patchbay.Stderr
		printed bool
		kept    bool
	}{{patchbay.StderrInherit, true, true}, {patchbay.StderrPipe, false, true}, {patchbay.StderrIgnore, false, false}} {
		t.Run(string(tt.form), func(t *testing.T) {
			var out lockedBuffer
			f := stdioFactory(t, nil, func(o *transport.Options) { o.Stderr = &out })
			ep := script(t, "noise")
			ep.Stderr = tt.form
			wire, err := f.Open(t.Context(), ep, transport.OpenOptions{Server: "noisy"})
			if err != nil {
				t.Fatal(err)
			}
			connect(t, wire)
			call(t, wire, "x", "")
			if err := wire.Close(); err != nil {
				t.Fatal(err)
			}
			kept := string(wire.Stderr())
			if tt.kept != strings.HasSuffix(kept, "noise 4999\n") || len(kept) > 64<<10 || strings.ContainsAny(kept, "\x1b\x07") {
				t.Errorf("kept %d bytes, the last %q", len(kept), kept[max(0, len(kept)-40):])
			}
			printed := out.String()
			if tt.printed != strings.HasPrefix(printed, "[noisy] noise 0\n[noisy] noise 1\n") {
				t.Errorf("printed %.60q", printed)
			}
			if n := strings.Count(printed, "\n"); n > 500 {
				t.Errorf("%d lines printed of 5000 in an instant", n)
			}
		})
	}
}
