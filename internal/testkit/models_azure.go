package testkit

import (
	"errors"
	"net/http"
	"strings"

	"patchbay"
)

// azureFormat is Chat Completions as Azure speaks them at its older address: the version
// in the query, the key in a header of its own, and what the filter thinks beside what
// the model says.
var azureFormat = format{
	stream: azureStream, failure: openAIFailure,
	check: func(r *http.Request, body []byte) error {
		switch {
		case r.URL.Query().Get("api-version") == "":
			return errors.New("the api-version query parameter is missing")
		case r.Header.Get("Api-Key") == "" || r.Header.Get("Authorization") != "":
			return errors.New("access denied due to missing api-key")
		}
		return checkChat(body)
	},
	model: func(r *http.Request, _ []byte) string {
		_, rest, _ := strings.Cut(r.URL.Path, "/openai/deployments/")
		return strings.TrimSuffix(rest, "/chat/completions")
	},
}

func azureStream(w *sseWriter, m *patchbay.Message, model string) {
	filter := obj{"hate": obj{"filtered": false, "severity": "safe"}}
	w.event("", obj{"id": "", "object": "", "created": 0, "model": "", "choices": []obj{}, "prompt_filter_results": []obj{{"prompt_index": 0, "content_filter_results": filter}}})
	chatStream(w, m, model)
}
