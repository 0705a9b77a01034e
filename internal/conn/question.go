package conn

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// question answers a server of an older version.
func (p *Pool) question(ctx context.Context, req *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
	decline := &mcp.ElicitResult{Action: "decline"}
	found, ok := p.sessions.Load(req.Session)
	if p.opts.Question == nil || !ok {
		return decline, nil
	}
	params, err := json.Marshal(req.Params)
	if err != nil {
		return nil, fmt.Errorf("conn: question: %w", err)
	}
	raw, err := p.opts.Question(ctx, found.(*live).entry.key, params)
	if err != nil {
		return nil, err
	}
	answer := &mcp.ElicitResult{}
	if err := json.Unmarshal(raw, answer); err != nil {
		return nil, fmt.Errorf("conn: answer: %w", err)
	}
	return answer, nil
}
