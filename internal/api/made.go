package api

import (
	"context"
	"strconv"

	"patchbay"
	"patchbay/internal/doctor"
)

// definitionBody is a definition as a client writes it: package config reads the raw bytes
// by its table of keys, which says more of a mistake than a schema could.
type definitionBody struct {
	RawBody []byte
	Body    map[string]any `doc:"The keys of an entry of mcpServers, flat; {\"config\": {…}} is accepted too"`
}

type createServerInput struct {
	Caller caller
	definitionBody
}

type madeServerOutput struct {
	ETag string `header:"ETag"`
	Body serverView
}

// etag names the version of a definition. Those of the file have none.
func etag(def *patchbay.Server) string {
	if def.Version == 0 {
		return ""
	}
	return `"` + strconv.FormatInt(def.Version, 10) + `"`
}

func (s *Server) made() (Made, error) {
	if s.o.Made == nil {
		return nil, errNotYet("Making servers through the API")
	}
	return s.o.Made, nil
}

// editable is made for a server that was not written in the configuration file.
func (s *Server) editable(def *patchbay.Server) (Made, error) {
	if def.Source == patchbay.SourceYAML {
		return nil, s.errInFile(def)
	}
	return s.made()
}

func (s *Server) createServer(ctx context.Context, in *createServerInput) (*madeServerOutput, error) {
	made, err := s.made()
	if err != nil {
		return nil, err
	}
	def, err := made.Create(ctx, in.Caller.actor, in.RawBody)
	if err != nil {
		return nil, err
	}
	return s.madeServer(ctx, in.Caller.actor, def), nil
}

func (s *Server) madeServer(ctx context.Context, actor patchbay.Actor, def *patchbay.Server) *madeServerOutput {
	return &madeServerOutput{etag(def), s.viewServer(ctx, actor, def)}
}

type updateServerInput struct {
	Caller  caller
	Name    string `path:"serverName"`
	IfMatch string `header:"If-Match" maxLength:"64" doc:"The ETag of what is edited; without it the edit applies to whatever there is"`
	definitionBody
}

type updatedServerOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		serverView
		// DroppedSecrets must be given again: the server is elsewhere now.
		DroppedSecrets []string `json:"droppedSecrets,omitempty" doc:"Secrets that were forgotten because the destination changed; people's own were too"`
	}
}

func (s *Server) updateServer(ctx context.Context, in *updateServerInput) (*updatedServerOutput, error) {
	made, err := s.editable(in.Caller.server)
	if err != nil {
		return nil, err
	}
	version, err := versionOf(in.IfMatch)
	if err != nil {
		return nil, err
	}
	done, err := made.Change(ctx, in.Caller.actor, in.Caller.server, in.RawBody, int64(version))
	if err != nil {
		return nil, err
	}
	out := &updatedServerOutput{ETag: etag(done.Server)}
	out.Body.serverView, out.Body.DroppedSecrets = s.viewServer(ctx, in.Caller.actor, done.Server), done.Dropped
	return out, nil
}

type deletedOutput struct {
	Body struct {
		Success bool   `json:"success"`
		Message string `json:"message"`
	}
}

func (s *Server) deleteServer(ctx context.Context, in *oneServerInput) (*deletedOutput, error) {
	made, err := s.editable(in.Caller.server)
	if err != nil {
		return nil, err
	}
	if err := made.Delete(ctx, in.Caller.actor, in.Caller.server); err != nil {
		return nil, err
	}
	out := &deletedOutput{}
	out.Body.Success, out.Body.Message = true, "MCP server deleted successfully"
	return out, nil
}

type testServerOutput struct{ Body *doctor.Report }

// testServer tries a definition over a connection of its own, and keeps nothing.
func (s *Server) testServer(ctx context.Context, in *createServerInput) (*testServerOutput, error) {
	made, err := s.made()
	if err != nil {
		return nil, err
	}
	if s.o.Trial == nil {
		return nil, errNotYet("Trying a definition")
	}
	def, err := made.Parse(ctx, in.Caller.actor, in.RawBody)
	if err != nil {
		return nil, err
	}
	report, err := s.o.Trial.Try(ctx, in.Caller.actor, def, s.baseOf(in.Caller.r))
	if err != nil {
		return nil, err
	}
	return &testServerOutput{report}, nil
}
