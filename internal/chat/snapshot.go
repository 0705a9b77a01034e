package chat

import (
	"encoding/json"
	"time"

	"patchbay"
)

// snapshot is what the model of a run is writing: as it is where the run is executed here,
// else as it was kept last; nil: nothing. What it writes then comes with the deltas.
func (s *Service) snapshot(r *patchbay.Run) *patchbay.RunSnapshot {
	if live := s.local(r.ID); live != nil {
		v := live.view
		v.mu.Lock()
		defer v.mu.Unlock()
		v.tell(time.Now()) // so that the next delta goes on at its offset
		return v.snapshot()
	}
	if len(r.Partial) == 0 || !r.Status.Active() {
		return nil
	}
	shot := &patchbay.RunSnapshot{Step: r.Step + 1}
	if json.Unmarshal(r.Partial, &shot.Message) != nil {
		return nil // the message itself is a fact soon
	}
	shot.Offset = size(&shot.Message)
	return shot
}
