package conn

import (
	"encoding/json"
	"testing"

	"patchbay"
)

func TestShelf(t *testing.T) {
	list := func(description string) []patchbay.Tool {
		return []patchbay.Tool{{Name: "echo", Description: description, InputSchema: json.RawMessage(`{"type":"object"}`)}}
	}
	same := func(a, b []patchbay.Tool) bool { return &a[0] == &b[0] }
	var s shelf
	first := s.share("yaml/a", list("one"))
	if again := s.share("yaml/a", list("one")); !same(first, again) {
		t.Error("equal lists of one server are kept twice")
	}
	if other := s.share("yaml/b", list("one")); same(first, other) {
		t.Error("two servers share a list")
	}
	if other := s.share("yaml/a", list("for another role")); same(first, other) || other[0].Description != "for another role" {
		t.Error("a different list was replaced by the one of before")
	}
	s.clear("yaml/a")
	if again := s.share("yaml/a", list("one")); same(first, again) {
		t.Error("the list of a changed definition is still there")
	}
}
