package expand_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"patchbay"
	"patchbay/internal/expand"
)

func TestLevelOf(t *testing.T) {
	yes, no := true, false
	for _, tc := range []struct {
		name string
		def  patchbay.Server
		want patchbay.Level
	}{
		{"nothing of a user", patchbay.Server{URL: "https://h/${TOKEN}"}, patchbay.LevelApp},
		{"user field", patchbay.Server{Headers: map[string]string{"A": "{{LIBRECHAT_USER_ID}}"}}, patchbay.LevelUser},
		{"user field in args", patchbay.Server{Args: []string{"{{LIBRECHAT_USER_ID}}"}}, patchbay.LevelUser},
		{"user field in oauth", patchbay.Server{RequiresOAuth: &no, OAuth: &patchbay.OAuthConfig{ClientID: "{{LIBRECHAT_USER_ID}}"}}, patchbay.LevelUser},
		{"user field in requestHeaders", patchbay.Server{RequestHeaders: map[string]string{"A": "{{LIBRECHAT_USER_ID}}"}}, patchbay.LevelUser},
		{"variables, even unused", patchbay.Server{UserVars: vars("A")}, patchbay.LevelUser},
		{"requiresOAuth", patchbay.Server{RequiresOAuth: &yes}, patchbay.LevelUser},
		{"oauth block", patchbay.Server{OAuth: &patchbay.OAuthConfig{}}, patchbay.LevelUser},
		{"oauth block turned off", patchbay.Server{RequiresOAuth: &no, OAuth: &patchbay.OAuthConfig{}}, patchbay.LevelApp},
		{"client credentials", patchbay.Server{OAuth: &patchbay.OAuthConfig{GrantTypes: []string{"client_credentials"}}}, patchbay.LevelApp},
		{"body", patchbay.Server{URL: "https://h/{{LIBRECHAT_BODY_MESSAGEID}}"}, patchbay.LevelRun},
		{"body and user", patchbay.Server{URL: "https://h/{{LIBRECHAT_USER_ID}}", Headers: map[string]string{"A": "{{LIBRECHAT_BODY_MESSAGEID}}"}}, patchbay.LevelRun},
		{"forced to user", patchbay.Server{ForcedLevel: patchbay.LevelUser}, patchbay.LevelUser},
		{"body wins over forced", patchbay.Server{ForcedLevel: patchbay.LevelUser, URL: "https://h/{{LIBRECHAT_BODY_MESSAGEID}}"}, patchbay.LevelRun},
		{"text that is not expanded", patchbay.Server{Description: "{{LIBRECHAT_USER_ID}}"}, patchbay.LevelApp},
		{"api key of the operator", patchbay.Server{APIKey: &patchbay.APIKey{Source: "admin", Key: "${K}"}}, patchbay.LevelApp},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := expand.LevelOf(&tc.def); got != tc.want {
				t.Errorf("%s, want %s", got, tc.want)
			}
			if shared := len(expand.UserParts(&tc.def)) == 0; tc.def.ForcedLevel == "" && shared != (tc.want == patchbay.LevelApp) {
				t.Errorf("UserParts says %v", expand.UserParts(&tc.def))
			}
		})
	}
}

func TestNeeds(t *testing.T) {
	def := &patchbay.Server{
		UserVars: vars("B", "A", "UNUSED"),
		URL:      "https://h/{{A}}/{{LIBRECHAT_BODY_MESSAGEID}}", Headers: map[string]string{"X": "{{B}}${E1}", "Y": "${E2}${E1}{{A}}"},
		Proxy: "http://${P}@p", APIKey: &patchbay.APIKey{Key: "${K}"},
	}
	if diff := cmp.Diff([]string{"B", "A"}, expand.UserVarsNeeded(def)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"A"}, expand.MissingVars(def, map[string]string{"A": "", "B": "x"})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"E1", "E2", "P", "K"}, expand.EnvNames(def)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"messageId"}, expand.BodyFields(def)); diff != "" {
		t.Error(diff)
	}
	if n := len(expand.UserFields()); n != 18 {
		t.Errorf("%d user fields, want 18", n)
	}
}

func TestIsSecretEnv(t *testing.T) {
	for name, want := range map[string]bool{
		"CREDS_KEY": true, "creds_key": true, "CREDS_KEY_FILE": true, "DATABASE_URL": true, "OPENAI_API_KEY": true,
		"OPENAI_API_KEY_FILE": true, "GITHUB_TOKEN": false, "API_TOKEN": false, "PATH": false, "CREDS_KEY_OLD": false,
	} {
		if got := expand.IsSecretEnv(name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
