package api

import (
	"context"

	"patchbay"
)

type searchPeopleInput struct {
	Caller caller
	Search string `query:"search" required:"true" minLength:"2" maxLength:"320" doc:"In name, username and e-mail"`
	Limit  int    `query:"limit" minimum:"1" maximum:"25" default:"10"`
}

// personView is what colleagues see of somebody: enough to tell two of one name apart.
type personView struct {
	ID    patchbay.UserID `json:"id"`
	Name  string          `json:"name"`
	Email string          `json:"email"`
}

type peopleOutput struct {
	Body struct {
		Data []personView `json:"data"`
	}
}

func (s *Server) searchPeople(ctx context.Context, in *searchPeopleInput) (*peopleOutput, error) {
	users, err := s.o.Accounts.FindPeople(ctx, in.Caller.actor, in.Search, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &peopleOutput{}
	out.Body.Data = make([]personView, len(users))
	for i, u := range users {
		out.Body.Data[i] = personView{u.ID, u.Name, u.Email}
	}
	return out, nil
}
