package config

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"strings"
	"time"
)

// Update is what the watcher hands over.
type Update struct {
	// Loaded is what was read. With Err it holds findings and nothing to run: keep what
	// runs.
	Loaded *Loaded
	Err    error
	// Restart names variables that changed and count only after a restart.
	Restart []string
}

// stamp identifies the state of files without reading them.
type stamp map[string]string

// takeStamp looks at each file once. Size and time are enough, because a change is taken
// only when two looks in a row see the same.
func takeStamp(stat func(string) (fs.FileInfo, error), paths []string) stamp {
	s := stamp{}
	for _, p := range paths {
		if info, err := stat(p); err != nil {
			s[p] = "absent"
			if !errors.Is(err, fs.ErrNotExist) {
				s[p] = "unreadable"
			}
		} else {
			s[p] = fmt.Sprintf("%d %d %s", info.Size(), info.ModTime().UnixNano(), info.Mode())
		}
	}
	return s
}

func (s stamp) paths() []string {
	paths := make([]string, 0, len(s))
	for p := range s {
		paths = append(paths, p)
	}
	return paths
}

// Watcher reads the configuration anew when a candidate file or a `.env` changes,
// appears or goes away. It asks for their state once a second, because files that are
// not there yet, and editors that swap files, escape notifications.
type Watcher struct {
	options LoadOptions
	every   time.Duration
	now     *Loaded
}

// NewWatcher watches what loaded was read from. every is how often to look; 0 is a second.
func NewWatcher(o LoadOptions, loaded *Loaded, every time.Duration) (*Watcher, error) {
	if loaded == nil {
		return nil, errors.New("config: a watcher needs what was loaded")
	}
	if every <= 0 {
		every = time.Second
	}
	return &Watcher{options: o.withDefaults(), every: every, now: loaded}, nil
}

// Run calls apply for each change until ctx ends, from this goroutine, one at a time. A
// save in several steps is one change: it counts when two looks in a row are equal.
func (w *Watcher) Run(ctx context.Context, apply func(Update)) error {
	ticker := time.NewTicker(w.every)
	defer ticker.Stop()
	applied := w.now.stamp
	last := applied
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		seen := takeStamp(w.options.Stat, applied.paths())
		settled := maps.Equal(seen, last)
		last = seen
		if !settled || maps.Equal(seen, applied) {
			continue
		}
		loaded, err := Load(w.options)
		u := Update{Loaded: loaded, Err: err}
		if loaded.Env != nil && w.now.Env != nil {
			u.Restart = needRestart(w.now.Env.Changed(loaded.Env))
		}
		if loaded.Env != nil {
			w.now = loaded
		}
		// What Load saw before it read is what was applied: a save meanwhile is a new change.
		applied = loaded.stamp
		for p, s := range seen {
			if _, still := applied[p]; !still && filepath.IsAbs(p) {
				applied[p] = s // keep watching what an unreadable file pointed to
			}
		}
		last = applied
		apply(u)
	}
}

// needRestart keeps the names of variables that are read once, at start.
func needRestart(changed []string) []string {
	live := map[string]bool{}
	for _, v := range Variables() {
		live[v.Name] = v.Live
	}
	var names []string
	for _, n := range changed {
		if isLive, known := live[strings.TrimSuffix(n, "_FILE")]; known && !isLive {
			names = append(names, n)
		}
	}
	return names
}
