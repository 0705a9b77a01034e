package provider

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"patchbay"
)

// maxID is the longest id of a call that every vendor takes.
const maxID = 40

// unanswered is the result of a call whose run ended before it was answered.
const unanswered = `{"content":[{"type":"text","text":"This call was never answered."}],"isError":true}`

// Normal returns messages in the shape that every vendor insists on, whatever broke off
// or was switched in the middle of a conversation: no empty parts or messages, every call
// followed by exactly one result in the order of the calls, no result without its call,
// ids and names that are in every vendor's alphabet, the ids unique. The messages themselves are not
// changed.
func Normal(messages []patchbay.Message) []patchbay.Message {
	n := normalizer{used: map[string]bool{}}
	for i := range messages {
		n.add(&messages[i])
	}
	n.answer(nil)
	return n.out
}

type normalizer struct {
	out  []patchbay.Message
	used map[string]bool // ids of calls so far
	// open are the calls that wait for their results, by the ids they came with.
	open []openCall
}

type openCall struct {
	was  string
	id   string
	name string
}

func (n *normalizer) add(m *patchbay.Message) {
	if m.Role == patchbay.FromTools {
		n.answer(m)
		return
	}
	n.answer(nil)
	parts := make([]patchbay.Part, 0, len(m.Parts))
	for i := range m.Parts {
		p := m.Parts[i]
		switch {
		case p.Kind == patchbay.PartText && strings.TrimSpace(p.Text) == "", p.Kind == patchbay.PartResult:
			continue
		case p.Kind == patchbay.PartCall:
			if p.Call == nil || m.Role != patchbay.FromModel {
				continue
			}
			call := *p.Call
			call.ID = n.id(call.ID)
			if !natural(call.Name) { // what a model made up, or another vendor took
				call.Name = encode(call.Name, 0)
			}
			n.open = append(n.open, openCall{was: p.Call.ID, id: call.ID, name: call.Name})
			p.Call = &call
		case p.Media == nil && (p.Kind == patchbay.PartImage || p.Kind == patchbay.PartAudio || p.Kind == patchbay.PartFile):
			continue
		}
		parts = append(parts, p)
	}
	if len(parts) > 0 {
		c := *m
		c.Parts = parts
		n.out = append(n.out, c)
	}
}

// answer closes the open calls with the results of m, or with the one for calls that
// were never answered.
func (n *normalizer) answer(m *patchbay.Message) {
	if len(n.open) == 0 {
		return
	}
	taken := map[int]bool{}
	parts := make([]patchbay.Part, 0, len(n.open))
	for _, call := range n.open {
		result := patchbay.CallResult{CallID: call.id, Name: call.name, Raw: json.RawMessage(unanswered), IsError: true}
		if m != nil {
			for i := range m.Parts {
				r := m.Parts[i].Result
				if r != nil && r.CallID == call.was && !taken[i] {
					taken[i] = true
					result = *r
					result.CallID, result.Name = call.id, call.name
					break
				}
			}
		}
		parts = append(parts, patchbay.Part{Kind: patchbay.PartResult, Result: &result})
	}
	n.open = nil
	n.out = append(n.out, patchbay.Message{Role: patchbay.FromTools, Parts: parts})
}

// id makes an id unique and plain.
func (n *normalizer) id(id string) string {
	ok := id != "" && len(id) <= maxID && !n.used[id]
	for i := 0; ok && i < len(id); i++ {
		ok = plain(id[i])
	}
	for salt := byte(0); !ok; salt++ {
		sum := sha256.Sum256(append([]byte(id), salt, byte(len(n.used)), byte(len(n.used)>>8)))
		id = "call_" + hex.EncodeToString(sum[:12])
		ok = !n.used[id]
	}
	n.used[id] = true
	return id
}
