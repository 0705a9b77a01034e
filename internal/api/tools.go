package api

import (
	"context"
	"encoding/json"

	"github.com/danielgtaylor/huma/v2"

	"patchbay"
)

type listToolsInput struct {
	Caller  caller
	Server  string `query:"server" doc:"Only this server's"`
	Connect string `query:"connect" enum:"0,1,true,false" doc:"1: open what needs no person first"`
}

type listToolsOutput struct{ Body []toolView }

type toolView struct {
	Name         string `json:"name" doc:"The tool's own name"`
	Description  string `json:"description"`
	InputSchema  anyRaw `json:"inputSchema"`
	ServerName   string `json:"serverName"`
	Key          string `json:"key" doc:"tool_mcp_server"`
	Title        string `json:"title"`
	Annotations  anyRaw `json:"annotations"`
	OutputSchema anyRaw `json:"outputSchema"`
	Stale        bool   `json:"stale" doc:"Of the last known list: the server is not connected"`
}

// anyRaw is a value that passes as the far end sent it; null when there is none.
type anyRaw json.RawMessage

// MarshalJSON writes the bytes.
func (r anyRaw) MarshalJSON() ([]byte, error) { return json.RawMessage(r).MarshalJSON() }

// Schema describes it for OpenAPI: any value.
func (anyRaw) Schema(huma.Registry) *huma.Schema { return &huma.Schema{} }

func (s *Server) listTools(ctx context.Context, in *listToolsInput) (*listToolsOutput, error) {
	if in.Server != "" {
		def, err := s.o.Servers.Authorise(in.Caller.actor, in.Server, patchbay.PermUse)
		if err != nil {
			return nil, err
		}
		in.Caller.server = def
	}
	filter := ToolFilter{Server: in.Server, Connect: in.Connect == "1" || in.Connect == "true"}
	if filter.Connect && in.Caller.cookie && fromElsewhere(in.Caller.r) {
		return nil, errOtherSite(nil) // a link on another site must not open connections
	}
	entries, err := s.o.Tools.List(ctx, in.Caller.actor, filter)
	if err != nil {
		return nil, s.farEnd(ctx, &in.Caller, err)
	}
	out := make([]toolView, len(entries))
	for i, e := range entries {
		out[i] = toolView{
			Name: e.Tool.Name, Description: e.Tool.Description, InputSchema: anyRaw(e.Tool.InputSchema),
			ServerName: e.Server, Key: e.Key, Title: e.Tool.Title, Annotations: anyRaw(e.Tool.Annotations),
			OutputSchema: anyRaw(e.Tool.OutputSchema), Stale: e.Stale,
		}
	}
	return &listToolsOutput{out}, nil
}
