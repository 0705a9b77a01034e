// Package chat owns conversations and what happens in them: messages, runs, what runs
// wait for, agents, remembered approvals and attachments. A Service executes runs: it
// asks models and calls tools on behalf of the person who sent a message, keeps every
// fact before it tells of it, and lets a run go on without the browser that began it.
//
// It does not own the loop of a run (agent), how a tool is called (tools), models and
// their keys (roster), connections, sign-ins, or rows (store).
//
// A run belongs to one process at a time, by a lease with an epoch; in that process one
// goroutine advances it. A run that only waits for persons belongs to nobody: whoever
// takes the answer goes on with it. All methods of a Service may be called concurrently.
package chat
