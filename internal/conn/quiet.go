package conn

import (
	"log/slog"
	"sync"
	"time"

	"patchbay"
)

// logLines is how many lines on the comings and goings of one server's connections the
// log gets a second. What is above that is for debugging only: a server that drops
// hundreds of users must not fill the log.
const logLines = 10

// logged counts the lines of the second under way.
type logged struct {
	mu     sync.Mutex
	second int64
	lines  map[patchbay.ServerID]int
}

// level is that of a line about a failure; again tells that it was said before.
func (p *Pool) level(id patchbay.ServerID, now time.Time, again bool) slog.Level {
	return p.logged.level(id, now, again, slog.LevelWarn)
}

// good is that of a line about a connection that works.
func (p *Pool) good(id patchbay.ServerID, now time.Time, again bool) slog.Level {
	return p.logged.level(id, now, again, slog.LevelInfo)
}

func (g *logged) level(id patchbay.ServerID, now time.Time, again bool, l slog.Level) slog.Level {
	if again {
		return slog.LevelDebug
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if s := now.Unix(); s != g.second || g.lines == nil {
		g.second, g.lines = s, map[patchbay.ServerID]int{}
	}
	if g.lines[id]++; g.lines[id] > logLines {
		return slog.LevelDebug
	}
	return l
}
