package google

import (
	"patchbay"
	"patchbay/internal/provider"
)

// results are the answers of a step: one functionResponse each, in one content. Their
// images and documents are parts of the response from Gemini 3 on; older models are
// shown them in a content of their own after it.
func (w *writer) results(msg *patchbay.Message) {
	major, _ := version(w.model)
	var responses, after []any
	for i := range msg.Parts {
		r := msg.Parts[i].Result
		list := provider.ContentOf(r.Raw)
		out := functionResponse{ID: w.ids[r.CallID], Name: r.Name}
		var shown []part
		for j := range list {
			c := &list[j]
			switch {
			case c.Data == "":
			case !takes(c.MIMEType):
				*c = provider.Content{Text: "[a part of the result, " + c.MIMEType + ": this model cannot be shown it]"}
			default:
				shown = append(shown, part{InlineData: &blob{MIMEType: c.MIMEType, Data: c.Data}})
			}
		}
		text := provider.TextOf(list)
		switch {
		case len(shown) == 0:
		case major >= 3:
			out.Parts = shown
		default:
			if text != "" {
				text += "\n\n"
			}
			text += "(The images or files of this result follow in the next message.)"
			lead := "From the result of a call of " + r.Name + ":"
			after = append(after, part{Text: &lead})
			for j := range shown {
				after = append(after, shown[j])
			}
		}
		key := "output"
		if r.IsError {
			key = "error"
		}
		out.Response = map[string]string{key: text}
		responses = append(responses, part{FunctionResponse: &out})
	}
	w.add("user", responses)
	w.add("user", after)
}
