package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"
)

// newLogger returns the process's logger: JSON, or lines of text for people.
func newLogger(w io.Writer, format string, level slog.Level) *slog.Logger {
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level}))
	}
	return slog.New(&textHandler{out: &lockedWriter{w: w}, level: level})
}

type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

// textHandler writes a record as one line: time, level, message, attributes. The
// attribute `server` of records about an MCP server becomes the prefix that LibreChat's
// log has: "[MCP][spotify] Connected".
type textHandler struct {
	out    *lockedWriter
	level  slog.Level
	prefix string // group names, each with a dot at its end
	attrs  []slog.Attr
}

// Enabled implements slog.Handler.
func (h *textHandler) Enabled(_ context.Context, l slog.Level) bool { return l >= h.level }

// WithAttrs implements slog.Handler.
func (h *textHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	n := *h
	n.attrs = append(append([]slog.Attr{}, h.attrs...), attrs...)
	return &n
}

// WithGroup implements slog.Handler.
func (h *textHandler) WithGroup(name string) slog.Handler {
	n := *h
	n.prefix += name + "."
	return &n
}

// Handle implements slog.Handler.
func (h *textHandler) Handle(_ context.Context, r slog.Record) error {
	var server string
	var rest strings.Builder
	add := func(a slog.Attr) bool {
		if a.Key == "server" && h.prefix == "" {
			server = a.Value.String()
			return true
		}
		if v := text(a.Value); v != "" {
			fmt.Fprintf(&rest, " %s%s=%s", h.prefix, a.Key, v)
		}
		return true
	}
	for _, a := range h.attrs {
		add(a)
	}
	r.Attrs(add)
	var b strings.Builder
	b.WriteString(r.Time.UTC().Format(time.RFC3339))
	fmt.Fprintf(&b, " %-5s ", r.Level)
	if server != "" {
		b.WriteString("[MCP][" + oneLine(server) + "] ")
	}
	b.WriteString(oneLine(r.Message))
	b.WriteString(rest.String())
	b.WriteByte('\n')
	h.out.mu.Lock()
	defer h.out.mu.Unlock()
	_, err := io.WriteString(h.out.w, b.String())
	return err
}

// text renders a value, quoted when it holds what could be taken for another attribute
// or another line. A = inside is left alone, so that links can be copied. An empty string renders as nothing: it is left out.
func text(v slog.Value) string {
	s := v.Resolve().String()
	if s == "" {
		return ""
	}
	for _, r := range s {
		if r <= ' ' || r == '"' || r == 0x7f || !strconv.IsPrint(r) {
			return strconv.Quote(s)
		}
	}
	return s
}

// oneLine makes s fit for the free part of a line.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r != ' ' && !strconv.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
}
