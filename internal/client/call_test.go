package client

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"patchbay"
)

func stream(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
		io.WriteString(w, body)
	}
}

func TestCallStream(t *testing.T) {
	big := `{"content":[{"type":"text","text":"` + strings.Repeat("x", 5<<20) + `"}],"n":9007199254740993}`
	tests := map[string]struct {
		body  string
		want  string
		notes []string
		code  patchbay.Code
	}{
		"progress, log, result": {
			body:  ": hello\n\nevent: progress\ndata: {\"progress\":1}\n\nevent: log\ndata: {\"data\":\"x\"}\n\nevent: result\ndata: {\"content\":[]}\n\n",
			want:  `{"content":[]}`,
			notes: []string{`progress {"progress":1}`, `log {"data":"x"}`},
		},
		"CRLF and several data lines": {
			body: "event: result\r\ndata: {\r\ndata: }\r\n\r\n",
			want: "{\n}",
		},
		"large, byte for byte":       {body: "event: result\ndata: " + big + "\n\n", want: big},
		"unknown events are skipped": {body: "event: future\ndata: 1\n\nevent: result\ndata: {}\n\n", want: `{}`},
		"error": {
			body: "event: error\ndata: {\"error\":\"No answer in time\",\"code\":\"timeout\"}\n\n",
			code: patchbay.CodeTimeout,
		},
		"ends before the result":         {body: "event: progress\ndata: {}\n\n", code: patchbay.CodeUnknownFate, notes: []string{"progress {}"}},
		"ends in the middle of a result": {body: "event: result\ndata: {}\n", code: patchbay.CodeUnknownFate},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, c := newInstance(t, stream(test.body))
			var notes []string
			got, err := c.Call(t.Context(), CallRequest{Server: "demo", Tool: "x", Observer: func(n patchbay.Note) {
				notes = append(notes, string(n.Kind)+" "+string(n.Params))
			}})
			equal(t, test.code, patchbay.CodeOf(err))
			if test.want != string(got) {
				t.Fatalf("got %d bytes, want %d", len(got), len(test.want))
			}
			equal(t, test.notes, notes)
		})
	}
}

func TestCallCancelled(t *testing.T) {
	gone := make(chan struct{})
	_, c := newInstance(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, "event: progress\ndata: {}\n\n")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		close(gone)
	})
	ctx, cancel := context.WithCancel(t.Context())
	_, err := c.Call(ctx, CallRequest{Server: "demo", Tool: "x", Observer: func(patchbay.Note) { cancel() }})
	equal(t, true, errors.Is(err, context.Canceled))
	<-gone // the instance saw it
}

func FuzzEventReader(f *testing.F) {
	f.Add("event: result\ndata: {}\n\n")
	f.Add("data\n\n\r\n:\n\nevent:x\ndata:a\ndata: b\r\n\r\n")
	f.Add("data: " + strings.Repeat("y", 100))
	f.Fuzz(func(t *testing.T, s string) {
		const limit = 1 << 10
		events := newEventReader(strings.NewReader(s), limit)
		for {
			e, err := events.next()
			var tooLong *tooLongError
			if errors.Is(err, io.EOF) || errors.As(err, &tooLong) {
				return
			}
			noError(t, err)
			if len(e.data) > limit {
				t.Fatalf("%d bytes of data, the limit is %d", len(e.data), limit)
			}
		}
	})
}
