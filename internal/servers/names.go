package servers

import (
	"context"

	"patchbay"
)

// Known is what a grantee is called.
type Known struct{ Name, Email string }

// Names says what people and groups among grantees are called, so that who may see grants
// need not read ids. One that has gone meanwhile is left out.
func (s *Service) Names(ctx context.Context, grantees []patchbay.Grantee) (map[patchbay.Grantee]Known, error) {
	groups, err := s.o.Store.Groups(ctx)
	if err != nil {
		return nil, err
	}
	called := make(map[string]string, len(groups))
	for _, g := range groups {
		called[g.ID] = g.Name
	}
	names := make(map[patchbay.Grantee]Known, len(grantees))
	for _, g := range grantees {
		switch g.Kind {
		case patchbay.GranteeGroup:
			if name, ok := called[g.Name]; ok {
				names[g] = Known{Name: name}
			}
		case patchbay.GranteeUser:
			u, err := s.o.Store.User(ctx, patchbay.UserID(g.Name))
			if patchbay.CodeOf(err) == patchbay.CodeNotFound {
				continue
			}
			if err != nil {
				return nil, err
			}
			names[g] = Known{u.Name, u.Email}
		case patchbay.GranteeEveryone, patchbay.GranteeRole:
		}
	}
	return names, nil
}
