// Package bench holds the programs and files that measure patchbay. Its tests keep them
// in step with what patchbay reads.
package bench

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
	"text/template"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/config"
	"patchbay/internal/expand"
)

type peer struct {
	Name    string
	Cmd     []string
	Need    []string
	Prepare []string
	Tokens  string
	Files   map[string]string
	Mode    string
	URL     string
	Body    string
	Kinds   []string
}

// server is what the suite puts into a template, one for each upstream.
type server struct {
	Name, Kind, URL, Cmd string
	Args                 []string
	Last                 bool
}

func peers(t *testing.T) map[string]peer {
	t.Helper()
	raw, err := os.ReadFile("peers.json")
	require.NoError(t, err)
	var list []peer
	require.NoError(t, json.Unmarshal(raw, &list))
	all := map[string]peer{}
	for _, p := range list {
		all[p.Name] = p
	}
	return all
}

func TestPeers(t *testing.T) {
	all := peers(t)
	require.Contains(t, all, "ref-hop")
	p := all["patchbay"]
	require.Equal(t, "rest", p.Mode)
	require.Contains(t, p.URL, "/api/mcp/servers/{{.Server}}/tools/echo/call")
	body := bytes.ReplaceAll([]byte(p.Body), []byte("@TEXT@"), []byte("x"))
	require.JSONEq(t, `{"arguments":{"text":"x"}}`, string(body))
}

// The file that the suite writes for patchbay is one that patchbay reads, with a
// connection for each user and limits that do not get in the way.
func TestTemplate(t *testing.T) {
	for _, kind := range peers(t)["patchbay"].Kinds {
		t.Run(kind, func(t *testing.T) {
			cfg, err := config.Parse(render(t, kind), config.Options{Path: "librechat.yaml"})
			require.NoError(t, err)
			require.Empty(t, warnings(cfg), "%s", config.Format(cfg.Findings))
			require.Len(t, cfg.Servers, 2)
			for _, def := range cfg.Servers {
				require.Nil(t, def.Problem)
				require.Equal(t, patchbay.LevelUser, expand.LevelOf(def))
			}
			require.GreaterOrEqual(t, cfg.Settings.Limits.UserCallsPerMinute, 1_000_000_000)
			require.GreaterOrEqual(t, cfg.Settings.Limits.UserConcurrentCalls, 1_000_000)
		})
	}
}

func render(t *testing.T, kind string) []byte {
	t.Helper()
	text, err := os.ReadFile("peers/patchbay.yaml.tmpl")
	require.NoError(t, err)
	tmpl, err := template.New("x").Funcs(template.FuncMap{"json": func(v any) (string, error) {
		b, err := json.Marshal(v)
		return string(b), err
	}}).Parse(string(text))
	require.NoError(t, err)
	servers := []server{
		{Name: "s0", Kind: kind, URL: "http://127.0.0.1:9100/s0/mcp"},
		{Name: "s1", Kind: kind, URL: "http://127.0.0.1:9100/s1/mcp", Last: true},
	}
	if kind == "stdio" {
		for i := range servers {
			servers[i].URL, servers[i].Cmd, servers[i].Args = "", "/opt/bench/upstream", []string{"-stdio", "-impl", "raw"}
		}
	}
	var out bytes.Buffer
	require.NoError(t, tmpl.Execute(&out, map[string]any{"Servers": servers}))
	return out.Bytes()
}

// warnings are the findings that are more than a note.
func warnings(cfg *config.Config) []config.Finding {
	var all []config.Finding
	for _, f := range cfg.Findings {
		if f.Severity == config.SeverityError || f.Severity == config.SeverityWarning {
			all = append(all, f)
		}
	}
	return all
}
