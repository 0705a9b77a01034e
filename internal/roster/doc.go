// Package roster knows which models an actor may use: the providers of the
// configuration with their lists of models, whose key each is asked with, and how a
// provider and a model become something that can be called.
//
// It does not own the configuration (config), where people's keys are kept (vault), what
// may be reached (netguard), a vendor's format (provider) or the loop that asks (agent).
//
// A Service is safe for concurrent use. Update swaps what is in force; calls under way
// end with what they began with. Lists of models are cached by user first, and those of
// an operator's key under no user. It starts no goroutine that outlives a call.
package roster
