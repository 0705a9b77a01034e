// Package api is the REST door: the seeds' API page under /api/mcp, accounts, the event
// stream, health, and the OpenAPI description of it all, made from the Go types.
//
// It owns the route table (routes.go), which says of every route who may call it, what
// it may send and how it treats other sites, and the guard that enforces the table before
// a handler runs. It owns the shape of JSON bodies, login cookies, and the ring of events
// that browsers replay from. It does not own what it shows: accounts, servers, tools,
// statuses and variables come from services, through the interfaces of options.go.
//
// A Server may be used by many goroutines at a time. Run keeps the event stream going;
// everything else works without it.
package api
