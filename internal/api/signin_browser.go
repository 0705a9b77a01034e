package api

import (
	"errors"
	"html/template"
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"

	"patchbay"
	"patchbay/internal/flow"
)

// initiateSignIn sends a browser to the authorization server. Another site that leads here
// gets no further than a page with a button, so that nobody signs in without meaning to.
func (s *Server) initiateSignIn(w http.ResponseWriter, r *http.Request, c *caller) {
	if err := s.noSignIns(); err != nil {
		s.fail(w, err)
		return
	}
	if fromElsewhere(r) {
		s.askFirst(w, r, c.server)
		return
	}
	value, cookie := s.binding(r)
	query := r.URL.Query()
	to, err := s.o.SignIns.Initiate(r.Context(), s.visit(r, c, value), query.Get("userId"), query.Get("flowId"))
	if err != nil {
		s.stranded(w, r, c.server.Name, err)
		return
	}
	http.SetCookie(w, cookie)
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusFound)
}

// finishSignIn takes a browser that comes back.
func (s *Server) finishSignIn(w http.ResponseWriter, r *http.Request, c *caller) {
	if err := s.noSignIns(); err != nil {
		s.fail(w, err)
		return
	}
	if len(r.URL.RawQuery) > maxCallback {
		s.landing(w, r, c.server.Name, flow.Failed)
		return
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		s.landing(w, r, c.server.Name, flow.Failed)
		return
	}
	again, err := s.o.SignIns.Callback(r.Context(), s.visit(r, c, s.bound(r)), query)
	switch {
	case err != nil:
		s.stranded(w, r, c.server.Name, err)
	case again != "":
		_, cookie := s.binding(r)
		http.SetCookie(w, cookie)
		w.Header().Set("Location", again)
		w.WriteHeader(http.StatusFound)
	default:
		s.landing(w, r, c.server.Name, flow.Done)
	}
}

// maxCallback is how many bytes of query may come back with a person.
const maxCallback = 32 << 10

func (s *Server) visit(r *http.Request, c *caller, browser string) flow.Visit {
	return flow.Visit{Actor: c.actor, Server: c.server, Browser: browser, Base: s.baseOf(r)}
}

// stranded answers a way that leads no further: a browser gets the page that says why, a
// program the error.
func (s *Server) stranded(w http.ResponseWriter, r *http.Request, server string, err error) {
	var f *flow.Failure
	if !errors.As(err, &f) {
		s.fail(w, err)
		return
	}
	if wantsPage(r) {
		s.landing(w, r, server, f.Outcome)
		return
	}
	code := patchbay.CodeConnectFailed
	switch f.Outcome {
	case flow.Unknown, flow.Expired:
		code = patchbay.CodeNotFound
	case flow.Person, flow.Browser, flow.Denied, flow.Issuer:
		code = patchbay.CodeForbidden
	case flow.Changed:
		code = patchbay.CodeConflict
	}
	s.fail(w, &patchbay.Error{Code: code, Message: f.Message, Detail: map[string]any{"serverName": server, "outcome": f.Outcome}, Err: f.Err})
}

// landing sends a browser to the page where a sign-in ends. The outcome is behind the #:
// the page shows the right words without a script.
func (s *Server) landing(w http.ResponseWriter, r *http.Request, server string, o flow.Outcome) {
	w.Header().Set("Location", s.baseOf(r)+"/oauth/done?"+url.Values{"serverName": {server}}.Encode()+"#"+string(o))
	w.WriteHeader(http.StatusSeeOther)
}

// cannotInitiate answers a browser that the guard turned away from initiate: who is not
// logged in logs in and comes back.
func (s *Server) cannotInitiate(w http.ResponseWriter, r *http.Request, err error) {
	if patchbay.CodeOf(err) != patchbay.CodeUnauthenticated {
		s.turnedAway(w, r, err)
		return
	}
	here := s.base + r.URL.EscapedPath() + "?" + r.URL.RawQuery
	w.Header().Set("Location", s.baseOf(r)+"/login?"+url.Values{"next": {here}}.Encode())
	w.WriteHeader(http.StatusSeeOther)
}

// cannotFinish answers a browser that the guard turned away from the callback. What it
// brought is not kept: whoever logs in next need not be the one who began.
func (s *Server) cannotFinish(w http.ResponseWriter, r *http.Request, err error) {
	s.turnedAway(w, r, err)
}

func (s *Server) turnedAway(w http.ResponseWriter, r *http.Request, err error) {
	outcome := flow.Failed
	switch patchbay.CodeOf(err) {
	case patchbay.CodeUnauthenticated:
		outcome = flow.Login
	case patchbay.CodeNotFound, patchbay.CodeForbidden:
		outcome = flow.Person // which of both it is, is nobody's business
	}
	s.landing(w, r, param(r, "serverName"), outcome)
}

// askPage is what stands between another site's link and a sign-in.
var askPage = template.Must(template.New("ask").Parse(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Sign in to {{.Server}} – patchbay</title>
<link rel="stylesheet" href="{{.Base}}/oauth/page.css">
</head>
<body>
<main>
<h1>Sign in to {{.Server}}?</h1>
<p>Another site led you here. patchbay will send you to the sign-in page of this MCP server, and keep what it gives for your account.</p>
<p><a class="button" id="continue" href="{{.Here}}">Continue to sign in</a></p>
<p><a href="{{.Base}}/">Back to patchbay</a></p>
</main>
</body>
</html>
`))

func (s *Server) askFirst(w http.ResponseWriter, r *http.Request, server *patchbay.Server) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Frame-Options", "DENY")
	page := struct{ Server, Base, Here string }{server.DisplayName(), s.base, s.base + r.URL.EscapedPath() + "?" + r.URL.RawQuery}
	_ = askPage.Execute(w, page) // the client is gone: nobody to tell
}

func documentInitiate(op *huma.Operation, _ huma.Registry) {
	op.Parameters = append(
		op.Parameters,
		&huma.Param{Name: "userId", In: "query", Required: true, Schema: &huma.Schema{Type: "string"}},
		&huma.Param{Name: "flowId", In: "query", Required: true, Schema: &huma.Schema{Type: "string"}},
	)
	op.Responses["302"] = &huma.Response{Description: "To the authorization server"}
	op.Responses["200"] = &huma.Response{Description: "A page with a button, when another site led here", Content: map[string]*huma.MediaType{"text/html": {}}}
	op.Responses["303"] = &huma.Response{Description: "Browsers only: to the login, or to the page that says what is in the way"}
}

func documentCallback(op *huma.Operation, _ huma.Registry) {
	for _, name := range []string{"code", "state", "iss", "error", "error_description"} {
		op.Parameters = append(op.Parameters, &huma.Param{Name: name, In: "query", Schema: &huma.Schema{Type: "string"}})
	}
	op.Responses["303"] = &huma.Response{Description: "To the page that says how it ended"}
	op.Responses["302"] = &huma.Response{Description: "To the authorization server once more, when it had forgotten this client"}
}
