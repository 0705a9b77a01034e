package chat

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"slices"

	"patchbay"
)

// Why a person is asked before a call.
const (
	whyNotReadOnly = "not_read_only"
	whyDestructive = "destructive"
	whyRule        = "rule"
	whyChanged     = "changed" // the tool is not the one that was approved
)

// permit is what the policy says of a tool.
type permit struct {
	denied bool   // it is not offered
	ask    bool   // a person approves each call, or has already: Remembered says
	always bool   // a remembered yes does not count
	why    string // with ask
}

// remembered is what a person's remembered approvals say of a tool.
type remembered int

const (
	never     remembered = iota
	otherwise            // of another definition of the tool
	approved
)

// judge decides whether a person is asked before a tool is called. It is decided by, in
// this order: what toolApproval denies; the server's own `approval`; the rest of
// toolApproval, in LibreChat's order (bypass, allow, ask); the tool's hints, which are
// believed of servers that the operator wrote down. In mode dontAsk what would be asked
// is denied. A remembered yes counts for the definition that it was given for.
func judge(srv *patchbay.Server, tool *patchbay.Tool, global Approval, memory remembered) permit {
	p := rule(srv, tool, global)
	if p.denied || !p.ask || p.always {
		return p
	}
	switch memory {
	case approved:
		return permit{}
	case otherwise:
		p.why = whyChanged
	}
	return p
}

func rule(srv *patchbay.Server, tool *patchbay.Tool, global Approval) permit {
	if global.Enabled && matches(global.Deny, srv.Name, tool.Name) {
		return permit{denied: true}
	}
	switch approvalOf(srv.Approval, tool.Name) {
	case "never":
		return permit{}
	case "ask":
		return permit{ask: true, why: whyRule}
	case "always":
		return permit{ask: true, always: true, why: whyRule}
	}
	if global.Enabled {
		switch {
		case global.Mode == "bypass", matches(global.Allow, srv.Name, tool.Name):
			return permit{}
		case matches(global.Ask, srv.Name, tool.Name):
			return permit{ask: true, why: whyRule}
		}
	}
	var hints struct {
		ReadOnly    bool `json:"readOnlyHint"`
		Destructive bool `json:"destructiveHint"`
	}
	if len(tool.Annotations) > 0 && json.Unmarshal(tool.Annotations, &hints) != nil {
		hints.ReadOnly = false // what cannot be read is no hint
	}
	switch {
	case hints.ReadOnly && srv.Source == patchbay.SourceYAML:
		return permit{}
	case global.Enabled && global.Mode == "dontAsk":
		return permit{denied: true}
	case hints.Destructive && !hints.ReadOnly:
		return permit{ask: true, why: whyDestructive}
	}
	return permit{ask: true, why: whyNotReadOnly}
}

// approvalOf is what a server's `approval` says of a tool; empty: nothing.
func approvalOf(p patchbay.ApprovalPolicy, tool string) string {
	for _, r := range p.Rules {
		if patchbay.MatchGlob(r.Glob, tool) {
			return r.Mode
		}
	}
	return p.Default
}

// matches reports whether a glob of toolApproval matches a tool: by its key, or in
// LibreChat's other form, mcp:server:tool.
func matches(globs []string, server, tool string) bool {
	if len(globs) == 0 {
		return false
	}
	key, colons := patchbay.ToolKey(tool, server), "mcp:"+server+":"+tool
	return slices.ContainsFunc(globs, func(g string) bool { return patchbay.MatchGlob(g, key) || patchbay.MatchGlob(g, colons) })
}

// hashOf is a digest of a tool's definition: all of it that a person judges by, and a
// model is led by.
func hashOf(t *patchbay.Tool) string {
	h := sha256.New()
	for _, part := range [][]byte{[]byte(t.Name), []byte(t.Title), []byte(t.Description), t.InputSchema, t.Annotations} {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(part)))
		h.Write(n[:])
		h.Write(part)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
