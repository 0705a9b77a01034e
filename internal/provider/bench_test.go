package provider_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"patchbay"
	"patchbay/internal/provider"
	"patchbay/internal/provider/anthropic"
	"patchbay/internal/provider/bedrock"
	"patchbay/internal/provider/google"
	"patchbay/internal/provider/openai"
	"patchbay/internal/testkit"
)

// benchModels are the formats over a client without a network.
func benchModels(b *testing.B, stream []byte) map[string]model {
	b.Helper()
	client := testkit.NewModelClient(stream, 0)
	if len(stream) > 0 && stream[0] == 0 { // a frame's length
		client.Type = "application/vnd.amazon.eventstream"
	}
	e := provider.Endpoint{URL: testkit.NewModels(b).URL(), Client: client.Client()}
	chat, err := openai.New(openai.Options{Endpoint: e, Compatible: true})
	if err != nil {
		b.Fatal(err)
	}
	messages, err := anthropic.New(anthropic.Options{Endpoint: e})
	if err != nil {
		b.Fatal(err)
	}
	gemini, err := google.New(google.Options{Endpoint: e})
	if err != nil {
		b.Fatal(err)
	}
	converse, err := bedrock.New(bedrock.Options{Endpoint: e, Region: "eu-central-1"})
	if err != nil {
		b.Fatal(err)
	}
	return map[string]model{
		"chat": chat.Model(provider.Key{}), "messages": messages.Model(provider.Key{}), "gemini": gemini.Model(provider.Key{}),
		"converse": converse.Model(provider.NewKey("AKIAFAKEFAKEFAKEFAKE:fake-secret")),
	}
}

// BenchmarkDelta is one delta of text, from the vendor's bytes to ours.
func BenchmarkDelta(b *testing.B) {
	const events = 1000
	streams := map[string]string{
		"chat":     strings.Repeat(`data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":" words"},"finish_reason":null}]}`+"\n\n", events) + `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\ndata: [DONE]\n\n",
		"messages": "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n" + strings.Repeat("event: content_block_delta\n"+`data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" words"}}`+"\n\n", events) + "data: {\"type\":\"message_stop\"}\n\n",
	}
	frame := func(name, payload string) string {
		return string(testkit.EventStreamFrame([]byte(payload), ":event-type", name, ":content-type", "application/json", ":message-type", "event"))
	}
	streams["gemini"] = strings.Repeat(`data: {"candidates":[{"content":{"parts":[{"text":" words"}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":9,"totalTokenCount":9},"modelVersion":"m"}`+"\n\n", events) + `data: {"candidates":[{"finishReason":"STOP"}]}` + "\n\n"
	streams["converse"] = strings.Repeat(frame("contentBlockDelta", `{"contentBlockIndex":0,"delta":{"text":" words"},"p":"abcdefghijkl"}`), events) + frame("messageStop", `{"stopReason":"end_turn"}`)
	for name, stream := range streams {
		m := benchModels(b, []byte(stream))[name]
		req := question("claude-sonnet-4-6")
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := m.Stream(context.Background(), req, func(patchbay.Delta) {}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/events, "ns/delta")
		})
	}
}

// BenchmarkRequest is a request that offers 1,000 tools, after the first.
func BenchmarkRequest(b *testing.B) {
	stream := map[string][]byte{"chat": []byte("data: [DONE]\n\n"), "messages": []byte("data: {\"type\":\"message_stop\"}\n\n")}
	stream["gemini"] = []byte(`data: {"candidates":[{"finishReason":"STOP"}]}` + "\n\n")
	stream["converse"] = testkit.EventStreamFrame([]byte(`{"stopReason":"end_turn"}`), ":event-type", "messageStop", ":message-type", "event")
	for name := range stream {
		m := benchModels(b, stream[name])[name]
		req := question("claude-sonnet-4-6")
		for i := range 1000 {
			req.Tools = append(req.Tools, patchbay.ToolOffer{
				Name: fmt.Sprintf("tool_%d_mcp_server", i), Description: "Does something useful",
				Schema: json.RawMessage(fmt.Sprintf(`{"type":"object","properties":{"q%d":{"type":"string","description":%q}},"required":["q%d"]}`, i, bytes.Repeat([]byte("x"), 300), i)),
			})
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := m.Stream(context.Background(), req, func(patchbay.Delta) {}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
