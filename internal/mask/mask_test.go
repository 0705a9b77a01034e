package mask_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"patchbay/internal/mask"
)

func TestMask(t *testing.T) {
	tests := map[string]struct {
		hide     func(name, value string) string
		name, in string
		want     string
	}{
		"placeholder":                {mask.Env, "API_TOKEN", "${API_TOKEN}", "${API_TOKEN}"},
		"user placeholder, scheme":   {mask.Header, "Authorization", "Bearer {{X}}", "Bearer {{X}}"},
		"literal bearer":             {mask.Header, "Authorization", "Bearer abc", "set"},
		"literal beside placeholder": {mask.Header, "Authorization", "Bearer abc{{X}}", "set"},
		"unknown header":             {mask.Header, "X-Anything", "abc", "set"},
		"harmless header":            {mask.Header, "accept", "text/html", "text/html"},
		"plain setting":              {mask.Env, "NODE_ENV", "production", "production"},
		"secret by name":             {mask.Env, "DB_PASSWORD", "abc", "set"},
		"secret by prefix":           {mask.Env, "THING", "ghp_abc", "set"},
		"secret by length":           {mask.Env, "THING", "abcdefgh12345678", "set"},
		"secret in a URL":            {mask.Env, "UPSTREAM", "postgres://u:p@db/x", "set"},
		"a long path is none":        {mask.Env, "HOME", "/home/somebody/folder/other", "/home/somebody/folder/other"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := test.hide(test.name, test.in); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	got := mask.Args([]string{"--token", "abc", "--api-key=abc", "--port", "80", "TOKEN=abc", "--header=Bearer x", "sk-abcdef"})
	if diff := cmp.Diff([]string{"--token", "set", "--api-key=set", "--port", "80", "TOKEN=set", "--header=set", "set"}, got); diff != "" {
		t.Errorf("args (-want +got):\n%s", diff)
	}
}
