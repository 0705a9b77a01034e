package expand_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"patchbay"
	"patchbay/internal/expand"
)

func modelEnv(name string) (string, bool) {
	v, ok := map[string]string{
		"OPENAI_API_KEY": "fake-model-key\n", "TEAM": "red", "CREDS_KEY": "fake-creds", "DATABASE_URL": "fake-database",
		"BASE": "https://m.example/v1", "TWICE": "${TEAM}", "LINES": "a\r\nX-Admin: yes", "WIDE": "東",
	}[name]
	return v, ok
}

func TestProviderText(t *testing.T) {
	for _, tc := range []struct{ text, want, err string }{
		{"", "", ""},
		{"plain", "plain", ""},
		{"${OPENAI_API_KEY}", "fake-model-key", ""}, // what a file ends with is no part of a key
		{"${BASE}/x", "https://m.example/v1/x", ""},
		{"${TWICE}", "${TEAM}", ""}, // once
		{"${NOT_SET}", "", "${NOT_SET} is not set"},
		{"${CREDS_KEY}", "", "cannot be expanded here"},
		{"${DATABASE_URL}", "", "cannot be expanded here"},
		{"${CREDS_KEY_FILE}", "", "cannot be expanded here"},
		{"{{LIBRECHAT_USER_ID}}", "", "needs a user"},
		{"{{TEAM}}", "", "cannot be expanded here"},
	} {
		got, err := expand.ProviderText(tc.text, modelEnv)
		if tc.err == "" && (err != nil || got != tc.want) || tc.err != "" && (err == nil || !strings.Contains(err.Error(), tc.err)) {
			t.Errorf("%q: %q, %v", tc.text, got, err)
		}
		if err != nil && strings.Contains(err.Error(), "fake-") {
			t.Errorf("%q: the error shows a value: %v", tc.text, err)
		}
	}
	if _, err := expand.ProviderText("${TEAM}", nil); err == nil {
		t.Error("without an environment nothing is set")
	}
}

func TestProviderHeaders(t *testing.T) {
	ada := &patchbay.User{ID: "ada-id", Name: "Ada", Username: "ada", Email: "ada@example.org", EmailVerified: true}
	unverified := *ada
	unverified.EmailVerified = false
	for _, tc := range []struct {
		name  string
		value string
		user  *patchbay.User
		want  string
		err   string
	}{
		{"text", "red", nil, "red", ""},
		{"environment", "Bearer ${OPENAI_API_KEY}", nil, "Bearer fake-model-key", ""},
		{"user", "{{LIBRECHAT_USER_ID}}/{{LIBRECHAT_USER_EMAIL}}", ada, "ada-id/ada@example.org", ""},
		{"an address that nobody verified", "{{LIBRECHAT_USER_EMAIL}}", &unverified, "", ""},
		{"nobody", "{{LIBRECHAT_USER_ID}}", nil, "", "needs a user"},
		{"line breaks of a person", "{{LIBRECHAT_USER_NAME}}", &patchbay.User{Name: "a\r\nX-Admin: yes"}, "", "control character"},
		{"line breaks of the environment", "${LINES}", nil, "", "control character"},
		{"beyond Latin-1", "${WIDE}", nil, "b64:5p2x", ""},
		{"a value is not looked at again", "{{LIBRECHAT_USER_NAME}}", &patchbay.User{Name: "${OPENAI_API_KEY}"}, "${OPENAI_API_KEY}", ""},
		{"our secrets", "${CREDS_KEY}", nil, "", "cannot be expanded here"},
	} {
		p := &patchbay.Provider{Headers: map[string]string{"X-A": tc.value}}
		h, err := expand.ProviderHeaders(p, expand.Values{Env: modelEnv, User: tc.user})
		switch {
		case tc.err != "":
			if err == nil || !strings.Contains(err.Error(), tc.err) || !strings.Contains(err.Error(), "X-A") || strings.Contains(err.Error(), "X-Admin") {
				t.Errorf("%s: %v", tc.name, err)
			}
		case err != nil || h.Get("X-A") != tc.want:
			t.Errorf("%s: %q, %v", tc.name, h, err)
		}
	}
}

