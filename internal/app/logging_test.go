package app

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

func TestTextLog(t *testing.T) {
	tests := []struct {
		name string
		log  func(*slog.Logger)
		want string
	}{
		{"plain", func(l *slog.Logger) { l.Info("Ready", "address", "127.0.0.1:3080") }, "INFO  Ready address=127.0.0.1:3080"},
		{"mcp prefix", func(l *slog.Logger) { l.Warn("Connection lost", "server", "spotify", "reason", "lost") }, "WARN  [MCP][spotify] Connection lost reason=lost"},
		{"prefix by With", func(l *slog.Logger) { l.With("server", "a b").Info("x") }, "INFO  [MCP][a b] x"},
		{"empty attributes are left out", func(l *slog.Logger) { l.Info("x", "user", "") }, "INFO  x"},
		{"values cannot forge attributes", func(l *slog.Logger) { l.Info("x", "m", `a b="c"`) }, `INFO  x m="a b=\"c\""`},
		{"values cannot forge lines", func(l *slog.Logger) { l.Info("x", "m", "a\n2026 INFO y") }, `INFO  x m="a\n2026 INFO y"`},
		{"names cannot forge lines", func(l *slog.Logger) { l.Info("x", "server", "a\nb") }, "INFO  [MCP][a?b] x"},
		{"groups", func(l *slog.Logger) { l.WithGroup("g").Info("x", "k", 1) }, "INFO  x g.k=1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			tt.log(newLogger(&b, "text", slog.LevelInfo))
			_, got, _ := strings.Cut(strings.TrimSuffix(b.String(), "\n"), " ")
			if got != tt.want {
				t.Errorf("line %q, want %q", got, tt.want)
			}
		})
	}
}
