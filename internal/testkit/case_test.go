package testkit

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"patchbay"
)

// Every case does on every transport of its own what its table says.
func TestCases(t *testing.T) {
	const mib = 1 << 20
	checks := map[Case]struct {
		s     Settings
		check func(t *testing.T, f *far, tr patchbay.Transport)
	}{
		Works: {check: func(t *testing.T, f *far, _ patchbay.Transport) {
			f.open(t)
			f.send(callEcho)
			require.Equal(t, `{"jsonrpc":"2.0","id":3,"result":{"content":[{"type":"text","text":"hi"}]}}`, f.next(t))
		}},
		NeverAnswers: {check: func(t *testing.T, f *far, tr patchbay.Transport) {
			if tr == patchbay.TransportHTTP {
				return // its own test: a POST that is not answered blocks this client
			}
			f.send(initialize)
			f.silent(t, 50*time.Millisecond)
		}},
		NeverAnswersCalls: {check: func(t *testing.T, f *far, _ patchbay.Transport) {
			f.open(t)
			f.send(callEcho)
			f.send(listTools)
			require.Contains(t, f.next(t), `"id":2,`)
			f.silent(t, 50*time.Millisecond)
		}},
		AnswersLate: {s: Settings{Delay: 100 * time.Millisecond}, check: func(t *testing.T, f *far, _ patchbay.Transport) {
			f.open(t)
			sent := time.Now()
			f.send(callEcho)
			require.Contains(t, f.next(t), `"id":3,"result":{"content":[{"type":"text","text":"late"`)
			require.GreaterOrEqual(t, time.Since(sent), 100*time.Millisecond)
		}},
		ExitsZero:     {check: exits(0, "nothing to do, goodbye\n")},
		ExitsOne:      {check: exits(1, "fatal: the licence file is missing\n")},
		ExitsBySignal: {check: exits(-1, "about to crash\n")},
		PrintsBanner: {check: func(t *testing.T, f *far, _ patchbay.Transport) {
			for n := range 20 {
				require.Equal(t, fmt.Sprintf("\x1b[1;32m*** Welcome, line %d ***\x1b[0m", n+1), f.next(t))
			}
			f.open(t)
		}},
		PrintsGarbage: {check: func(t *testing.T, f *far, _ patchbay.Transport) {
			go f.send(initialize)
			for range 300 {
				require.Contains(t, f.next(t), "{not json ~~~")
			}
		}},
		LongLine: {s: Settings{Bytes: 5 * mib}, check: func(t *testing.T, f *far, _ patchbay.Transport) {
			f.open(t)
			f.send(callEcho)
			msg := f.next(t)
			require.Len(t, msg, 5*mib)
			require.True(t, json.Valid([]byte(msg)))
		}},
		EndlessStream: {check: func(t *testing.T, f *far, _ patchbay.Transport) {
			f.open(t)
			f.send(callEcho)
			for n := range 300 {
				require.Contains(t, f.next(t), fmt.Sprintf(`"data":"line %d"`, n+1))
			}
		}},
		CursorLoop: {check: func(t *testing.T, f *far, _ patchbay.Transport) {
			f.open(t)
			seen := map[string]bool{}
			for range 20 {
				f.send(listTools)
				cursor := nextCursor(t, f.next(t))
				require.NotEmpty(t, cursor)
				require.False(t, seen[cursor])
				seen[cursor] = true
			}
		}},
		ManyTools: {check: func(t *testing.T, f *far, _ patchbay.Transport) {
			f.open(t)
			names := map[string]bool{}
			cursor := ""
			for {
				f.send(`{"jsonrpc":"2.0","id":2,"method":"tools/list","params":{"cursor":"` + cursor + `"}}`)
				page := f.next(t)
				for _, name := range toolNames(t, page) {
					names[name] = true
				}
				if cursor = nextCursor(t, page); cursor == "" {
					break
				}
			}
			require.Len(t, names, 10_000)
		}},
		DuplicateIDs: {check: func(t *testing.T, f *far, _ patchbay.Transport) {
			f.open(t)
			f.send(callEcho)
			require.Contains(t, f.next(t), `"id":3,"result":{"content":[{"type":"text","text":"first"`)
			require.Contains(t, f.next(t), `"id":3,"result":{"content":[{"type":"text","text":"second"`)
		}},
		ForeignResults: {check: func(t *testing.T, f *far, _ patchbay.Transport) {
			f.open(t)
			f.send(callEcho)
			for _, id := range []string{`424242`, `"nobody"`, `null`, `-1`, `1.5`} {
				require.Contains(t, f.next(t), `"id":`+id+`,"result":{"content":[{"type":"text","text":"for somebody else"`)
			}
			require.Contains(t, f.next(t), `"text":"hi"`)
		}},
		InvalidUTF8: {check: func(t *testing.T, f *far, _ patchbay.Transport) {
			f.open(t)
			f.send(callEcho)
			msg := f.next(t)
			require.Contains(t, msg, "\xff\xfe")
			require.False(t, utf8.ValidString(msg))
		}},
		DeepJSON: {check: func(t *testing.T, f *far, _ patchbay.Transport) {
			f.open(t)
			f.send(callEcho)
			require.Contains(t, f.next(t), strings.Repeat("[", 10_000)+strings.Repeat("]", 10_000))
		}},
		DuplicateMembers: {check: func(t *testing.T, f *far, _ patchbay.Transport) {
			f.open(t)
			f.send(callEcho)
			msg := f.next(t)
			require.True(t, json.Valid([]byte(msg)))
			require.Equal(t, 2, strings.Count(msg, `"result":`))
			require.Less(t, strings.Index(msg, "first"), strings.Index(msg, "second"))
		}},
		WrongContentType: {check: func(t *testing.T, f *far, tr patchbay.Transport) {
			if tr == patchbay.TransportHTTP {
				f.send(initialize)
			}
			require.Contains(t, f.next(t), "status 200, text/html")
		}},
		GzipBomb: {s: Settings{Bytes: 64 * mib}, check: func(t *testing.T, f *far, _ patchbay.Transport) {
			f.open(t)
			f.send(callEcho)
			require.Equal(t, fmt.Sprintf("status 200, application/json, %d bytes", 64*mib), f.next(t))
			require.Less(t, len(bomb(64*mib)), 100<<10)
		}},
		ClosesMidCall: {check: func(t *testing.T, f *far, tr patchbay.Transport) {
			f.open(t)
			f.send(callEcho)
			msg := f.next(t)
			if !strings.HasPrefix(msg, "error: ") {
				require.NotContains(t, msg, "whole")
				msg = f.next(t)
			}
			require.Regexp(t, "^error: .*EOF", msg)
			if tr == patchbay.TransportStdio {
				require.Error(t, <-f.exit)
			}
		}},
		Flaps: {s: Settings{Every: 300 * time.Millisecond}, check: func(t *testing.T, f *far, tr patchbay.Transport) {
			f.open(t)
			if tr != patchbay.TransportHTTP {
				require.Regexp(t, "^error: ", f.next(t))
				return
			}
			f.send(`{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"slow","arguments":{"ms":60000}}}`)
			require.Regexp(t, "^error: .*EOF", f.next(t))
			f.send(callEcho)
			require.Contains(t, f.next(t), "status 404")
		}},
		IgnoresTerm: {check: func(t *testing.T, f *far, _ patchbay.Transport) {
			f.open(t)
			require.NoError(t, f.cmd.Process.Signal(syscall.SIGTERM))
			f.send(callEcho)
			require.Contains(t, f.next(t), `"id":3,"result"`)
		}},
		FloodsStderr: {check: func(t *testing.T, f *far, _ patchbay.Transport) {
			f.open(t)
			f.send(callEcho)
			require.Contains(t, f.next(t), `"id":3,"result"`)
			require.Eventually(t, func() bool { return strings.Contains(f.errs.String(), "flood 5 !!!") }, 10*time.Second, time.Millisecond)
			require.NoError(t, f.cmd.Process.Kill())
			<-f.exit
		}},
		ChangesTools: {check: func(t *testing.T, f *far, _ patchbay.Transport) {
			f.open(t)
			f.send(listTools)
			first := toolNames(t, f.next(t))
			f.send(callEcho)
			require.Contains(t, f.next(t), "notifications/tools/list_changed")
			require.Contains(t, f.next(t), `"id":3,"result"`)
			f.send(listTools)
			require.NotEqual(t, first, toolNames(t, f.next(t)))
		}},
	}
	for _, c := range Cases() {
		for _, tr := range c.Transports() {
			t.Run(string(c)+"/"+string(tr), func(t *testing.T) {
				if c == Forks {
					t.Skip("TestForks")
				}
				check, ok := checks[c]
				require.True(t, ok, "a case without a check")
				check.check(t, dial(t, c, tr, check.s), tr)
			})
		}
	}
}

