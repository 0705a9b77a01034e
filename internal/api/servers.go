package api

import (
	"context"
	"encoding/base64"
	"slices"
	"strings"

	"patchbay"
)

// PageInput is the query of every paged list.
type PageInput struct {
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"25"`
	After string `query:"after" maxLength:"512" doc:"The after of the page before"`
}

// page is one page of a list.
type page[T any] struct {
	Data    []T     `json:"data"`
	HasMore bool    `json:"has_more"`
	After   *string `json:"after" doc:"Where the next page begins; null on the last"`
}

// pageOf cuts a page out of items, which are sorted by key.
func pageOf[T any](items []T, key func(T) string, in PageInput) (page[T], error) {
	after, err := decodeAfter(in.After)
	if err != nil {
		return page[T]{}, err
	}
	from, _ := slices.BinarySearchFunc(items, after, func(item T, after string) int {
		if after != "" && key(item) <= after {
			return -1
		}
		return 1
	})
	return firstOf(items[from:], key, in.Limit), nil
}

// firstOf makes a page of the first limit items.
func firstOf[T any](items []T, key func(T) string, limit int) page[T] {
	p := page[T]{Data: items[:min(limit, len(items))], HasMore: len(items) > limit}
	if p.Data == nil {
		p.Data = []T{}
	}
	if p.HasMore {
		after := base64.RawURLEncoding.EncodeToString([]byte(key(p.Data[limit-1])))
		p.After = &after
	}
	return p
}

func decodeAfter(after string) (string, error) {
	key, err := base64.RawURLEncoding.DecodeString(after)
	if err != nil {
		return "", invalidQuery("after", "is not the after of a page of this list")
	}
	return string(key), nil
}

func invalidQuery(name, message string) *patchbay.Error {
	return &patchbay.Error{
		Code: patchbay.CodeInvalid, Message: "query." + name + " " + message,
		Fields: []patchbay.FieldError{{Path: "query." + name, Message: message}},
	}
}

type listServersInput struct {
	Caller caller
	PageInput
	Search string `query:"search" maxLength:"256" doc:"In name, title and description"`
}

type listServersOutput struct{ Body page[serverView] }

func (s *Server) listServers(ctx context.Context, in *listServersInput) (*listServersOutput, error) {
	found := []*patchbay.Server{}
	search := strings.ToLower(strings.TrimSpace(in.Search))
	for _, def := range s.o.Servers.Visible(in.Caller.actor, patchbay.PermView) {
		if search == "" || strings.Contains(strings.ToLower(def.Name+"\n"+def.Title+"\n"+def.Description), search) {
			found = append(found, def)
		}
	}
	slices.SortFunc(found, func(a, b *patchbay.Server) int { return strings.Compare(a.Name, b.Name) })
	defs, err := pageOf(found, func(d *patchbay.Server) string { return d.Name }, in.PageInput)
	if err != nil {
		return nil, err
	}
	out := page[serverView]{Data: make([]serverView, len(defs.Data)), HasMore: defs.HasMore, After: defs.After}
	for i, def := range defs.Data {
		out.Data[i] = s.viewServer(ctx, in.Caller.actor, def)
	}
	return &listServersOutput{out}, nil
}

type oneServerInput struct {
	Caller caller
	Name   string `path:"serverName" doc:"The server's name, percent-encoded"`
}

func (s *Server) getServer(ctx context.Context, in *oneServerInput) (*madeServerOutput, error) {
	return s.madeServer(ctx, in.Caller.actor, in.Caller.server), nil
}
