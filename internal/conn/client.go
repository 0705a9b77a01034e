package conn

import (
	"context"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"patchbay"
)

// newClient makes the one SDK client of the pool. Handlers find the connection by the
// session that a message came on, so nothing in the client belongs to a user.
//
// List-changed notifications are taken in the middleware and not by the client's own
// handlers, because setting those makes the SDK open a stream to every modern server
// at connect.
func (p *Pool) newClient() *mcp.Client {
	c := mcp.NewClient(&mcp.Implementation{Name: clientName, Version: p.opts.Version}, &mcp.ClientOptions{
		Capabilities: &mcp.ClientCapabilities{
			Elicitation: &mcp.ElicitationCapabilities{Form: &mcp.FormElicitationCapabilities{}},
		},
		// Questions of new servers come as results of a call and are the caller's to
		// answer, so the SDK must not drive them.
		MultiRoundTrip:     &mcp.MultiRoundTripOptions{Disabled: true},
		ElicitationHandler: p.question,
	})
	c.AddReceivingMiddleware(p.receive)
	return c
}

// receive sees every request and notification that a server sends on its own.
func (p *Pool) receive(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
		session, _ := req.GetSession().(*mcp.ClientSession)
		found, ok := p.sessions.Load(session)
		if !ok {
			return next(ctx, method, req) // still shaking hands
		}
		l := found.(*live)
		if p.told(l, method) {
			return nil, nil // a notification has no result; nothing of the SDK's keeps lists
		}
		switch method {
		case "elicitation/create", "sampling/createMessage", "roots/list":
			if l.entry.key.level == patchbay.LevelApp {
				// A legacy request does not say whose call it belongs to, and this
				// connection carries everybody's (design, decision 8).
				p.opts.Logger.Info("Refused a server's request on a shared connection", "server", l.server(), "method", method)
				return nil, &jsonrpc.Error{Code: codeRefused, Message: "this connection is shared by several users and answers no questions; configure the server with level: user"}
			}
		}
		return next(ctx, method, req)
	}
}

// codeRefused is JSON-RPC's "method not found": for this connection there is none.
const codeRefused = -32601
