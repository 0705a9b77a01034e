package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// Bounds of a countdown: at most ten thousand steps of at most a minute.
const (
	maxCountFrom = 10_000
	maxCountStep = 60_000
)

func addCountdown(s *mcp.Server) {
	s.AddTool(&mcp.Tool{
		Name: "countdown", Title: "Countdown",
		Description: "Counts down to zero and reports progress at each step. Can be cancelled.",
		InputSchema: schema(`{"type":"object","properties":{` +
			`"from":{"type":"integer","minimum":1,"maximum":10000,"default":5,"description":"Where to start."},` +
			`"ms":{"type":"integer","minimum":0,"maximum":60000,"default":1000,"description":"Milliseconds between two steps."}},` +
			`"additionalProperties":false}`),
		Annotations: readOnly("Countdown", true),
	}, func(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		var args struct {
			From *int `json:"from"`
			MS   *int `json:"ms"`
		}
		if err := decodeArgs(req.Params.Arguments, &args); err != nil {
			return errorResult(err.Error()), nil
		}
		from, err := within("from", args.From, 5, 1, maxCountFrom)
		if err != nil {
			return errorResult(err.Error()), nil
		}
		ms, err := within("ms", args.MS, 1000, 0, maxCountStep)
		if err != nil {
			return errorResult(err.Error()), nil
		}
		if err := countdown(ctx, from, time.Duration(ms)*time.Millisecond, reporter(req)); err != nil {
			return nil, err
		}
		return textResult(fmt.Sprintf("Counted down from %d.", from)), nil
	})
}

// countdown calls report after each step, until all are done or ctx is.
func countdown(ctx context.Context, from int, step time.Duration, report func(ctx context.Context, done, left int) error) error {
	tick := time.NewTimer(step)
	defer tick.Stop()
	for done := 1; done <= from; done++ {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
		tick.Reset(step)
		if err := report(ctx, done, from-done); err != nil {
			return err
		}
	}
	return nil
}

// reporter sends progress to a caller that asked for it by a token.
func reporter(req *mcp.CallToolRequest) func(context.Context, int, int) error {
	token := req.Params.GetProgressToken()
	if token == nil {
		return func(context.Context, int, int) error { return nil }
	}
	return func(ctx context.Context, done, left int) error {
		return req.Session.NotifyProgress(ctx, &mcp.ProgressNotificationParams{
			ProgressToken: token, Progress: float64(done), Total: float64(done + left),
			Message: fmt.Sprintf("%d left", left),
		})
	}
}
