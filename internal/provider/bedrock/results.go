package bedrock

import (
	"strings"

	"patchbay"
	"patchbay/internal/provider"
)

// results are the answers of a step, in one message of the user's: first all results,
// then the images and documents that did not fit into them.
func (w *writer) results(msg *patchbay.Message) {
	var blocks, after []block
	for i := range msg.Parts {
		r := msg.Parts[i].Result
		out := &toolResult{ID: r.CallID, Content: []block{}}
		// A family that knows no errors is told in words. Claude takes no images in them.
		rich := w.family.richResults()
		inside := rich && (!r.IsError || !w.family.claude)
		if r.IsError && rich {
			out.Status = "error"
		} else if r.IsError {
			out.Content = append(out.Content, text("Error:"))
		}
		content := provider.ContentOf(r.Raw)
		told := false
		for j := range content {
			c := &content[j]
			var shown []block
			switch {
			case c.Data == "":
				if strings.TrimSpace(c.Text) != "" {
					out.Content = append(out.Content, text(c.Text))
				}
				continue
			case c.IsImage():
				shown = []block{{Image: &media{Format: imageFormat(c.MIMEType), Source: source{c.Data}}}}
			default:
				shown = w.document(c.Name, c.Data)
			}
			if inside {
				out.Content = append(out.Content, shown...)
				continue
			}
			if !told {
				told = true
				out.Content = append(out.Content, text("(More of this result follows after the results.)"))
				after = append(after, text("From the result of the call "+r.CallID+" of "+r.Name+":"))
			}
			after = append(after, shown...)
		}
		if len(out.Content) == 0 {
			out.Content = append(out.Content, text("(No response)"))
		}
		blocks = append(blocks, block{ToolResult: out})
	}
	w.add(roleUser, append(blocks, after...))
}
