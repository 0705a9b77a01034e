package api

import (
	"encoding/json"
	"net/http"
	"strings"

	"patchbay"
	"patchbay/internal/chat"
	"patchbay/internal/httpkit"
)

// v1Head is what an answer and all of its chunks have in common.
type v1Head struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Created int64  `json:"created"`
	Model   string `json:"model"`
}

type v1Completion struct {
	v1Head
	Choices []v1Choice `json:"choices"`
	Usage   v1Usage    `json:"usage"`
}

type v1Choice struct {
	Index   int      `json:"index"`
	Message v1Reply  `json:"message"`
	Finish  string   `json:"finish_reason" doc:"stop, length, tool_calls or content_filter"`
	Logs    *float64 `json:"logprobs"`
}

type v1Reply struct {
	Role      string   `json:"role"`
	Content   *string  `json:"content"`
	Refusal   *string  `json:"refusal"`
	Reasoning string   `json:"reasoning_content,omitempty"`
	Calls     []v1Call `json:"tool_calls,omitempty"`
}

type v1Chunk struct {
	v1Head
	Choices []v1ChunkChoice `json:"choices"`
	Usage   json.RawMessage `json:"usage,omitempty"`
}

type v1ChunkChoice struct {
	Index  int       `json:"index"`
	Delta  v1Written `json:"delta"`
	Finish *string   `json:"finish_reason"`
}

type v1Written struct {
	Role      string   `json:"role,omitempty"`
	Content   *string  `json:"content,omitempty"`
	Refusal   string   `json:"refusal,omitempty"`
	Reasoning string   `json:"reasoning_content,omitempty"`
	Calls     []v1Call `json:"tool_calls,omitempty"`
}

type v1Usage struct {
	Prompt     int64 `json:"prompt_tokens"`
	Completion int64 `json:"completion_tokens"`
	Total      int64 `json:"total_tokens"`
	PromptIn   struct {
		Cached int64 `json:"cached_tokens"`
	} `json:"prompt_tokens_details"`
	CompletionIn struct {
		Reasoning int64 `json:"reasoning_tokens"`
	} `json:"completion_tokens_details"`
}

func usageV1(u patchbay.Usage) v1Usage {
	out := v1Usage{Prompt: u.Input, Completion: u.Output, Total: u.Total()}
	out.PromptIn.Cached, out.CompletionIn.Reasoning = u.CacheRead, u.Reasoning
	return out
}

// v1Writer writes one answer. It belongs to one goroutine.
type v1Writer struct {
	s    *Server
	w    http.ResponseWriter
	body *v1ChatBody
	head v1Head

	stream *httpkit.Stream           // nil before the first word
	step   int                       // of the last text
	at     int                       // step of the last delta
	kinds  map[int]patchbay.PartKind // of the parts of that step
}

// deltas writes what people read of the model's words. Calls of servers' tools are
// nobody's business here, and those of the client's come with the end.
func (x *v1Writer) deltas(list []v1Delta) error {
	if !x.body.Stream {
		return nil
	}
	for i := range list {
		d := &list[i]
		if d.step != x.at {
			x.at, x.kinds = d.step, map[int]patchbay.PartKind{}
		}
		if d.Kind != "" {
			x.kinds[d.Part] = d.Kind // told once
		}
		if d.Text == "" {
			continue
		}
		var out v1Written
		switch x.kinds[d.Part] {
		case patchbay.PartText:
			text := d.Text
			if x.step != 0 && x.step != d.step {
				text = v1Between + text
			}
			x.step, out.Content = d.step, &text
		case patchbay.PartReasoning:
			out.Reasoning = d.Text
		case patchbay.PartRefusal:
			out.Refusal = d.Text
		default:
			continue
		}
		if err := x.chunk(out, nil); err != nil {
			return err
		}
	}
	return nil
}

// v1Between stands between the texts of two steps.
const v1Between = "\n\n"

// begin sends the head of a stream, once.
func (x *v1Writer) begin() (err error) {
	if x.stream != nil {
		return nil
	}
	if x.stream, err = httpkit.NewStream(x.w); err != nil {
		return err
	}
	empty := ""
	return x.chunk(v1Written{Role: "assistant", Content: &empty}, nil)
}

