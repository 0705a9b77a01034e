package servers

import (
	"context"
	"encoding/json"

	"patchbay"
	"patchbay/internal/config"
)

// Changed is what an edit did.
type Changed struct {
	Server *patchbay.Server
	// Dropped are the secrets that were forgotten because the definition leads elsewhere
	// now; people's own tokens and variables were forgotten too.
	Dropped []string
	Moved   bool
}

// Change applies an edit to a server on which the actor has EDIT. version is the one that
// the edit is of; 0 means whatever there is.
func (s *Service) Change(ctx context.Context, a patchbay.Actor, srv *patchbay.Server, edit []byte, version int64) (*Changed, error) {
	s.mu.Lock()
	out, err := s.change(ctx, a, srv, edit, version)
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	if out.Moved {
		// The rows are gone with the old definition; what is in memory goes before the new one
		// is in force, so that nothing of the old place goes to the new one.
		if err := s.o.Vault.DeleteServer(ctx, srv.ID); err != nil {
			return nil, err
		}
	}
	out.Server, err = s.changed(ctx, srv.ID)
	return out, err
}

func (s *Service) change(ctx context.Context, a patchbay.Actor, srv *patchbay.Server, edit []byte, version int64) (*Changed, error) {
	groups, err := s.memberships(ctx)
	if err != nil {
		return nil, err
	}
	row, err := s.own(ctx, a, srv, groups, patchbay.PermEdit)
	if err != nil {
		return nil, err
	}
	if version != 0 && version != row.Version {
		return nil, patchbay.Errorf(patchbay.CodeStale, "This server was changed meanwhile. Read it again, and change it then.")
	}
	body, err := s.o.Box.Open(row.Sealed, place(row.ID))
	if err != nil {
		return nil, err
	}
	old, err := decode(body)
	if err != nil {
		return nil, err
	}
	patch, err := decode(edit)
	if err != nil {
		return nil, patchbay.Errorf(patchbay.CodeBadRequest, "the body is not a JSON object")
	}
	if name, there := patch["name"]; there && name != row.Name {
		return nil, refusal([]patchbay.FieldError{{Path: "body.name", Message: "cannot be changed: addresses and agents hold it; make a new server instead"}}, nil)
	}
	before, err := s.definition(row)
	if err != nil {
		return nil, err
	}
	next := merge(old, patch)
	out := &Changed{}
	after, err := s.reparse(a, next, before)
	if err != nil {
		return nil, err
	}
	if out.Moved = moved(before, after); out.Moved {
		if out.Dropped = dropSecrets(old, next); len(out.Dropped) > 0 {
			if _, err := s.reparse(a, next, before); err != nil {
				return nil, err
			}
		}
	}
	row.UpdatedAt = s.o.Now()
	if err := s.seal(row, next); err != nil {
		return nil, err
	}
	return out, s.o.Store.SaveServer(ctx, row, out.Moved)
}

// reparse reads a definition that was put together from an edit. Only who may make a
// server that runs a program may make one run another program.
func (s *Service) reparse(a patchbay.Actor, next object, before *patchbay.Server) (*patchbay.Server, error) {
	body, err := json.Marshal(next)
	if err != nil {
		return nil, err
	}
	def, fields, err := config.ParseDefinition(body, config.DefinitionOptions{AllowStdio: a.Admin() && s.o.Policy().AllowStdio})
	if err == nil && len(fields) == 0 {
		fields = s.judge(def)
	}
	if err := refusal(fields, err); err != nil {
		return nil, err
	}
	def.ID, def.Name, def.Author = before.ID, before.Name, before.Author
	return def, nil
}

// Delete removes a server on which the actor has DELETE, with everything that people have
// given for it.
func (s *Service) Delete(ctx context.Context, a patchbay.Actor, srv *patchbay.Server) error {
	groups, err := s.memberships(ctx)
	if err != nil {
		return err
	}
	row, err := s.own(ctx, a, srv, groups, patchbay.PermDelete)
	if err != nil {
		return err
	}
	if err := s.o.Store.DeleteServer(ctx, row.ID); err != nil {
		return err
	}
	if err := s.o.Changed(ctx); err != nil {
		return err
	}
	return s.o.Vault.DeleteServer(ctx, row.ID)
}
