// Package testkit holds the far ends that tests talk to. It is imported by tests only.
//
// It owns two MCP servers that are written by hand, without the SDK, so that the bytes
// on the wire are exactly the ones a test wants:
//
//   - Echo is well behaved. It speaks streamable HTTP in both eras, says who called it
//     (whoami), counts protocol sessions and records what identities each one saw, and
//     fails on demand.
//   - Case is a server that misbehaves in one chosen way, on every transport where that
//     makes sense (see Case for the table). Over stdio it runs in a child process, which
//     is the test binary itself: a test package that uses it calls Child first thing in
//     its TestMain.
//
// and Models, a model API that speaks the formats of OpenAI and Anthropic and refuses
// what they would refuse.
//
// It does not own fakes of our own packages: those stand beside the tests that need them.
//
// Concurrency: every exported method is safe for concurrent use. Servers stop and wait
// at the end of the test they were made for; child processes end by themselves after
// five minutes at the latest.
package testkit
