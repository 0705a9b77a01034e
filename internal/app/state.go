package app

import (
	"sync/atomic"
	"time"

	"patchbay/internal/api"
	"patchbay/internal/config"
)

// configState is what became of the configuration, for `GET /api/mcp/config`.
type configState struct {
	now atomic.Pointer[api.ConfigState]
}

var _ api.ConfigReader = (*configState)(nil)

// ConfigState returns the state as of the last load.
func (s *configState) ConfigState() api.ConfigState {
	if now := s.now.Load(); now != nil {
		return *now
	}
	return api.ConfigState{Findings: []api.Finding{}}
}

// taken notes that a configuration is in force.
func (s *configState) taken(l *config.Loaded, at time.Time) {
	s.now.Store(&api.ConfigState{
		OK: true, Path: l.Config.Path, Why: l.Location.Origin, LoadedAt: &at, Findings: findings(l.Config.Findings),
	})
}

// refused notes that a configuration was not taken: the one before stays in force.
func (s *configState) refused(l *config.Loaded, err error) {
	next := s.ConfigState()
	next.OK, next.Message = false, err.Error()
	if l != nil && l.Config != nil {
		next.Findings = findings(l.Config.Findings)
	}
	s.now.Store(&next)
}

func findings(found []config.Finding) []api.Finding {
	out := make([]api.Finding, len(found))
	for i, f := range found {
		out[i] = api.Finding{
			Severity: string(f.Severity), Server: f.Server, Path: f.Path,
			Line: f.Line, Column: f.Column, Message: f.Message,
		}
	}
	return out
}
