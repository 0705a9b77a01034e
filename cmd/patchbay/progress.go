package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"patchbay"
)

// progress shows the notes of a running call: on a terminal as one line that is written
// over, elsewhere as a line each. Its methods are called one after the other.
type progress struct {
	w       io.Writer
	live    bool
	width   int
	pending bool // the live line is on the screen
}

func newProgress(w io.Writer) *progress {
	return &progress{w: w, live: isTerminal(w), width: terminalWidth(w)}
}

const clearLine = "\r\x1b[K"

func (p *progress) note(n patchbay.Note) {
	text := noteText(n)
	if !p.live {
		fmt.Fprintln(p.w, text)
		return
	}
	if n.Kind == patchbay.NoteProgress {
		fmt.Fprint(p.w, clearLine, cut(text, p.width))
		p.pending = true
		return
	}
	p.end()
	fmt.Fprintln(p.w, text)
}

// end takes the live line away.
func (p *progress) end() {
	if p.pending {
		fmt.Fprint(p.w, clearLine)
		p.pending = false
	}
}

func noteText(n patchbay.Note) string {
	var params struct {
		Progress *float64        `json:"progress"`
		Total    *float64        `json:"total"`
		Message  string          `json:"message"`
		Level    string          `json:"level"`
		Data     json.RawMessage `json:"data"`
	}
	if json.Unmarshal(n.Params, &params) != nil {
		return clean(string(n.Kind) + " " + string(n.Params))
	}
	if n.Kind == patchbay.NoteLog {
		data := string(params.Data)
		var text string
		if json.Unmarshal(params.Data, &text) == nil {
			data = text
		}
		return clean(fmt.Sprintf("[%s] %s", params.Level, data))
	}
	text := "progress"
	if params.Progress != nil {
		text += " " + number(*params.Progress)
		if params.Total != nil {
			text += "/" + number(*params.Total)
		}
	}
	if params.Message != "" {
		text += ": " + params.Message
	}
	return clean(text)
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
