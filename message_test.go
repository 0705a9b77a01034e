package patchbay_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"patchbay"
)

// anyPart draws a part of any kind, with texts that JSON must escape.
func anyPart(t *rapid.T) patchbay.Part {
	text := rapid.StringN(0, 12, -1)
	p := patchbay.Part{Kind: rapid.SampledFrom([]patchbay.PartKind{
		patchbay.PartText, patchbay.PartReasoning, patchbay.PartRefusal, patchbay.PartImage, patchbay.PartAudio,
		patchbay.PartFile, patchbay.PartCall, patchbay.PartResult, patchbay.PartVendor,
	}).Draw(t, "kind")}
	p.Signature = text.Draw(t, "signature")
	if rapid.Bool().Draw(t, "vendor") {
		p.Vendor = &patchbay.VendorPart{Name: "v", Model: text.Draw(t, "model"), Data: rapid.SampledFrom([]string{`{"a":  1.0, "b":"<\u003c"}`, `[]`, ``}).Draw(t, "data")}
	}
	switch p.Kind {
	case patchbay.PartImage, patchbay.PartAudio, patchbay.PartFile:
		p.Media = &patchbay.Media{MIMEType: "image/png", Name: text.Draw(t, "name"), URL: text.Draw(t, "url"), Ref: text.Draw(t, "ref")}
		if data := rapid.SliceOfN(rapid.Byte(), 0, 9).Draw(t, "bytes"); len(data) > 0 {
			p.Media.Data = data
		}
	case patchbay.PartCall:
		p.Call = &patchbay.ToolCall{ID: text.Draw(t, "id"), Name: text.Draw(t, "name"), Args: rapid.SampledFrom([]string{`{"a": 9007199254740993}`, `{"a":`, ``, `{"<":"é"}`}).Draw(t, "args")}
	case patchbay.PartResult:
		p.Result = &patchbay.CallResult{
			CallID: text.Draw(t, "id"), Name: text.Draw(t, "name"), IsError: rapid.Bool().Draw(t, "err"), Cut: rapid.Bool().Draw(t, "cut"),
			Raw: json.RawMessage(rapid.SampledFrom([]string{
				`{"content":[{"type":"text","text":"é"},{"type":"image","data":"AQI=","mimeType":"image/png"},{"type":"audio","data":"AQI=","mimeType":"audio/wav"}]}`,
				`{"content":[{"type":"resource","resource":{"uri":"a://b","blob":"AQI="}},{"type":"resource_link","uri":"a://b","name":"n"}],"structuredContent":{"n":9007199254740993,"d":1.0}}`,
				`{"content":[{"type":"hologram","depth":1e2}],"isError":true,"x-later":[1]}`,
			}).Draw(t, "raw")),
		}
	default:
		p.Text = text.Draw(t, "text")
	}
	return p
}

func anyMessage(t *rapid.T) patchbay.Message {
	m := patchbay.Message{Role: rapid.SampledFrom([]patchbay.MessageRole{patchbay.FromUser, patchbay.FromModel, patchbay.FromTools}).Draw(t, "role")}
	m.Parts = rapid.SliceOfN(rapid.Custom(anyPart), 0, 5).Draw(t, "parts")
	if rapid.Bool().Draw(t, "answer") {
		m.Model, m.Stop = "m", patchbay.StopError
		m.Usage = &patchbay.Usage{Input: rapid.Int64().Draw(t, "input"), Output: 2, Reasoning: 1, CacheRead: 3, CacheWrite: 4}
		m.Error = &patchbay.ModelError{Kind: patchbay.ModelRateLimited, Message: "slow down", Status: 429, Code: "c", RetryAfter: 3 * time.Second}
	}
	return m
}

// TestMessageJSON holds that nothing of a message is lost in the store.
func TestMessageJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := anyMessage(t)
		data, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got patchbay.Message
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(patchbay.ModelError{}, "Err")); diff != "" {
			t.Fatal(diff)
		}
	})
}

// TestMessageBuilder holds that a message is the sum of its deltas, however the
// fragments of its parts interleave.
func TestMessageBuilder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := patchbay.Message{Role: patchbay.FromModel, Parts: []patchbay.Part{}, Model: "m", Stop: patchbay.StopCalls, Usage: &patchbay.Usage{Input: 1, Output: 2}}
		var queues [][]patchbay.Delta
		for i, n := 0, rapid.IntRange(0, 4).Draw(t, "parts"); i < n; i++ {
			p := patchbay.Part{Kind: rapid.SampledFrom([]patchbay.PartKind{patchbay.PartText, patchbay.PartReasoning, patchbay.PartCall}).Draw(t, "kind")}
			queue := []patchbay.Delta{{Part: i, Kind: p.Kind}}
			if p.Kind == patchbay.PartCall {
				p.Call = &patchbay.ToolCall{ID: "id", Name: "name"}
				queue = append(queue, patchbay.Delta{Part: i, CallID: "id", CallName: "name"})
			}
			for _, s := range rapid.SliceOfN(rapid.StringN(1, 3, -1), 0, 4).Draw(t, "fragments") {
				if p.Kind == patchbay.PartCall {
					p.Call.Args += s
					queue = append(queue, patchbay.Delta{Part: i, CallArgs: s})
				} else {
					p.Text += s
					p.Signature += s
					queue = append(queue, patchbay.Delta{Part: i, Text: s, Signature: s})
				}
			}
			want.Parts = append(want.Parts, p)
			queues = append(queues, queue)
		}
		var b patchbay.MessageBuilder
		for _, queue := range queues { // parts begin in order
			b.Add(queue[0])
		}
		for i := range queues {
			queues[i] = queues[i][1:]
		}
		for {
			var open []int
			for i, queue := range queues {
				if len(queue) > 0 {
					open = append(open, i)
				}
			}
			if len(open) == 0 {
				break
			}
			i := rapid.SampledFrom(open).Draw(t, "next")
			b.Add(queues[i][0])
			queues[i] = queues[i][1:]
		}
		b.Add(patchbay.Delta{Part: patchbay.OfMessage, Model: "m", Stop: patchbay.StopCalls, Usage: &patchbay.Usage{Input: 1, Output: 2}})
		b.Add(patchbay.Delta{Part: b.Len() + 1, Text: "of a stream whose beginning was lost"})
		if diff := cmp.Diff(want, b.Message()); diff != "" {
			t.Fatal(diff)
		}
	})
}
