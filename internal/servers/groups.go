package servers

import (
	"context"
	"regexp"
	"strings"
	"unicode/utf8"

	"patchbay"
	"patchbay/internal/store"
)

// uuidForm is what ids look like: a group called so could be taken for another one.
var uuidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-`)

const maxGroupName = 80

func groupName(name string) (string, error) {
	name = strings.TrimSpace(name)
	if name == "" || utf8.RuneCountInString(name) > maxGroupName || uuidForm.MatchString(name) || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "", refusal([]patchbay.FieldError{{Path: "body.name", Message: "must be 1 to 80 characters, and not look like an id"}}, nil)
	}
	return name, nil
}

// admins fails for whoever may not manage groups.
func admins(a patchbay.Actor) error {
	if !a.Admin() {
		return patchbay.Errorf(patchbay.CodeForbidden, "Only an admin may manage groups.")
	}
	return nil
}

// Groups returns every group by name. Whoever is signed in may see them, to share with
// them; who is in one is for an ADMIN.
func (s *Service) Groups(ctx context.Context) ([]*store.Group, error) { return s.o.Store.Groups(ctx) }

// CreateGroup makes a group without members.
func (s *Service) CreateGroup(ctx context.Context, a patchbay.Actor, name string) (*store.Group, error) {
	if err := admins(a); err != nil {
		return nil, err
	}
	name, err := groupName(name)
	if err != nil {
		return nil, err
	}
	g := &store.Group{Name: name, CreatedAt: s.o.Now()}
	if err := s.o.Store.CreateGroup(ctx, g); err != nil {
		return nil, err
	}
	return g, s.o.Changed(ctx)
}

// RenameGroup gives a group another name; what it was granted stays.
func (s *Service) RenameGroup(ctx context.Context, a patchbay.Actor, id, name string) error {
	if err := admins(a); err != nil {
		return err
	}
	name, err := groupName(name)
	if err != nil {
		return err
	}
	if err := s.o.Store.RenameGroup(ctx, id, name); err != nil {
		return err
	}
	return s.o.Changed(ctx)
}

// DeleteGroup removes a group and what it was granted.
func (s *Service) DeleteGroup(ctx context.Context, a patchbay.Actor, id string) error {
	if err := admins(a); err != nil {
		return err
	}
	if err := s.o.Store.DeleteGroup(ctx, id); err != nil {
		return err
	}
	return s.o.Changed(ctx)
}

// Members returns the people of a group, by id, from behind after on.
func (s *Service) Members(ctx context.Context, a patchbay.Actor, group string, after patchbay.UserID, limit int) ([]*patchbay.User, error) {
	if err := admins(a); err != nil {
		return nil, err
	}
	return s.o.Store.Members(ctx, group, after, limit)
}

// AddMember puts a person into a group.
func (s *Service) AddMember(ctx context.Context, a patchbay.Actor, group string, user patchbay.UserID) error {
	if err := admins(a); err != nil {
		return err
	}
	if err := s.o.Store.AddMember(ctx, group, user); err != nil {
		return err
	}
	return s.o.Changed(ctx)
}

// RemoveMember takes a person out of a group: what only the group gave them is gone at
// their next call.
func (s *Service) RemoveMember(ctx context.Context, a patchbay.Actor, group string, user patchbay.UserID) error {
	if err := admins(a); err != nil {
		return err
	}
	if err := s.o.Store.RemoveMember(ctx, group, user); err != nil {
		return err
	}
	return s.o.Changed(ctx)
}
