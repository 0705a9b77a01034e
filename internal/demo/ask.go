package demo

import (
	"context"
	"fmt"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// questionID names the one question in inputRequests and inputResponses.
const questionID = "favourite"

func addAsk(s *mcp.Server) {
	s.AddTool(&mcp.Tool{
		Name: "ask", Title: "Ask", Description: "Asks the person a question and repeats the answer.",
		InputSchema: schema(`{"type":"object","properties":{` +
			`"question":{"type":"string","maxLength":500,"description":"What to ask."}},` +
			`"additionalProperties":false}`),
		Annotations: readOnly("Ask", false),
	}, func(_ context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		var args struct {
			Question string `json:"question"`
		}
		if err := decodeArgs(req.Params.Arguments, &args); err != nil {
			return errorResult(err.Error()), nil
		}
		if answer, ok := req.Params.InputResponses[questionID].(*mcp.ElicitResult); ok && answer != nil {
			return repeat(answer), nil
		}
		if !canAsk(req.Session) {
			return errorResult("This client cannot show questions: it did not declare the elicitation capability."), nil
		}
		return &mcp.CallToolResult{InputRequests: mcp.InputRequestMap{questionID: question(args.Question)}}, nil
	})
}

// question is a form of two fields. The SDK returns it as input_required to clients
// of 2026-07-28, and sends elicitation/create to older ones, so that the tool itself
// is the same in both eras.
func question(text string) *mcp.ElicitParams {
	if text == "" {
		text = "Who are you, and which colour do you like?"
	}
	return &mcp.ElicitParams{Mode: "form", Message: text, RequestedSchema: schema(`{"type":"object","properties":{` +
		`"name":{"type":"string","title":"Name","minLength":1,"maxLength":100},` +
		`"colour":{"type":"string","title":"Colour","enum":["red","green","blue"]}},"required":["name"]}`)}
}

// canAsk reports whether the client declared forms. An empty elicitation capability
// means forms (2025-11-25, client/elicitation).
func canAsk(ss *mcp.ServerSession) bool {
	p := ss.InitializeParams()
	if p == nil || p.Capabilities == nil || p.Capabilities.Elicitation == nil {
		return false
	}
	e := p.Capabilities.Elicitation
	return e.Form != nil || e.URL == nil
}

func repeat(answer *mcp.ElicitResult) *mcp.CallToolResult {
	switch answer.Action {
	case "accept":
	case "decline":
		return textResult("The question was declined.")
	default:
		return textResult("The question was dismissed.")
	}
	name, _ := answer.Content["name"].(string)
	if name == "" {
		return errorResult(`The answer has no "name".`)
	}
	text := fmt.Sprintf("Hello, %s!", name)
	if colour, _ := answer.Content["colour"].(string); colour != "" {
		text += fmt.Sprintf(" Your colour is %s.", colour)
	}
	return textResult(text)
}
