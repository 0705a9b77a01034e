package chat

import (
	"context"

	"patchbay"
)

// errSoon answers what this build has not got yet.
func errSoon() error {
	return patchbay.Errorf(patchbay.CodeNotImplemented, "Chats are not there yet in this build.")
}

// Run executes runs, looks after leases and waits, until ctx ends.
func (s *Service) Run(ctx context.Context) error { <-ctx.Done(); return nil }

// Close lets tool calls in flight end until ctx does, keeps what models have written, and
// hands the runs back, so that the next start goes on with them.
func (s *Service) Close(context.Context) {}

// Send stores a message and starts the run that answers it.
func (s *Service) Send(context.Context, patchbay.Actor, Send) (Sent, error) { return Sent{}, errSoon() }

// Regenerate answers a question once more, beside the answers that it has. message is the
// question or one of its answers; settings nil means those of the conversation.
func (s *Service) Regenerate(context.Context, patchbay.Actor, patchbay.MessageID, *patchbay.ChatSettings) (Sent, error) {
	return Sent{}, errSoon()
}

// Resume goes on with a run that was interrupted, or that failed because of its model,
// from its last fact. It repeats no call.
func (s *Service) Resume(context.Context, patchbay.Actor, patchbay.RunID) (*patchbay.Run, error) {
	return nil, errSoon()
}

// Stop ends a run, wherever it is executed. What there is of it is kept. Stopping one that
// has ended is no error.
func (s *Service) Stop(context.Context, patchbay.Actor, patchbay.RunID) error { return errSoon() }

// CancelCall ends one tool call of a run; the model is told, and the run goes on.
func (s *Service) CancelCall(_ context.Context, _ patchbay.Actor, _ patchbay.RunID, call string) error {
	return errSoon()
}

// Attachment follows one run.
type Attachment struct{ updates chan Update }

// Updates are the facts after the one that was asked for, a snapshot of what the model is
// writing, and then what happens. It is closed when the run has ended, after Close, or
// when the run is gone.
func (at *Attachment) Updates() <-chan Update { return at.updates }

// Close ends it. It may be called more than once.
func (at *Attachment) Close() {}

// Attach follows a run from the fact after number after on. ctx bounds its life; the
// caller must Close it.
func (s *Service) Attach(_ context.Context, _ patchbay.Actor, _ patchbay.RunID, after int64) (*Attachment, error) {
	return nil, errSoon()
}

// Answer takes a person's answer to a wait.
func (s *Service) Answer(_ context.Context, _ patchbay.Actor, wait string, _ patchbay.WaitAnswer) (*patchbay.RunWait, error) {
	return nil, errSoon()
}

// Waits lists waits of the actor's, oldest first; next is where the list goes on.
func (s *Service) Waits(context.Context, patchbay.Actor, WaitFilter) (list []*patchbay.RunWait, next string, err error) {
	return nil, "", errSoon()
}

// Offered returns what went to the model in each step of a run.
func (s *Service) Offered(context.Context, patchbay.Actor, patchbay.RunID) ([]Offer, error) {
	return nil, errSoon()
}

// Call returns one tool call of a run with its whole result.
func (s *Service) Call(_ context.Context, _ patchbay.Actor, _ patchbay.RunID, call string) (*patchbay.RunCall, error) {
	return nil, errSoon()
}