func exits(code int, last string) func(*testing.T, *far, patchbay.Transport) {
	return func(t *testing.T, f *far, _ patchbay.Transport) {
		require.Equal(t, "error: EOF", f.next(t))
		<-f.exit
		require.Equal(t, code, f.cmd.ProcessState.ExitCode())
		require.Equal(t, last, f.errs.String())
	}
}

func TestNeverAnswersOverHTTP(t *testing.T) {
	srv := NeverAnswers.Serve(t, patchbay.TransportHTTP, Settings{})
	tr := &http.Transport{}
	defer tr.CloseIdleConnections()
	client := &http.Client{Transport: tr, Timeout: 50 * time.Millisecond}
	for _, body := range []string{initialize, listTools} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL, strings.NewReader(body))
		require.NoError(t, err)
		resp, err := client.Do(req)
		if err == nil {
			resp.Body.Close()
		}
		require.ErrorContains(t, err, "Client.Timeout")
	}
	require.Equal(t, 1, srv.Attempts())
}

// The child that Forks leaves behind outlives it, in its process group.
func TestForks(t *testing.T) {
	pidFile := filepath.Join(t.TempDir(), "pid")
	f := dial(t, Forks, patchbay.TransportStdio, Settings{PIDFile: pidFile})
	f.open(t)
	raw, err := os.ReadFile(pidFile)
	require.NoError(t, err)
	var pid int
	_, err = fmt.Sscan(string(raw), &pid)
	require.NoError(t, err)
	parent, err := syscall.Getpgid(f.cmd.Process.Pid)
	require.NoError(t, err)
	group, err := syscall.Getpgid(pid)
	require.NoError(t, err)
	require.Equal(t, parent, group)
	require.NoError(t, f.cmd.Process.Kill())
	// It still holds our end of the pipe.
	f.silent(t, 50*time.Millisecond)
	require.NoError(t, syscall.Kill(pid, 0))
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	require.Equal(t, "error: EOF", f.next(t))
}

