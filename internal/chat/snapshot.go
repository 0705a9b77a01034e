package chat

import (
	"encoding/json"

	"patchbay"
)

// snapshot is what the model of a run is writing, as it was kept last; nil: nothing. What
// it has written since comes with the deltas of who executes it.
func (s *Service) snapshot(r *patchbay.Run) *patchbay.RunSnapshot {
	if len(r.Partial) == 0 || !r.Status.Active() {
		return nil
	}
	shot := &patchbay.RunSnapshot{Step: r.Step + 1}
	if json.Unmarshal(r.Partial, &shot.Message) != nil {
		return nil // the message itself is a fact soon
	}
	for i := range shot.Message.Parts {
		p := &shot.Message.Parts[i]
		shot.Offset += len(p.Text)
		if p.Call != nil {
			shot.Offset += len(p.Call.Args)
		}
	}
	return shot
}
