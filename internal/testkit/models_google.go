package testkit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"patchbay"
)

// googleFormat is Gemini's streamGenerateContent with alt=sse.
var googleFormat = format{
	stream: googleStream, check: checkGoogle, failure: googleFailure,
	model: func(r *http.Request, _ []byte) string { return googleModel(r.URL.Path) },
}

func googleModel(path string) string {
	return strings.TrimSuffix(path[strings.LastIndexByte(path, '/')+1:], ":streamGenerateContent")
}

// exact is JSON without escapes for HTML, as Google's servers write it.
func exact(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // a test's own message that is no JSON
	}
	return bytes.TrimSpace(b.Bytes())
}

// googleStream writes chunks. The signature of a reasoning part goes with the first call
// or text after it, as Gemini 3 sends it.
func googleStream(w *sseWriter, m *patchbay.Message, model string) {
	u := usageOf(m)
	chunk := func(part obj, finish string) {
		candidate := obj{"index": 0}
		if part != nil {
			candidate["content"] = obj{"role": "model", "parts": []obj{part}}
		}
		counts := obj{"promptTokenCount": u.Input, "totalTokenCount": u.Input + u.Output}
		if finish != "" {
			candidate["finishReason"] = finish
			counts["candidatesTokenCount"] = u.Output - u.Reasoning
			if u.Reasoning > 0 {
				counts["thoughtsTokenCount"] = u.Reasoning
			}
			if u.CacheRead > 0 {
				counts["cachedContentTokenCount"] = u.CacheRead
			}
		}
		w.raw("", exact(obj{"candidates": []obj{candidate}, "usageMetadata": counts, "modelVersion": model, "responseId": "r1"}))
	}
	signature := ""
	signed := func(part obj) obj {
		if signature != "" {
			part["thoughtSignature"], signature = signature, ""
		}
		return part
	}
	for i := range m.Parts {
		p := &m.Parts[i]
		switch p.Kind {
		case patchbay.PartReasoning:
			for _, s := range w.cut(p.Text) {
				chunk(obj{"text": s, "thought": true}, "")
			}
			signature = p.Signature
		case patchbay.PartCall:
			call := obj{"name": p.Call.Name, "args": json.RawMessage(p.Call.Args)}
			if p.Call.ID != "" {
				call["id"] = p.Call.ID
			}
			chunk(signed(obj{"functionCall": call}), "")
		default:
			for _, s := range w.cut(p.Text) {
				chunk(obj{"text": s}, "")
			}
		}
	}
	if w.broken {
		w.raw("", googleFailure(http.StatusServiceUnavailable, "", "no room"))
		return
	}
	finish := map[patchbay.StopReason]string{patchbay.StopLength: "MAX_TOKENS", patchbay.StopRefusal: "SAFETY"}[m.Stop]
	if finish == "" {
		finish = "STOP"
	}
	if signature != "" {
		chunk(signed(obj{"text": ""}), finish)
	} else {
		chunk(nil, finish)
	}
}

func googleFailure(status int, _, message string) []byte {
	word := map[int]string{
		http.StatusBadRequest: "INVALID_ARGUMENT", http.StatusUnauthorized: "UNAUTHENTICATED", http.StatusNotFound: "NOT_FOUND",
		http.StatusServiceUnavailable: "UNAVAILABLE",
	}[status]
	return exact(obj{"error": obj{"code": status, "message": message, "status": word}})
}

// listGoogle lists models, one to a page, and one that writes no text.
func listGoogle(w http.ResponseWriter, r *http.Request) {
	type entry struct {
		Name        string   `json:"name"`
		DisplayName string   `json:"displayName"`
		Methods     []string `json:"supportedGenerationMethods"`
	}
	names := ModelNames()
	doc := obj{"models": []entry{{"models/" + names[0], "Fake " + names[0], []string{"generateContent"}}, {"models/vectors", "", []string{"embedContent"}}}, "nextPageToken": "more=&"}
	if r.URL.Query().Get("pageToken") == "more=&" {
		doc = obj{"models": []entry{{"models/" + names[1], "Fake " + names[1], []string{"generateContent", "countTokens"}}}}
	}
	w.Header().Set("Content-Type", "application/json")
	// The client may have left.
	_, _ = w.Write(exact(doc))
}

type googlePart struct {
	Text         *string         `json:"text"`
	InlineData   json.RawMessage `json:"inlineData"`
	FileData     json.RawMessage `json:"fileData"`
	FunctionCall *struct {
		ID   string          `json:"id"`
		Name string          `json:"name"`
		Args json.RawMessage `json:"args"`
	} `json:"functionCall"`
	FunctionResponse *struct {
		ID       string          `json:"id"`
		Name     string          `json:"name"`
		Response json.RawMessage `json:"response"`
		Parts    []struct {
			InlineData *struct {
				MIMEType string `json:"mimeType"`
				Data     []byte `json:"data"`
			} `json:"inlineData"`
		} `json:"parts"`
	} `json:"functionResponse"`
	ThoughtSignature string `json:"thoughtSignature"`
}

