package client

import (
	"context"
	"encoding/json"
	"net/http"

	"patchbay"
)

// DoctorStep is one thing that was looked at.
type DoctorStep struct {
	Name   string `json:"name"`
	Asked  string `json:"asked"`
	Status int    `json:"status"`
	Answer string `json:"answer"`
	OK     bool   `json:"ok"`
	TookMS int64  `json:"tookMs"`
}

// DoctorReport is what was found out about a server. Raw is the API's own answer.
type DoctorReport struct {
	OK     bool            `json:"ok"`
	Steps  []DoctorStep    `json:"steps"`
	Next   string          `json:"next"`
	Action patchbay.Action `json:"action"`
	Raw    json.RawMessage `json:"-"`
}

// Doctor finds out what keeps a server from working for the caller.
func (c *Client) Doctor(ctx context.Context, server string) (*DoctorReport, error) {
	var raw json.RawMessage
	if err := c.do(ctx, http.MethodGet, "/api/mcp/"+segment(server)+"/doctor", nil, &raw); err != nil {
		return nil, err
	}
	report := &DoctorReport{Raw: raw}
	if err := json.Unmarshal(raw, report); err != nil {
		return nil, c.notPatchbay(err)
	}
	return report, nil
}
