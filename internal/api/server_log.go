package api

import (
	"context"
	"strings"
	"time"

	"patchbay"
	"patchbay/internal/conn"
	"patchbay/internal/mask"
)

// Logs keeps what happened to connections; *tools.Service has it. It checks EDIT, answers
// from memory and may be called by many goroutines.
type Logs interface {
	Log(ctx context.Context, actor patchbay.Actor, server *patchbay.Server) ([]conn.LogLine, error)
}

// LogLineView is something that happened, or a line that the server printed.
type LogLineView struct {
	At   *time.Time `json:"at" doc:"null: not known"`
	From string     `json:"from" enum:"connection,server"`
	Text string     `json:"text"`
}

type serverLogOutput struct {
	Body struct {
		Data []LogLineView `json:"data" doc:"What happened, oldest first; then what the server printed to its standard error"`
	}
}

// getServerLog shows the log of the actor's own connection: what a server prints for one
// person may be about that person.
func (s *Server) getServerLog(ctx context.Context, in *oneServerInput) (*serverLogOutput, error) {
	if s.o.Logs == nil {
		return nil, errNotYet("The log of a server")
	}
	lines, err := s.o.Logs.Log(ctx, in.Caller.actor, in.Caller.server)
	if err != nil {
		return nil, err
	}
	out := &serverLogOutput{}
	out.Body.Data = make([]LogLineView, len(lines))
	hide := literalSecrets(in.Caller.server)
	for i, line := range lines {
		v := &out.Body.Data[i]
		v.From, v.Text = "connection", hide.Replace(line.Text)
		if line.Printed {
			v.From = "server"
		}
		if !line.At.IsZero() {
			at := line.At.UTC()
			v.At = &at
		}
	}
	return out, nil
}

// literalSecrets hides the values that a definition shows as "set".
func literalSecrets(def *patchbay.Server) *strings.Replacer {
	var secrets []string
	hide := func(value string) {
		for _, part := range append(strings.Fields(value), value) {
			if mask.Literal(part) {
				secrets = append(secrets, part)
			}
		}
	}
	each := func(m map[string]string, show func(name, value string) string) {
		for name, value := range m {
			if show(name, value) == mask.Set {
				hide(value)
			}
		}
	}
	each(def.Env, mask.Env)
	for _, m := range []map[string]string{def.Headers, def.RequestHeaders, def.OAuthHeaders} {
		each(m, mask.Header)
	}
	for i, shown := range mask.Args(def.Args) {
		if shown != def.Args[i] {
			_, value, joined := strings.Cut(def.Args[i], "=")
			if !joined {
				value = def.Args[i]
			}
			hide(value)
		}
	}
	if def.OAuth != nil {
		hide(def.OAuth.ClientSecret)
	}
	if def.APIKey != nil {
		hide(def.APIKey.Key)
	}
	return conn.Hide(secrets)
}
