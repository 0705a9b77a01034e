package api

import (
	"context"

	"patchbay/internal/doctor"
)

type diagnoseOutput struct{ Body *doctor.Report }

// diagnose says what keeps a server from working for whoever asks.
func (s *Server) diagnose(ctx context.Context, in *oneServerInput) (*diagnoseOutput, error) {
	if s.o.Doctor == nil {
		return nil, errNotYet("The doctor")
	}
	if in.Caller.cookie && fromElsewhere(in.Caller.r) {
		return nil, errOtherSite(nil) // a link on another site must not open connections
	}
	report, err := s.o.Doctor.Examine(ctx, in.Caller.actor, in.Caller.server, s.baseOf(in.Caller.r))
	if err != nil {
		return nil, err
	}
	return &diagnoseOutput{report}, nil
}
