package chat

import "patchbay"

// seat is from where a person's servers are listed and called: a run, or an answer that
// is not kept. It is never changed.
type seat struct {
	s            *Service
	id           patchbay.RunID
	user         patchbay.UserID
	conversation patchbay.ConversationID // empty for an answer that is not kept
	body         patchbay.CallBody
}

// bodyOf is what a run says of itself to servers at run level.
func bodyOf(run *patchbay.Run) patchbay.CallBody {
	return patchbay.CallBody{ConversationID: string(run.Conversation), ParentMessageID: string(run.Question), MessageID: string(run.Answer)}
}