func TestWhoAmIOverStdio(t *testing.T) {
	f := dial(t, Works, patchbay.TransportStdio, Settings{})
	f.open(t)
	f.send(`{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"whoami"}}`)
	who := whoIn(t, f.next(t))
	require.Equal(t, f.cmd.Process.Pid, who.PID)
	require.Contains(t, who.Args, childMark)
	require.NotEmpty(t, who.Env)
}

func nextCursor(t *testing.T, msg string) string {
	t.Helper()
	var m struct {
		Result struct {
			NextCursor string `json:"nextCursor"`
		} `json:"result"`
	}
	require.NoError(t, json.Unmarshal([]byte(msg), &m), "%.300s", msg)
	return m.Result.NextCursor
}

func toolNames(t *testing.T, msg string) []string {
	t.Helper()
	var m struct {
		Result struct {
			Tools []struct {
				Name string `json:"name"`
			} `json:"tools"`
		} `json:"result"`
	}
	require.NoError(t, json.Unmarshal([]byte(msg), &m), "%.300s", msg)
	var names []string
	for _, tool := range m.Result.Tools {
		names = append(names, tool.Name)
	}
	return names
}

func whoIn(t *testing.T, msg string) WhoAmI {
	t.Helper()
	var m struct {
		Result struct {
			Content []struct {
				Text string `json:"text"`
			} `json:"content"`
		} `json:"result"`
	}
	require.NoError(t, json.Unmarshal([]byte(msg), &m), "%.300s", msg)
	require.NotEmpty(t, m.Result.Content, "%.300s", msg)
	var who WhoAmI
	require.NoError(t, json.Unmarshal([]byte(m.Result.Content[0].Text), &who))
	return who
}
