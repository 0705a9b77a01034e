package chat

import (
	"encoding/json"
	"fmt"

	"patchbay"
)

// Caps of what people write.
const (
	maxWords       = 64 << 10 // bytes of instructions
	maxChosen      = 200      // servers of a conversation or an agent
	maxChosenTools = 2000     // tools of a conversation or an agent, together
	maxNameBytes   = 256      // of a provider, a model, a server, a tool, a spec
	maxStopAt      = 16
	maxParams      = 16 << 10 // bytes of what is added to a model's request
)

// fields gathers what is wrong with a form, one entry per field.
type fields []patchbay.FieldError

func (f *fields) add(path, message string) {
	*f = append(*f, patchbay.FieldError{Path: path, Message: message})
}

func (f *fields) addf(path, format string, args ...any) { f.add(path, fmt.Sprintf(format, args...)) }

// err is nil when nothing is wrong.
func (f *fields) err() error {
	if len(*f) == 0 {
		return nil
	}
	e := patchbay.Errorf(patchbay.CodeInvalid, "Some fields are not right. Correct them and try again.")
	e.Fields = *f
	return e
}

// name checks a short name of something: one line.
func (f *fields) name(path, s string) {
	if len(s) > maxNameBytes || !plainLine(s) {
		f.addf(path, "must be one line of at most %d bytes", maxNameBytes)
	}
}

// text checks a longer text.
func (f *fields) text(path, s string, most int) {
	switch {
	case len(s) > most:
		f.addf(path, "must have at most %d bytes", most)
	case !plainText(s):
		f.add(path, "must be text in UTF-8 without NUL")
	}
}

// settings checks what a message is answered with. Whether it is there and may be used is
// seen when it is.
func (f *fields) settings(path string, s *patchbay.ChatSettings) {
	f.name(path+".agentId", string(s.Agent))
	f.name(path+".spec", s.Spec)
	f.name(path+".provider", s.Provider)
	f.name(path+".model", s.Model)
	f.text(path+".instructions", s.Instructions, maxWords)
	if len(s.Servers) > maxChosen {
		f.addf(path+".mcpServers", "must have at most %d servers", maxChosen)
	} else {
		f.names(path+".mcpServers", s.Servers)
	}
	if len(s.ToolsOff) > maxChosenTools {
		f.addf(path+".toolsOff", "must have at most %d tools", maxChosenTools)
	} else {
		for i, key := range s.ToolsOff {
			if len(key) > 2*maxNameBytes || !plainLine(key) {
				f.addf(fmt.Sprintf("%s.toolsOff[%d]", path, i), "must be a tool key like tool_mcp_server")
			}
		}
	}
	f.params(path+".params", &s.Params)
}

// names checks names, none of them empty.
func (f *fields) names(path string, names []string) {
	for i, name := range names {
		at := fmt.Sprintf("%s[%d]", path, i)
		if name == "" {
			f.add(at, "must not be empty")
			continue
		}
		f.name(at, name)
	}
}

// params checks a model's parameters.
func (f *fields) params(path string, p *patchbay.ModelParams) {
	if p.MaxTokens < 0 {
		f.add(path+".maxTokens", "must not be negative")
	}
	if p.ThinkingBudget < 0 {
		f.add(path+".thinkingBudget", "must not be negative")
	}
	if t := p.Temperature; t != nil && !(*t >= 0 && *t <= 2) {
		f.add(path+".temperature", "must be from 0 to 2")
	}
	if t := p.TopP; t != nil && !(*t >= 0 && *t <= 1) {
		f.add(path+".topP", "must be from 0 to 1")
	}
	f.name(path+".effort", p.Effort)
	if len(p.StopAt) > maxStopAt {
		f.addf(path+".stopAt", "must have at most %d texts", maxStopAt)
	}
	size := 0
	for _, text := range p.StopAt {
		size += len(text)
		if !plainText(text) {
			f.add(path+".stopAt", "must be text in UTF-8 without NUL")
		}
	}
	for name, value := range p.Add {
		size += len(name) + len(value)
		if !json.Valid(value) {
			f.add(path+".add", "must hold JSON values")
		}
	}
	for _, name := range p.Drop {
		size += len(name)
	}
	if size > maxParams {
		f.addf(path, "must have at most %d bytes", maxParams)
	}
}
