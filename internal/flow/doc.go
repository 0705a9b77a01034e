// Package flow owns pending sign-ins at MCP servers: a row from the moment somebody is
// asked to sign in until the token is kept, the sign-in is cancelled, or its time is up.
// It owns who may go on with a row (the person, in the browser that began, with the state
// that was sent), the ladder of client registrations, and waking those who wait.
//
// It does not own the wire side (oauth), the tokens (vault), the connection (conn) nor
// cookies and pages (api). Rows are the truth: a sign-in begun before a restart, or in
// another process on the same database, finishes here. What is in memory is an index of
// rows for statuses, repaired by reading.
//
// A Service is safe for concurrent use. Steps of the same (user, server) take turns within
// a process; between processes a row's version decides.
package flow
