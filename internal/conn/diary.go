package conn

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"time"

	"patchbay"
	"patchbay/internal/expand"
)

// Bounds of what is kept about a connection for who looks after its server. What a child
// printed is kept by its wire while it lives; of those that ended less is kept, since an
// entry outlives many.
const (
	diaryNotes   = 64
	diaryPrinted = 8 << 10
	shortSecret  = 6 // bytes; hiding shorter ones would hide the log
)

// LogLine is something that happened to a connection, or a line that its server printed.
type LogLine struct {
	At      time.Time // zero: not known, as of what was printed
	Printed bool
	Text    string
}

// diary is what happened to a connection. It is guarded by the entry's lock.
type diary struct {
	notes   []LogLine // oldest first
	printed []byte    // by children that ended
}

// note adds what happened, unless it is what happened last.
func (d *diary) note(at time.Time, text string) {
	if n := len(d.notes); n > 0 && d.notes[n-1].Text == text {
		d.notes[n-1].At = at
		return
	}
	if len(d.notes) == diaryNotes {
		copy(d.notes, d.notes[1:])
		d.notes = d.notes[:diaryNotes-1]
	}
	d.notes = append(d.notes, LogLine{At: at, Text: text})
}

// keep adds what a child printed that has ended.
func (d *diary) keep(printed []byte) {
	if len(printed) == 0 {
		return
	}
	all := append(d.printed, printed...)
	if len(all) > diaryPrinted {
		all = all[len(all)-diaryPrinted:]
		if i := bytes.IndexByte(all, '\n'); i >= 0 {
			all = all[i+1:]
		}
	}
	d.printed = bytes.Clone(all)
}

// saying is what a phase is called in the diary; empty: it is not worth a line.
func saying(phase patchbay.Phase, err *patchbay.ConnectError) string {
	switch {
	case err != nil:
		return err.Message
	case phase == patchbay.PhaseConnecting:
		return "Connecting."
	case phase == patchbay.PhaseConnected:
		return "Connected."
	case phase == patchbay.PhaseIdle:
		return "Closed. It opens again at the next use."
	}
	return ""
}

// Log returns what is known of the connection of t: what happened to it, oldest first,
// then what its server printed. Values that filled the definition's placeholders are
// hidden. It never opens anything.
func (p *Pool) Log(ctx context.Context, t Target) ([]LogLine, error) {
	e := p.peek(t.Key)
	if e == nil {
		return nil, nil
	}
	e.mu.Lock()
	lines := append([]LogLine(nil), e.diary.notes...)
	printed := bytes.Clone(e.diary.printed)
	var token string
	if l := e.live; l != nil {
		token = l.token
		printed = append(printed, l.wire.Stderr()...)
	}
	e.mu.Unlock()
	hide, err := p.secrets(ctx, t, token)
	if err != nil {
		return nil, err
	}
	for _, line := range strings.Split(strings.TrimSuffix(string(printed), "\n"), "\n") {
		if line != "" {
			lines = append(lines, LogLine{Printed: true, Text: line})
		}
	}
	for i := range lines {
		lines[i].Text = hide.Replace(lines[i].Text)
	}
	return lines, nil
}

// secrets replaces what filled the placeholders of a definition: the person's variables
// and those of the environment.
func (p *Pool) secrets(ctx context.Context, t Target, token string) (*strings.Replacer, error) {
	values, err := p.opts.Values(ctx, t)
	if err != nil {
		return nil, err
	}
	hidden := []string{token}
	for _, value := range values.Vars {
		hidden = append(hidden, value)
	}
	if values.Env != nil {
		for _, name := range expand.EnvNames(t.Server) {
			if value, ok := values.Env(name); ok {
				hidden = append(hidden, value)
			}
		}
	}
	return Hide(hidden), nil
}

// Hide returns what takes secrets out of a text, but for those so short that the text
// would suffer.
func Hide(secrets []string) *strings.Replacer {
	// Of two that begin alike the longer is tried first.
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, secret := range secrets {
		if len(secret) >= shortSecret {
			pairs = append(pairs, secret, "•••")
		}
	}
	return strings.NewReplacer(pairs...)
}
