package servers

import (
	"context"
	"fmt"
	"slices"

	"patchbay"
	"patchbay/internal/acl"
	"patchbay/internal/store"
)

// maxGrants bounds whom one server is shared with.
const maxGrants = 1_000

// Access returns the grants of a server on which the actor has SHARE, and its owner.
func (s *Service) Access(ctx context.Context, a patchbay.Actor, srv *patchbay.Server) (grants []patchbay.Grant, owner patchbay.UserID, err error) {
	groups, err := s.memberships(ctx)
	if err != nil {
		return nil, "", err
	}
	row, err := s.own(ctx, a, srv, groups, patchbay.PermShare)
	if err != nil {
		return nil, "", err
	}
	return row.Grants, row.Author, nil
}

// SetAccess replaces the grants of a server on which the actor has SHARE. Nobody gives
// more than they have, nor takes away what they could not give; the owner's own
// permissions are not grants and stay.
func (s *Service) SetAccess(ctx context.Context, a patchbay.Actor, srv *patchbay.Server, grants []patchbay.Grant) ([]patchbay.Grant, error) {
	groups, err := s.memberships(ctx)
	if err != nil {
		return nil, err
	}
	row, err := s.own(ctx, a, srv, groups, patchbay.PermShare)
	if err != nil {
		return nil, err
	}
	held := (acl.Options{Groups: groups}).Permissions(a, row.Grants, row.Author)
	grants, err = s.Judge(ctx, s.o.Policy(), a, held, row.Grants, grants)
	if err != nil {
		return nil, err
	}
	if err := s.o.Store.PutServerGrants(ctx, row.ID, grants); err != nil {
		return nil, err
	}
	if err := s.o.Changed(ctx); err != nil {
		return nil, err
	}
	return grants, nil
}

// Judge checks new grants of something on which the actor holds held, under a policy, and
// returns them in the form in which they are kept: one for each grantee, who exists.
func (s *Service) Judge(ctx context.Context, p Policy, a patchbay.Actor, held patchbay.Permission, before, after []patchbay.Grant) ([]patchbay.Grant, error) {
	if fields := mayGive(p, a.Admin(), held, before, after); len(fields) > 0 {
		return nil, &patchbay.Error{Code: patchbay.CodeForbidden, Message: fields[0].Path + " " + fields[0].Message, Fields: fields}
	}
	return s.known(ctx, after)
}

// mayGive says what somebody who holds held may not do about new grants. It is pure.
func mayGive(p Policy, admin bool, held patchbay.Permission, before, after []patchbay.Grant) (wrong []patchbay.FieldError) {
	at := func(i int) string { return fmt.Sprintf("body.grants[%d]", i) }
	given := map[patchbay.Grantee]patchbay.Permission{}
	for _, g := range before {
		given[g.Grantee] |= g.Permissions
	}
	for i, g := range after {
		more := g.Permissions &^ given[g.Grantee]
		switch {
		case more&^held != 0:
			wrong = append(wrong, patchbay.FieldError{Path: at(i), Message: "gives " + (more &^ held).String() + ", which you do not have yourself"})
		case more != 0 && !admin && !p.Share:
			wrong = append(wrong, patchbay.FieldError{Path: at(i), Message: "cannot be given: your role may not share servers (interface.mcpServers.share)"})
		case more != 0 && g.Grantee.Kind == patchbay.GranteeEveryone && !admin && !p.Public:
			wrong = append(wrong, patchbay.FieldError{Path: at(i), Message: "cannot be given to everyone: your role may not share with everyone (interface.mcpServers.public)"})
		}
		delete(given, g.Grantee)
	}
	for grantee, had := range given { // left out: taken away
		if had&^held != 0 {
			wrong = append(wrong, patchbay.FieldError{Path: "body.grants", Message: "takes " + (had &^ held).String() + " from " + grantee.String() + ", which you could not give yourself"})
		}
	}
	return wrong
}

// known checks that grantees exist, and puts grants in one order, one for each grantee.
func (s *Service) known(ctx context.Context, grants []patchbay.Grant) ([]patchbay.Grant, error) {
	var fields []patchbay.FieldError
	bad := func(i int, message string) {
		fields = append(fields, patchbay.FieldError{Path: fmt.Sprintf("body.grants[%d]", i), Message: message})
	}
	groups, err := s.o.Store.Groups(ctx)
	if err != nil {
		return nil, err
	}
	if len(grants) > maxGrants {
		bad(maxGrants, fmt.Sprintf("is one too many: at most %d; use groups", maxGrants))
		grants = grants[:maxGrants]
	}
	seen := map[patchbay.Grantee]bool{}
	out := make([]patchbay.Grant, 0, len(grants))
	for i, g := range grants {
		if g.Permissions == 0 {
			continue
		}
		g.Permissions |= patchbay.PermView
		switch g.Grantee.Kind {
		case patchbay.GranteeEveryone:
			g.Grantee.Name = ""
		case patchbay.GranteeRole:
			if g.Grantee.Name != string(patchbay.RoleAdmin) && g.Grantee.Name != string(patchbay.RoleUser) {
				bad(i, "names a role that does not exist")
			}
		case patchbay.GranteeUser:
			if _, err := s.o.Store.User(ctx, patchbay.UserID(g.Grantee.Name)); patchbay.CodeOf(err) == patchbay.CodeNotFound {
				bad(i, "names a person who does not exist")
			} else if err != nil {
				return nil, err
			}
		case patchbay.GranteeGroup:
			if !slices.ContainsFunc(groups, func(x *store.Group) bool { return x.ID == g.Grantee.Name }) {
				bad(i, "names a group that does not exist")
			}
		default:
			bad(i, "must be for a user, a group, a role or everyone")
		}
		if seen[g.Grantee] {
			bad(i, "names somebody twice")
		}
		seen[g.Grantee] = true
		out = append(out, g)
	}
	if len(fields) > 0 {
		return nil, refusal(fields, nil)
	}
	return out, nil
}