func TestProviderHeadersOfARequest(t *testing.T) {
	p := &patchbay.Provider{Headers: map[string]string{
		"X-Run": "{{LIBRECHAT_BODY_MESSAGEID}}", "X-User": "{{LIBRECHAT_USER_ID}}", "X-Team": "${TEAM}",
	}}
	if diff := cmp.Diff([]string{"X-Run"}, expand.BodyHeaders(p)); diff != "" {
		t.Error(diff)
	}
	if !expand.PersonalHeaders(p) || expand.PersonalHeaders(&patchbay.Provider{Headers: map[string]string{"X-Team": "${TEAM}"}}) {
		t.Error("personal headers are those that name the user")
	}
	h, err := expand.ProviderHeaders(p, expand.Values{Env: modelEnv, User: &patchbay.User{ID: "ada"}})
	if diff := cmp.Diff(http.Header{"X-User": {"ada"}, "X-Team": {"red"}}, h); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

func TestCheckProvider(t *testing.T) {
	p := &patchbay.Provider{
		Key: patchbay.NewSecret("${CREDS_KEY}"), BaseURL: "https://{{LIBRECHAT_USER_ID}}.example",
		Headers: map[string]string{"A": "${B C}", "B": "{{LIBRECHAT_USER_NAMES}}", "C": "x\ny", "D": "{{LIBRECHAT_OPENID_TOKEN}}", "E": "${OPENAI_API_KEY}{{LIBRECHAT_USER_ID}}{{LIBRECHAT_BODY_MESSAGEID}}"},
	}
	var got []string
	for _, problem := range expand.CheckProvider(p) {
		got = append(got, problem.Path+" "+string(problem.Reason))
	}
	want := []string{"apiKey bad_definition", "baseURL bad_definition", "headers.A bad_definition", "headers.B bad_definition", "headers.C bad_definition", "headers.D needs_oidc_login"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestProviderEnv(t *testing.T) {
	p := &patchbay.Provider{
		Key: patchbay.NewSecret("${KEY}"), BaseURL: "${BASE}/${KEY}",
		Headers: map[string]string{"B": "${TEAM} {{LIBRECHAT_USER_ID}}", "A": "${CREDS_KEY} ${OPENAI_API_KEY}"},
	}
	want := []expand.EnvUse{{Name: "KEY", Path: "apiKey"}, {Name: "BASE", Path: "baseURL"}, {Name: "OPENAI_API_KEY", Path: "headers.A"}, {Name: "TEAM", Path: "headers.B"}}
	if diff := cmp.Diff(want, expand.ProviderEnv(p)); diff != "" {
		t.Error(diff)
	}
}

// FuzzProviderHeader checks that whatever a header of a provider says and whoever asks,
// what comes out is one line, without a secret of ours.
func FuzzProviderHeader(f *testing.F) {
	for _, text := range []string{"a", "${CREDS_KEY}", "${OPENAI_API_KEY}", "{{LIBRECHAT_USER_NAME}}", "${${CREDS_KEY}}", "{{{LIBRECHAT_USER_NAME}}}", "a\r\nb", "${creds_key_file}"} {
		f.Add(text, "Ada")
		f.Add(text, "a\r\nb: ${CREDS_KEY}")
	}
	f.Fuzz(func(t *testing.T, text, name string) {
		p := &patchbay.Provider{Headers: map[string]string{"X-A": text}}
		h, err := expand.ProviderHeaders(p, expand.Values{
			Env:  func(n string) (string, bool) { return "value of " + strings.ToUpper(n), true },
			User: &patchbay.User{Name: name},
		})
		if err != nil {
			return
		}
		v := h.Get("X-A")
		if slices.ContainsFunc([]byte(v), func(b byte) bool { return b < 0x20 || b == 0x7f }) {
			t.Fatalf("%q of %q", v, text)
		}
		for _, secret := range []string{"value of CREDS_KEY", "value of DATABASE_URL"} {
			if strings.Contains(v, secret) && !strings.Contains(text, secret) && !strings.Contains(name, secret) {
				t.Fatalf("%q of %q", v, text)
			}
		}
	})
}
