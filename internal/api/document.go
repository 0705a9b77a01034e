package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"

	"patchbay"
	"patchbay/internal/httpkit"
)

const bodyTimeout = 30 * time.Second // how long a client may take to send its body

// document registers rows: typed ones through huma, which decodes, validates and describes
// them; plain ones directly, described by hand.
type document struct {
	s    *Server
	api  huma.API
	rows map[string]*route // by operation id
}

func newDocument(s *Server, table []route) *document {
	d := &document{s: s, rows: make(map[string]*route, len(table))}
	for i := range table {
		d.rows[table[i].id] = &table[i]
	}
	server := s.base
	if server == "" {
		server = "/"
	}
	schemas := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	d.api = huma.NewAPI(huma.Config{ // not DefaultConfig: its pages load scripts of others
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info:    &huma.Info{Title: "patchbay", Version: patchbay.Version, Description: "Servers, tools, chats, agents, models and accounts of this host."},
			Servers: []*huma.Server{{URL: server}},
			Components: &huma.Components{
				Schemas:         schemas,
				SecuritySchemes: map[string]*huma.SecurityScheme{"token": {Type: "http", Scheme: "bearer", Description: "A login token or an API token."}},
			},
		},
		Formats:       map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{d.transform},
	}, d)
	return d
}

// add registers one row.
func (d *document) add(rt *route) {
	op := huma.Operation{
		OperationID:   rt.id,
		Method:        rt.method,
		Path:          rt.pattern,
		Summary:       rt.summary,
		Description:   rt.describe(),
		Tags:          []string{rt.tag()},
		DefaultStatus: rt.status,
		MaxBodyBytes:  rt.body + 1, // huma refuses at the limit, we above it
		Hidden:        rt.hidden,
		Responses: map[string]*huma.Response{"default": {
			Description: "What went wrong",
			Content:     map[string]*huma.MediaType{"application/json": {Schema: d.schemas().Schema(reflect.TypeFor[errorBody](), true, "")}},
		}},
	}
	if rt.who != public {
		op.Security = []map[string][]string{{"token": {}}}
	}
	if rt.handler.typed != nil {
		rt.handler.typed(d.api, op)
		return
	}
	d.s.handle(rt, rt.handler.plain)
	if rt.hidden {
		return
	}
	for _, name := range pathParams(rt.pattern) {
		op.Parameters = append(op.Parameters, &huma.Param{Name: name, In: "path", Required: true, Schema: &huma.Schema{Type: "string"}})
	}
	if rt.handler.document != nil {
		rt.handler.document(&op, d.schemas())
	}
	d.api.OpenAPI().AddOperation(&op)
}

func (d *document) schemas() huma.Registry { return d.api.OpenAPI().Components.Schemas }

// json returns the finished description. Ours is the only error there is: the one that
// huma describes by default never goes out.
func (d *document) json() ([]byte, error) {
	delete(d.schemas().Map(), "ErrorModel")
	delete(d.schemas().Map(), "ErrorDetail")
	out, err := json.Marshal(d.api.OpenAPI())
	if err != nil {
		return nil, fmt.Errorf("api: describe: %w", err)
	}
	return out, nil
}

// Handle is called by huma for each typed row.
func (d *document) Handle(op *huma.Operation, next func(huma.Context)) {
	d.s.handle(d.rows[op.OperationID], func(w http.ResponseWriter, r *http.Request, c *caller) {
		next(&requestContext{humaContext: humachi.NewContext(op, r, w), w: w, caller: c})
	})
}

// ServeHTTP is part of huma's adapter; requests come in by Server.ServeHTTP.
func (d *document) ServeHTTP(w http.ResponseWriter, r *http.Request) { d.s.ServeHTTP(w, r) }

// humaContext is embedded under this name, because its own is that of a method.
type humaContext huma.Context

// requestContext hands the caller to the input structs, as a parameter and not inside a
// context.Context.
type requestContext struct {
	humaContext
	w      http.ResponseWriter
	caller *caller
}

// SetReadDeadline is a no-op: huma would leave its deadline on the connection, where
// net/http takes its passing for a client that went away. BodyReader sets one instead.
func (*requestContext) SetReadDeadline(time.Time) error { return nil }

func (c *requestContext) BodyReader() io.Reader {
	return newTimedBody(c.w, c.caller.r.Body)
}

// timedBody lifts the deadline of a body when the body has been read.
type timedBody struct {
	io.Reader
	rc *http.ResponseController
}

func newTimedBody(w http.ResponseWriter, body io.Reader) *timedBody {
	b := &timedBody{Reader: body, rc: http.NewResponseController(w)}
	_ = b.rc.SetReadDeadline(time.Now().Add(bodyTimeout)) // not supported: a recorder of a test
	return b
}

// Close leaves the body itself to net/http.
func (b *timedBody) Close() error {
	_ = b.rc.SetReadDeadline(time.Time{})
	return nil
}

// Resolve is how huma hands the request to an input struct that has a caller.
func (c *caller) Resolve(ctx huma.Context) []error {
	rc, ok := ctx.(*requestContext)
	if !ok {
		return []error{errors.New("api: a request without its guard")}
	}
	*c = *rc.caller
	return nil
}

// typed makes a handler of an action with JSON input and output. I has a member
// `Caller caller`, O a member Body.
func typed[I, O any](s *Server, action func(ctx context.Context, in *I) (*O, error)) handler {
	return handler{typed: func(api huma.API, op huma.Operation) {
		huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
			out, err := action(ctx, in)
			if err != nil {
				a := httpkit.AnswerOf(s.o.Log, ofBody(op.Tags, err))
				return nil, &answerError{a}
			}
			return out, nil
		})
	}}
}

// answerError carries our error answer through huma.
type answerError struct{ a httpkit.Answer }

func (e *answerError) Error() string           { return fmt.Sprint(e.a.Body["error"]) }
func (e *answerError) GetStatus() int          { return e.a.Status }
func (e *answerError) GetHeaders() http.Header { return e.a.Header }

func (rt *route) describe() string {
	if rt.who == public {
		return "Open to everybody: " + rt.why + "."
	}
	var b strings.Builder
	switch {
	case rt.who == admin:
		b.WriteString("For admins.")
	case rt.perm != 0:
		fmt.Fprintf(&b, "Needs %s on the server.", rt.perm)
	default:
		b.WriteString("For everybody who is signed in.")
	}
	fmt.Fprintf(&b, " API tokens need the scope `%s`.", rt.scope)
	if rt.later {
		b.WriteString(" Not available in this build.")
	}
	return b.String()
}

// Tags that mean something to us.
const (
	tagChat   = "chat"
	tagAgents = "agents"
	tagModels = "models"
)

func (rt *route) tag() string {
	rest, ok := strings.CutPrefix(rt.pattern, "/api/")
	if !ok {
		return "host"
	}
	first, _, _ := strings.Cut(rest, "/")
	switch first {
	case "mcp":
		return "servers"
	case "user", "users", "auth", "people", "groups":
		return "accounts"
	case "messages", "conversations", "runs", "waits", "questions", "approvals", "attachments":
		return tagChat
	case "agents":
		return tagAgents
	case "endpoints", "models", "model-specs", "keys":
		return tagModels
	}
	return "host"
}

// pathParams are the parameters of a pattern, in its order: the description of the API is
// the same at every start.
func pathParams(pattern string) (names []string) {
	for part := range strings.SplitSeq(pattern, "/") {
		if strings.HasPrefix(part, "{") {
			names = append(names, strings.Trim(part, "{}"))
		}
	}
	return names
}
