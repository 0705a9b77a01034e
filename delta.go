package patchbay

import "strings"

// Delta is one fragment of a message that a model is writing. A message is the sum of
// its deltas: who has seen all of them has the message, who has seen some has its
// beginning. Deltas are not facts; the finished message is.
type Delta struct {
	// Part is the part that the delta is about. Parts are numbered from 0 without gaps;
	// a delta about the next number begins a part and has Kind. Deltas about different
	// parts may interleave. -1: the delta is about the message.
	Part int      `json:"part"`
	Kind PartKind `json:"kind,omitempty"`

	Text      string `json:"text,omitempty"`      // appended
	Signature string `json:"signature,omitempty"` // appended
	CallID    string `json:"callId,omitempty"`    // set
	CallName  string `json:"callName,omitempty"`  // set
	CallArgs  string `json:"callArgs,omitempty"`  // appended

	Media  *Media      `json:"media,omitempty"`  // set
	Vendor *VendorPart `json:"vendor,omitempty"` // set

	Model string     `json:"model,omitempty"` // set
	Stop  StopReason `json:"stop,omitempty"`  // set
	Usage *Usage     `json:"usage,omitempty"` // set: the counts of the whole message so far
}

// OfMessage is Delta.Part of what is about the whole message.
const OfMessage = -1

// MessageBuilder sums up deltas. The zero value is ready; it is not for concurrent use.
type MessageBuilder struct {
	message Message
	parts   []*partBuilder // by pointer: a strings.Builder must not move
}

// partBuilder holds the texts of a part while they grow.
type partBuilder struct {
	part                  Part
	text, signature, args strings.Builder
}

// Add applies one delta. A delta about a part beyond the next one is ignored: it comes
// from a stream whose beginning was lost.
func (b *MessageBuilder) Add(d Delta) {
	if d.Part < 0 {
		b.addMessage(d)
		return
	}
	if d.Part > len(b.parts) {
		return
	}
	if d.Part == len(b.parts) {
		b.parts = append(b.parts, &partBuilder{part: Part{Kind: d.Kind}})
	}
	p := b.parts[d.Part]
	p.text.WriteString(d.Text)
	p.signature.WriteString(d.Signature)
	p.args.WriteString(d.CallArgs)
	if d.CallID != "" || d.CallName != "" {
		if p.part.Call == nil {
			p.part.Call = &ToolCall{}
		}
		if d.CallID != "" {
			p.part.Call.ID = d.CallID
		}
		if d.CallName != "" {
			p.part.Call.Name = d.CallName
		}
	}
	if d.Media != nil {
		p.part.Media = d.Media
	}
	if d.Vendor != nil {
		p.part.Vendor = d.Vendor
	}
}

func (b *MessageBuilder) addMessage(d Delta) {
	if d.Model != "" {
		b.message.Model = d.Model
	}
	if d.Stop != "" {
		b.message.Stop = d.Stop
	}
	if d.Usage != nil {
		usage := *d.Usage
		b.message.Usage = &usage
	}
}

// Len is the number of parts begun so far.
func (b *MessageBuilder) Len() int { return len(b.parts) }

// Message returns what the deltas add up to so far. It shares nothing with the builder
// but media and vendor parts, which nobody changes.
func (b *MessageBuilder) Message() Message {
	m := b.message
	m.Role = FromModel
	m.Parts = make([]Part, len(b.parts))
	for i := range b.parts {
		p := b.parts[i].part
		p.Text, p.Signature = b.parts[i].text.String(), b.parts[i].signature.String()
		if p.Kind == PartCall {
			call := ToolCall{Args: b.parts[i].args.String()}
			if p.Call != nil {
				call.ID, call.Name = p.Call.ID, p.Call.Name
			}
			p.Call = &call
		}
		m.Parts[i] = p
	}
	return m
}
