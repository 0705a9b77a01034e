// Package doctor finds out what keeps a server from working for somebody: it walks the
// way that a connection takes, says of each step what was asked and what came back, and
// names the one next thing to do.
//
// It owns the order of steps and their words. It does not own the steps: definitions are
// expanded by expand, what guards a server is found by oauth, connections are opened by
// conn. It stores nothing and signs nobody in. A Service is safe for concurrent use.
package doctor
