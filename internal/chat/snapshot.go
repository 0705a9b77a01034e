package chat

import (
	"encoding/json"
	"time"

	"patchbay"
)

// partial is what the model of a run is writing; nil: nothing. Of a run that is executed
// here it is all that was told so far, so that the next delta goes on at its offset; of
// another it is what was kept last.
func (s *Service) partial(run *patchbay.Run) *patchbay.RunSnapshot {
	if !run.Status.Active() {
		return nil
	}
	if r := s.local(run.ID); r != nil {
		v := r.view
		v.mu.Lock()
		defer v.mu.Unlock()
		if !v.over {
			v.tell(time.Now())
			return v.snapshot()
		}
	}
	if len(run.Partial) == 0 {
		return nil
	}
	shot := &patchbay.RunSnapshot{Step: run.Step + 1}
	if json.Unmarshal(run.Partial, &shot.Message) != nil {
		return nil // the message itself is a fact soon
	}
	shot.Offset = size(&shot.Message)
	return shot
}

// answers is how many messages of the list are a model's.
func answers(list []patchbay.Message) (n int) {
	for i := range list {
		if list[i].Role == patchbay.FromModel {
			n++
		}
	}
	return n
}