func (x *v1Writer) beat() error {
	if !x.body.Stream {
		return nil
	}
	if err := x.begin(); err != nil {
		return err
	}
	return x.stream.Beat()
}

func (x *v1Writer) chunk(d v1Written, finish *string) error {
	if err := x.begin(); err != nil {
		return err
	}
	return x.send(v1Chunk{Choices: []v1ChunkChoice{{Delta: d, Finish: finish}}})
}

func (x *v1Writer) send(c v1Chunk) error {
	c.v1Head = x.head
	c.Object = "chat.completion.chunk"
	if x.body.StreamOptions.IncludeUsage && c.Usage == nil {
		c.Usage = json.RawMessage("null")
	}
	return x.event(c)
}

func (x *v1Writer) event(v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return x.stream.Send("", "", data)
}

// end writes how it ended.
func (x *v1Writer) end(a *chat.OnceAnswer, err error) error {
	if err == nil && a.End.Error != nil {
		err = a.End.Error
	}
	if err != nil {
		status, header, body := x.s.answerV1(err)
		if x.stream != nil {
			return x.event(body)
		}
		for k, v := range header {
			x.w.Header()[k] = v
		}
		httpkit.WriteJSON(x.w, status, body)
		return nil
	}
	if !x.body.Stream {
		httpkit.WriteJSON(x.w, http.StatusOK, x.whole(a))
		return nil
	}
	finish := finishV1(a)
	calls := callsV1(a.Calls)
	for i := range calls {
		calls[i].Index = &i
	}
	if len(calls) > 0 {
		if err := x.chunk(v1Written{Calls: calls}, nil); err != nil {
			return err
		}
	}
	if err := x.chunk(v1Written{}, &finish); err != nil {
		return err
	}
	if x.body.StreamOptions.IncludeUsage {
		usage, err := json.Marshal(usageV1(a.Usage))
		if err != nil {
			return err
		}
		if err := x.send(v1Chunk{Choices: []v1ChunkChoice{}, Usage: usage}); err != nil {
			return err
		}
	}
	return x.stream.Send("", "", []byte("[DONE]"))
}

// whole is an answer in one piece: what the chunks of a stream add up to.
func (x *v1Writer) whole(a *chat.OnceAnswer) v1Completion {
	var text, reasoning, refusal strings.Builder
	for i := range a.Messages {
		if words := a.Messages[i].Text(); words != "" {
			if text.Len() > 0 {
				text.WriteString(v1Between)
			}
			text.WriteString(words)
		}
		for _, p := range a.Messages[i].Parts {
			switch p.Kind {
			case patchbay.PartReasoning:
				reasoning.WriteString(p.Text)
			case patchbay.PartRefusal:
				refusal.WriteString(p.Text)
			}
		}
	}
	reply := v1Reply{Role: "assistant", Reasoning: reasoning.String(), Calls: callsV1(a.Calls)}
	if s := text.String(); s != "" || len(reply.Calls) == 0 && refusal.Len() == 0 {
		reply.Content = &s
	}
	if s := refusal.String(); s != "" {
		reply.Refusal = &s
	}
	out := v1Completion{v1Head: x.head, Choices: []v1Choice{{Message: reply, Finish: finishV1(a)}}, Usage: usageV1(a.Usage)}
	out.Object = "chat.completion"
	return out
}

func callsV1(calls []patchbay.ToolCall) []v1Call {
	out := make([]v1Call, len(calls))
	for i, c := range calls {
		out[i].ID, out[i].Type = c.ID, "function"
		out[i].Function.Name, out[i].Function.Arguments = c.Name, c.Args
	}
	return out
}

// finishV1 says in OpenAI's words why an answer ended.
func finishV1(a *chat.OnceAnswer) string {
	if len(a.Calls) > 0 {
		return "tool_calls"
	}
	switch a.End.Stop {
	case patchbay.StopLength, patchbay.StopLimit:
		return "length"
	case patchbay.StopRefusal:
		return "content_filter"
	}
	return "stop"
}
