package api

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"patchbay"
	"patchbay/internal/conn"
)

// fakeLogs has the same lines for everybody; EDIT is checked like the real one does.
type fakeLogs struct {
	w     *world
	lines []conn.LogLine
}

func (f *fakeLogs) Log(_ context.Context, a patchbay.Actor, s *patchbay.Server) ([]conn.LogLine, error) {
	if _, err := f.w.registry.Authorise(a, s.Name, patchbay.PermEdit); err != nil {
		return nil, err
	}
	return f.lines, nil
}

func TestServerLog(t *testing.T) {
	logs := &fakeLogs{lines: []conn.LogLine{
		{At: jan(2), Text: "Connected."},
		{Printed: true, Text: "started in production with --api-key plain-and-secret and hunter2"},
	}}
	w := newWorld(t, func(o *Options) { o.Logs = logs })
	logs.w = w
	const path = "/api/mcp/servers/github-mcp/log"
	wantError(t, w.request(t, "GET", path, tokAnn, ""), 403, patchbay.CodeForbidden, "EDIT")
	rec := w.request(t, "GET", path, tokRoot, "")
	var got struct{ Data []LogLineView }
	if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil || rec.Code != 200 {
		t.Fatalf("%d %s: %v", rec.Code, rec.Body, err)
	}
	at := jan(2).In(time.UTC)
	want := []LogLineView{
		{At: &at, From: "connection", Text: "Connected."},
		{From: "server", Text: "started in production with --api-key ••• and •••"},
	}
	if diff := cmp.Diff(want, got.Data); diff != "" {
		t.Error(diff)
	}
}
