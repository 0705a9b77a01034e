package doctor

import (
	"context"
	"fmt"
	"time"

	"patchbay"
)

// connect opens the connection, unless it is open, and says what the handshake brought.
// With a sign-in missing it does not try.
func (x *examination) connect(ctx context.Context, guarded bool) {
	begin := time.Now()
	if guarded && x.report.Next != "" {
		x.step(begin, Step{Name: "connect", Answer: "Not tried: " + x.report.Next})
		return
	}
	if x.server.Level == patchbay.LevelRun {
		x.step(begin, Step{Name: "connect", OK: true, Answer: "Not tried: the server is connected anew for each conversation, when a tool of it is called."})
		x.well()
		return
	}
	asked := string(x.server.Transport)
	if x.server.Transport == patchbay.TransportStdio {
		asked = "spawn " + x.server.Command
	}
	f := x.o.Facts.Facts(x.key)
	if f.Phase != patchbay.PhaseConnected {
		if err := x.o.Connect(ctx, x.actor, x.server); err != nil {
			x.report.Next = "" // what the server itself says counts for more than what was guessed
			x.step(begin, Step{Name: "connect", Asked: asked, Answer: x.concluded(err)})
			return
		}
		f = x.o.Facts.Facts(x.key)
	}
	x.step(begin, Step{Name: "connect", Asked: asked, OK: true, Answer: "The handshake worked; protocol " + f.ProtocolVersion + "."})
	tools := Step{Name: "tools", Asked: "tools/list", OK: true, Answer: fmt.Sprintf("The server offers %d tool(s).", f.ToolCount)}
	if !f.ToolsKnown {
		tools.Answer = "The list is still being read."
	}
	x.step(begin, tools)
	x.well()
}

// well concludes that nothing is wrong.
func (x *examination) well() {
	x.report.OK, x.report.Reason, x.report.Action = true, "", patchbay.ActionNone
	x.report.Next = "Nothing: the server works."
}