type googleContent struct {
	Role  string       `json:"role"`
	Parts []googlePart `json:"parts"`
}

func checkGoogle(r *http.Request, body []byte) error {
	var in struct {
		Contents          []googleContent `json:"contents"`
		SystemInstruction *googleContent  `json:"systemInstruction"`
		Tools             []struct {
			FunctionDeclarations []struct {
				Name       string          `json:"name"`
				Parameters json.RawMessage `json:"parametersJsonSchema"`
			} `json:"functionDeclarations"`
		} `json:"tools"`
		GenerationConfig struct {
			ThinkingConfig struct {
				Budget *int   `json:"thinkingBudget"`
				Level  string `json:"thinkingLevel"`
			} `json:"thinkingConfig"`
		} `json:"generationConfig"`
	}
	q := r.URL.Query()
	switch err := json.Unmarshal(body, &in); {
	case err != nil:
		return fmt.Errorf("invalid JSON payload received: %w", err)
	case q.Get("alt") != "sse" || q.Get("key") != "":
		return errors.New("the fake wants alt=sse and no key in the address")
	case len(in.Contents) == 0:
		return errors.New("contents is not specified")
	case in.SystemInstruction != nil && len(in.SystemInstruction.Parts) == 0:
		return errors.New("systemInstruction: parts must not be empty")
	case in.GenerationConfig.ThinkingConfig.Budget != nil && in.GenerationConfig.ThinkingConfig.Level != "":
		return errors.New("thinking_budget and thinking_level cannot both be set")
	}
	seen := map[string]bool{}
	for _, t := range in.Tools {
		if len(t.FunctionDeclarations) == 0 {
			return errors.New("tools[0]: must have one initialized field")
		}
		for _, d := range t.FunctionDeclarations {
			if err := checkNames(seen, d.Name); err != nil {
				return err
			}
			if d.Name[0] == '-' || d.Name[0] >= '0' && d.Name[0] <= '9' {
				return fmt.Errorf("invalid function name %q: must start with a letter or an underscore", d.Name)
			}
			if err := checkSchema(d.Name, d.Parameters); err != nil {
				return err
			}
		}
	}
	return checkGoogleTurns(googleModel(r.URL.Path), in.Contents)
}

// checkGoogleTurns looks that each call is answered, and signed where it must be.
func checkGoogleTurns(model string, contents []googleContent) error {
	turn := 0 // where the current turn began
	for i, c := range contents {
		if c.Role == "user" && c.Parts[0].FunctionResponse == nil {
			turn = i
		}
	}
	var open []googlePart
	for i, c := range contents {
		if c.Role != "user" && c.Role != "model" || len(c.Parts) == 0 {
			return fmt.Errorf("contents[%d]: please use a valid role: user, model; parts must not be empty", i)
		}
		var calls, answers []googlePart
		for j, p := range c.Parts {
			set := 0
			for _, has := range []bool{p.Text != nil, p.InlineData != nil, p.FileData != nil, p.FunctionCall != nil, p.FunctionResponse != nil} {
				if has {
					set++
				}
			}
			if set != 1 || p.Text != nil && *p.Text == "" && p.ThoughtSignature == "" {
				return fmt.Errorf("contents[%d].parts[%d]: required oneof field 'data' must have one initialized field", i, j)
			}
			if p.FunctionCall != nil {
				calls = append(calls, p)
				if len(p.FunctionCall.Args) > 0 && p.FunctionCall.Args[0] != '{' {
					return fmt.Errorf("contents[%d].parts[%d].functionCall.args: not a Struct", i, j)
				}
			}
			if p.FunctionResponse != nil {
				answers = append(answers, p)
				if !strings.Contains(model, "gemini-3") && len(p.FunctionResponse.Parts) > 0 {
					return fmt.Errorf("contents[%d].parts[%d]: multimodal function response is not supported by this model", i, j)
				}
				for _, inner := range p.FunctionResponse.Parts {
					if inner.InlineData == nil || len(inner.InlineData.Data) == 0 {
						return fmt.Errorf("contents[%d].parts[%d]: empty function response part", i, j)
					}
				}
			}
		}
		if len(answers) != len(open) {
			return errors.New("please ensure that the number of function response parts is equal to the number of function call parts of the function call turn")
		}
		for j, a := range answers {
			if call := open[j].FunctionCall; a.FunctionResponse.Name != call.Name || a.FunctionResponse.ID != call.ID || len(a.FunctionResponse.Response) == 0 {
				return fmt.Errorf("contents[%d]: function response %d does not answer the call of %s", i, j, call.Name)
			}
		}
		open = calls
		if len(calls) > 0 && i > turn && strings.Contains(model, "gemini-3") && calls[0].ThoughtSignature == "" {
			return fmt.Errorf("function call is missing a thought_signature in functionCall parts: contents[%d]", i)
		}
	}
	if len(open) > 0 {
		return errors.New("a function call turn must be followed by a function response turn")
	}
	return nil
}
