package api

import (
	"context"
	"slices"

	"patchbay"
	"patchbay/internal/httpkit"
)

type flagsOutput struct {
	Body struct {
		Success        bool            `json:"success"`
		ServerName     string          `json:"serverName"`
		AuthValueFlags map[string]bool `json:"authValueFlags" doc:"Which variables are given; never their values"`
	}
}

func (s *Server) getAuthValues(ctx context.Context, in *oneServerInput) (*flagsOutput, error) {
	user, err := in.Caller.user()
	if err != nil {
		return nil, err
	}
	return s.flags(ctx, user, in.Caller.server)
}

type putAuthValuesInput struct {
	Caller caller
	Name   string `path:"serverName"`
	Body   struct {
		AuthValues map[string]string `json:"authValues" maxProperties:"100" doc:"Variables to set; an empty value deletes one"`
	}
}

func (s *Server) putAuthValues(ctx context.Context, in *putAuthValuesInput) (*flagsOutput, error) {
	user, err := in.Caller.user()
	if err != nil {
		return nil, err
	}
	def := in.Caller.server
	for name := range in.Body.AuthValues {
		if !declares(def, name) {
			return nil, httpkit.Invalid("authValues."+name, "is not a variable of this server")
		}
	}
	if err := s.o.Variables.SetVars(ctx, user, def.ID, in.Body.AuthValues); err != nil {
		return nil, err
	}
	return s.flags(ctx, user, def)
}

type deleteAuthValuesInput struct {
	Caller caller
	Name   string   `path:"serverName"`
	Vars   []string `query:"name,explode" maxItems:"100" doc:"Only these; without it, all"`
}

func (s *Server) deleteAuthValues(ctx context.Context, in *deleteAuthValuesInput) (*flagsOutput, error) {
	user, err := in.Caller.user()
	if err != nil {
		return nil, err
	}
	def := in.Caller.server
	for _, name := range in.Vars {
		if !declares(def, name) {
			return nil, invalidQuery("name", "is not a variable of this server")
		}
	}
	if err := s.o.Variables.DeleteVars(ctx, user, def.ID, in.Vars...); err != nil {
		return nil, err
	}
	return s.flags(ctx, user, def)
}

func (s *Server) flags(ctx context.Context, user patchbay.UserID, def *patchbay.Server) (*flagsOutput, error) {
	flags, err := s.o.Variables.Flags(ctx, user, def)
	if err != nil {
		return nil, err
	}
	if flags == nil {
		flags = map[string]bool{}
	}
	out := &flagsOutput{}
	out.Body.Success, out.Body.ServerName, out.Body.AuthValueFlags = true, def.Name, flags
	return out, nil
}

func declares(def *patchbay.Server, name string) bool {
	return slices.ContainsFunc(def.UserVars, func(v patchbay.UserVar) bool { return v.Name == name })
}
