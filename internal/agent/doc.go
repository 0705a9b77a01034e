// Package agent is the loop of a run: it asks a model, collects the calls of the answer,
// takes in their results, and asks again until the model has said everything or a limit
// ends it.
//
// It owns the state of a run as a value that can be stored, the limits of a run, what a
// model is offered and told (catalogue, instructions, results cut to size and the tool
// that reads the rest), and the rule that every call gets exactly one answer. It does
// not own how a tool is called, who may call it, how a person is asked, or where
// anything is kept: it calls no tool and stores nothing.
//
// Decisions are pure functions of State and Input. A Loop is immutable and safe for
// concurrent use; one State belongs to one goroutine at a time.
package agent
