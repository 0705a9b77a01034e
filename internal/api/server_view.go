package api

import (
	"context"
	"encoding/json"
	"net/url"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"patchbay"
)

// StatusView is contract 3's fields.
type StatusView struct {
	Status          patchbay.StatusName `json:"status" enum:"connected,initializing,oauth_required,disconnected,error,cancelling"`
	Reason          patchbay.Reason     `json:"reason"`
	Message         string              `json:"message"`
	Action          patchbay.Action     `json:"action" enum:"initialize,authenticate,configure,cancel,retry,none"`
	Since           *time.Time          `json:"since"`
	ToolCount       int                 `json:"toolCount"`
	ProtocolVersion string              `json:"protocolVersion"`
}

func viewStatus(st patchbay.Status) StatusView {
	return StatusView{st.Status, st.Reason, st.Message, st.Action, utc(st.Since), st.ToolCount, st.ProtocolVersion}
}

// utc returns nil for the zero time, so that it is null and not year one.
func utc(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Millisecond)
	return &t
}

// serverView is a server as it is shown. The members below Permissions are for those with
// EDIT only.
type serverView struct {
	Name           string             `json:"name"`
	Title          string             `json:"title"`
	Description    string             `json:"description"`
	Type           patchbay.Transport `json:"type" enum:"stdio,sse,streamable-http,websocket"`
	Icon           *string            `json:"icon" doc:"Path of the icon; null: show initials"`
	ChatMenu       bool               `json:"chatMenu"`
	CustomUserVars userVars           `json:"customUserVars,omitempty"`
	RequiresOAuth  bool               `json:"requiresOAuth"`
	Source         patchbay.Source    `json:"source" enum:"yaml,user"`
	Author         *patchbay.UserID   `json:"author"`
	CreatedAt      *time.Time         `json:"createdAt"`
	UpdatedAt      *time.Time         `json:"updatedAt"`
	StatusView
	Permissions []string `json:"permissions"`

	*DefinitionView
}

// viewServer shows a server to an actor.
func (s *Server) viewServer(ctx context.Context, actor patchbay.Actor, def *patchbay.Server) serverView {
	perms := s.o.Servers.Permissions(actor, def)
	st := s.o.Statuses.Of(ctx, actor, def)
	v := serverView{
		Name: def.Name, Title: def.DisplayName(), Description: def.Description, Type: def.Transport,
		ChatMenu: def.ChatMenu, CustomUserVars: def.UserVars, RequiresOAuth: requiresOAuth(def, st),
		Source: def.Source, CreatedAt: utc(def.CreatedAt), UpdatedAt: utc(def.UpdatedAt),
		StatusView: viewStatus(st), Permissions: perms.Names(),
	}
	if def.Source != patchbay.SourceYAML {
		v.Author = &def.Author
	}
	if def.IconPath != "" {
		icon := s.base + "/api/mcp/" + url.PathEscape(def.Name) + "/icon"
		v.Icon = &icon
	}
	if perms&patchbay.PermEdit != 0 {
		v.DefinitionView = viewDefinition(def)
	}
	return v
}

// requiresOAuth reports whether people sign in at a server, as far as is known.
func requiresOAuth(def *patchbay.Server, st patchbay.Status) bool {
	if def.RequiresOAuth != nil {
		return *def.RequiresOAuth
	}
	return def.OAuth != nil || st.Status == patchbay.StatusOAuthRequired
}

// userVars is `customUserVars` in the form in which each was declared.
type userVars []patchbay.UserVar

type userVar struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	Sensitive   bool   `json:"sensitive"`
}

// MarshalJSON writes an object: NAME → title, or NAME → {title, description, sensitive}.
func (v userVars) MarshalJSON() ([]byte, error) {
	out := make(map[string]any, len(v))
	for _, u := range v {
		if u.Short {
			out[u.Name] = u.Title
		} else {
			out[u.Name] = userVar{u.Title, u.Description, u.Sensitive}
		}
	}
	return json.Marshal(out)
}

// Schema describes it for OpenAPI.
func (userVars) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{Type: "object", AdditionalProperties: &huma.Schema{OneOf: []*huma.Schema{
		{Type: "string", Description: "The title"},
		r.Schema(reflect.TypeFor[userVar](), true, ""),
	}}}
}
