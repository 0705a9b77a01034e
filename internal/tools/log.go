package tools

import (
	"context"

	"patchbay"
	"patchbay/internal/conn"
)

// Log returns what is known of the actor's connection to a server, for who may edit it.
func (s *Service) Log(ctx context.Context, a patchbay.Actor, srv *patchbay.Server) ([]conn.LogLine, error) {
	srv, err := s.registry.AuthoriseID(a, srv.ID, patchbay.PermEdit)
	if err != nil {
		return nil, err
	}
	if srv.Problem != nil || srv.Level == patchbay.LevelRun {
		return nil, nil // it has no connection that lasts
	}
	t, err := target(a, srv, patchbay.CallBody{}, "")
	if err != nil {
		return nil, err
	}
	return s.conns.Log(ctx, t)
}
