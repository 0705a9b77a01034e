package chat

import (
	"context"
	"net/url"

	"patchbay"
	"patchbay/internal/store"
)

// signInDetail is what a person is shown of a sign-in that a run waits for.
func signInDetail(srv *patchbay.Server) patchbay.WaitDetail {
	d := patchbay.WaitDetail{}
	if srv.OAuth != nil {
		if u, err := url.Parse(srv.OAuth.AuthorizationURL); err == nil && u.Host != "" {
			d.Provider = u.Host
		}
	}
	if d.Provider == "" {
		if u, err := url.Parse(srv.URL); err == nil {
			d.Provider = u.Host
		}
	}
	return d
}

// signedIn ends the waits of a person for a sign-in that has come about.
func (s *Service) signedIn(ctx context.Context, user patchbay.UserID, server patchbay.ServerID) error {
	ended, err := s.o.Store.EndWaits(ctx, store.EndWaits{
		Status: patchbay.WaitAnswered, Now: s.o.Now(), User: user, Server: server, Kind: patchbay.WaitSignin,
	})
	for _, w := range ended {
		s.poke(w.Run)
	}
	return err
}

// checkSignIns looks whether people have signed in meanwhile, by what this process did not
// hear of: in another process, or while none ran.
func (s *Service) checkSignIns(ctx context.Context) error {
	after := ""
	for {
		waits, next, err := s.o.Store.OpenWaits(ctx, patchbay.WaitSignin, after, 200)
		if err != nil {
			return err
		}
		for _, w := range waits {
			srv, ok := s.o.Servers.ByID(w.Server)
			if !ok {
				continue // it expires
			}
			since, _, err := s.o.SignIns.Held(ctx, w.User, srv)
			if err != nil {
				return err
			}
			if since.After(w.CreatedAt) {
				if err := s.signedIn(ctx, w.User, w.Server); err != nil {
					return err
				}
			}
		}
		if next == "" {
			return nil
		}
		after = next
	}
}
