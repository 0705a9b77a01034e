package servers

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"patchbay"
	"patchbay/internal/acl"
	"patchbay/internal/config"
	"patchbay/internal/store"
)

// Parse reads a definition that an actor wants to make or try, and judges it: whether they
// may, and whether its addresses may be reached. The error is a *patchbay.Error.
func (s *Service) Parse(ctx context.Context, a patchbay.Actor, body []byte) (*patchbay.Server, error) {
	p := s.o.Policy()
	if a.User == nil || !a.Admin() && !p.Create || a.Scopes != nil && !a.Has(patchbay.ScopeAdmin) {
		return nil, patchbay.Errorf(patchbay.CodeForbidden, "You may not make MCP servers here. Ask an administrator, who can allow it (interface.mcpServers.create).")
	}
	rows, err := s.o.Store.Servers(ctx)
	if err != nil {
		return nil, err
	}
	taken := func(name string) bool {
		return s.o.Taken(name) || slices.ContainsFunc(rows, func(r *store.Server) bool { return r.Name == name })
	}
	def, fields, err := config.ParseDefinition(body, config.DefinitionOptions{AllowStdio: a.Admin() && p.AllowStdio, Taken: taken})
	if err == nil && len(fields) == 0 {
		fields = s.judge(def)
	}
	if err := refusal(fields, err); err != nil {
		return nil, err
	}
	def.Author = a.User.ID
	return def, nil
}

// refusal turns what is wrong with a definition into an error.
func refusal(fields []patchbay.FieldError, err error) error {
	if err != nil || len(fields) == 0 {
		return err
	}
	return &patchbay.Error{Code: patchbay.CodeInvalid, Message: fields[0].Path + " " + fields[0].Message, Fields: fields}
}

// judge holds the literal addresses of a definition against the guard. One with a
// placeholder in its host is judged when it is known; every one is judged again by the
// address that is dialled.
func (s *Service) judge(def *patchbay.Server) (wrong []patchbay.FieldError) {
	check := func(path, raw string) {
		if raw == "" || strings.Contains(raw, "{{") || strings.Contains(raw, "${") {
			return
		}
		u, err := url.Parse(raw)
		if err == nil {
			err = s.o.Check(u)
		}
		if err != nil {
			wrong = append(wrong, patchbay.FieldError{Path: path, Message: messageOf(err)})
		}
	}
	check("body.url", def.URL)
	if o := def.OAuth; o != nil {
		check("body.oauth.authorization_url", o.AuthorizationURL)
		check("body.oauth.token_url", o.TokenURL)
		check("body.oauth.revocation_endpoint", o.RevocationURL)
	}
	return wrong
}

func messageOf(err error) string {
	return strings.TrimSuffix(err.Error(), ".")
}

// Create makes a server. The one who makes it owns it, and nobody else sees it until they
// share it.
func (s *Service) Create(ctx context.Context, a patchbay.Actor, body []byte) (*patchbay.Server, error) {
	def, err := s.Parse(ctx, a, body)
	if err != nil {
		return nil, err
	}
	if s.o.Taken(def.Name) {
		return nil, nameTaken()
	}
	written, err := decode(body)
	if err != nil {
		return nil, patchbay.Errorf(patchbay.CodeBadRequest, "the body is not a JSON object")
	}
	delete(written, "name")
	now := s.o.Now()
	row := &store.Server{ID: patchbay.ServerID(store.NewID()), Name: def.Name, Author: a.User.ID, CreatedAt: now, UpdatedAt: now}
	if err := s.seal(row, written); err != nil {
		return nil, err
	}
	if err := s.o.Store.CreateServer(ctx, row); err != nil {
		return nil, err
	}
	return s.changed(ctx, row.ID)
}

func nameTaken() *patchbay.Error {
	return &patchbay.Error{
		Code: patchbay.CodeConflict, Message: "A server of this name exists already. Choose another name.",
		Fields: []patchbay.FieldError{{Path: "body.name", Message: "is taken"}},
	}
}

// seal puts what was written into a row. The name is the row's own.
func (s *Service) seal(row *store.Server, written object) error {
	written["name"] = row.Name
	body, err := json.Marshal(written)
	if err != nil {
		return err
	}
	row.Sealed, err = s.o.Box.Seal(body, place(row.ID))
	row.KeyID = s.o.Box.KeyID()
	return err
}

// changed puts the rows in force and returns the definition of id as it is now.
func (s *Service) changed(ctx context.Context, id patchbay.ServerID) (*patchbay.Server, error) {
	if err := s.o.Changed(ctx); err != nil {
		return nil, err
	}
	row, err := s.o.Store.Server(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.definition(row)
}

// own returns the row of a server that a person made, when the actor may do p with it.
// What VIEW shows, the caller has found out already.
func (s *Service) own(ctx context.Context, a patchbay.Actor, srv *patchbay.Server, groups *acl.Groups, p patchbay.Permission) (*store.Server, error) {
	if srv.Source != patchbay.SourceUser {
		return nil, patchbay.Errorf(patchbay.CodeForbidden, "MCP server '%s' is defined in the configuration file and is changed there.", srv.Name)
	}
	row, err := s.o.Store.Server(ctx, srv.ID)
	if err != nil {
		return nil, err
	}
	if missing := p &^ (acl.Options{Groups: groups}).Permissions(a, row.Grants, row.Author); missing != 0 {
		return nil, patchbay.Errorf(patchbay.CodeForbidden,
			"You may not do this with MCP server '%s': you lack %s. Ask its owner for it.", srv.Name, missing)
	}
	return row, nil
}
