package hostkit

import (
	"strings"
	"sync"
)

// Log collects what a process prints.
type Log struct {
	mu    sync.Mutex
	text  strings.Builder
	lines int
}

// Write implements io.Writer.
func (b *Log) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lines += strings.Count(string(p), "\n")
	return b.text.Write(p)
}

func (b *Log) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// Lines is how many there are.
func (b *Log) Lines() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lines
}

// Tail is the end of a text, of at most n bytes.
func Tail(s string, n int) string {
	if len(s) > n {
		return "…" + s[len(s)-n:]
	}
	return s
}
