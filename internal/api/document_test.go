package api

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

type openAPIDoc struct {
	OpenAPI    string                               `json:"openapi"`
	Servers    []map[string]string                  `json:"servers"`
	Paths      map[string]map[string]map[string]any `json:"paths"`
	Components struct {
		Schemas map[string]any `json:"schemas"`
	} `json:"components"`
}

// Every row that is not hidden is described, and every reference leads somewhere.
func TestOpenAPI(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.BaseURL = mustURL(t, "http://localhost/base") })
	rec := w.request(t, "GET", "/api/openapi.json", "", "")
	var doc openAPIDoc
	if err := json.Unmarshal(rec.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1") || doc.Servers[0]["url"] != "/base" {
		t.Errorf("version %q, servers %v", doc.OpenAPI, doc.Servers)
	}
	described := 0
	for _, rt := range w.s.routes() {
		op := doc.Paths[rt.pattern][strings.ToLower(rt.method)]
		if (op != nil) == rt.hidden {
			t.Errorf("%s %s: described %v, hidden %v", rt.method, rt.pattern, op != nil, rt.hidden)
		}
		if op == nil {
			continue
		}
		described++
		if op["operationId"] != rt.id || (op["security"] == nil) != (rt.who == public) {
			t.Errorf("%s %s: id %v, security %v", rt.method, rt.pattern, op["operationId"], op["security"])
		}
		params, _ := op["parameters"].([]any)
		for _, name := range pathParams(rt.pattern) {
			if text, _ := json.Marshal(params); !strings.Contains(string(text), `"in":"path","name":"`+name+`"`) {
				t.Errorf("%s %s: the parameter %s is not described", rt.method, rt.pattern, name)
			}
		}
	}
	for _, ref := range regexp.MustCompile(`#/components/schemas/([^"]+)`).FindAllStringSubmatch(rec.Body.String(), -1) {
		if doc.Components.Schemas[ref[1]] == nil {
			t.Errorf("the schema %s is referred to, and not there", ref[1])
		}
	}
	for _, foreign := range []string{"ErrorModel", "problem+json", "$schema"} {
		if strings.Contains(rec.Body.String(), foreign) {
			t.Errorf("the document holds %s", foreign)
		}
	}
	view, _ := json.Marshal(doc.Components.Schemas["ServerView"])
	for _, member := range []string{"customUserVars", "toolCount", "permissions", "command", "status"} {
		if !strings.Contains(string(view), `"`+member+`"`) {
			t.Errorf("the schema of a server lacks %s: %s", member, view)
		}
	}
}

// The page to try the API loads nothing of others and works under its policy.
func TestDocsPage(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.BaseURL = mustURL(t, "http://localhost/base") })
	page := w.request(t, "GET", "/api/docs", "", "")
	if !strings.Contains(page.Body.String(), `src="/base/api/docs/docs.js"`) || page.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("%v %s", page.Header(), page.Body)
	}
	inline := regexp.MustCompile(`(?i)<script>|<style|\son[a-z]+=|style="|https?://`)
	if found := inline.FindString(page.Body.String()); found != "" {
		t.Errorf("the page holds %q, which its policy refuses", found)
	}
	for file, contentType := range map[string]string{"docs.js": "text/javascript; charset=utf-8", "docs.css": "text/css; charset=utf-8"} {
		rec := w.request(t, "GET", "/api/docs/"+file, "", "")
		if rec.Code != 200 || rec.Header().Get("Content-Type") != contentType || strings.Contains(rec.Body.String(), "innerHTML") {
			t.Errorf("%s: %d %v", file, rec.Code, rec.Header())
		}
	}
	if rec := w.request(t, "GET", "/api/docs/..%2Fserver.go", "", ""); rec.Code != 404 {
		t.Errorf("a file from elsewhere: %d", rec.Code)
	}
}
