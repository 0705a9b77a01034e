package chat

import (
	"context"
	"encoding/json"
	"fmt"

	"patchbay"
)

// Offered returns what went to the model in each step of a run.
func (s *Service) Offered(ctx context.Context, a patchbay.Actor, id patchbay.RunID) ([]Offer, error) {
	if err := person(a); err != nil {
		return nil, err
	}
	if _, err := s.o.Store.Run(ctx, a.ID(), id); err != nil {
		return nil, err
	}
	offers := []Offer{}
	for after := int64(0); ; {
		list, err := s.o.Store.RunEvents(ctx, id, after, factsPerRead)
		if err != nil {
			return nil, err
		}
		for i := range list {
			after = list[i].Seq
			if list[i].Kind != patchbay.RunEventOffered {
				continue
			}
			var o Offer
			if err := json.Unmarshal(list[i].Data, &o); err != nil {
				return nil, fmt.Errorf("chat: fact %d of run %s: %w", list[i].Seq, id, err)
			}
			offers = append(offers, o)
		}
		if len(list) < factsPerRead {
			return offers, nil
		}
	}
}

// Call returns one tool call of a run with its whole result.
func (s *Service) Call(ctx context.Context, a patchbay.Actor, id patchbay.RunID, call string) (*patchbay.RunCall, error) {
	if err := person(a); err != nil {
		return nil, err
	}
	return s.o.Store.RunCall(ctx, a.ID(), id, call)
}
