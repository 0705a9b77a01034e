package api

import "context"

type siteOutput struct{ Body Site }

// getSite is what the pages before a login need to know: LibreChat's path.
func (s *Server) getSite(ctx context.Context, _ *callerInput) (*siteOutput, error) {
	site, err := s.o.Sites.Site(ctx)
	if err != nil {
		return nil, err
	}
	return &siteOutput{site}, nil
}
