package client

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal[T any](t *testing.T, want, got T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("-want +got:\n%s", diff)
	}
}

func contains(t *testing.T, s, part string, want bool) {
	t.Helper()
	if strings.Contains(s, part) != want {
		t.Fatalf("%q contains %q: want %t", s, part, want)
	}
}
