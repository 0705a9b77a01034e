package ui

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"patchbay"
	"patchbay/internal/testkit"
)

const (
	performancePage = "../../docs/performance.md"
	benchBegin      = "<!-- the web UI: written by make bench-ui -->\n"
	benchEnd        = "<!-- end of the web UI -->\n"
)

// TestBenchUI is bench.mjs: `make bench-ui`.
func TestBenchUI(t *testing.T) {
	if os.Getenv("UI_BENCH") == "" {
		t.Skip("run: make bench-ui")
	}
	chromium := needs(t)
	out := filepath.Join(t.TempDir(), "rows.json")
	drive(t, chromium, startInstance(t, benchConfiguration(t)), "bench.mjs", "UI_ROWS="+out)
	var got struct {
		Chromium string
		Rows     []struct {
			What     string
			Budget   int
			Measured int
			Unit     string
		}
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\nCommand: `make bench-ui`. Date: %s. Chromium %s, headless, %s/%s, %d CPUs.\n\n| what | budget | measured | |\n|---|---|---|---|\n",
		time.Now().UTC().Format(time.DateOnly), got.Chromium, runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	for _, r := range got.Rows {
		word := "met"
		if r.Measured > r.Budget {
			word = "missed"
		}
		fmt.Fprintf(&b, "| %s | ≤ %d %s | %d %s | %s |\n", r.What, r.Budget, r.Unit, r.Measured, r.Unit, word)
	}
	sizes, err := exec.Command("node", "../../web/scripts/budget.mjs").CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, sizes)
	}
	fmt.Fprintf(&b, "\nScript that a page loads before it shows, and all styles, compressed:\n\n```\n%s```\n\n", sizes)
	t.Log(b.String())
	page, err := os.ReadFile(performancePage)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(page), benchBegin)
	_, tail, ended := strings.Cut(rest, benchEnd)
	if !ok || !ended {
		t.Fatal("docs/performance.md has lost the place of the web UI")
	}
	if err := os.WriteFile(performancePage, []byte(head+benchBegin+b.String()+benchEnd+tail), 0o600); err != nil {
		t.Fatal(err)
	}
}

// benchConfiguration has fifty servers with twenty tools each, and a model that writes a
// long text when it is asked to, and a short one else.
func benchConfiguration(t *testing.T) string {
	server := startTools(t, 20)
	var long strings.Builder
	for i := range 10_000 / 50 {
		fmt.Fprintf(&long, "Paragraph %d of a long answer, with **bold** words, `code` and a [link](https://example.com/%d), goes on for about forty tokens so that the whole is long enough.\n\n", i, i)
	}
	long.WriteString("That was all.")
	words := patchbay.TextMessage(patchbay.FromModel, long.String())
	short := patchbay.TextMessage(patchbay.FromModel, "A short **answer** with `code`.")
	words.Stop, short.Stop = patchbay.StopEnd, patchbay.StopEnd
	models := testkit.NewModelsFunc(t, func(turn int) testkit.ModelReply {
		if turn == 0 {
			return testkit.ModelReply{Message: &words, Pieces: 4, Chunk: 3400, Every: 35 * time.Millisecond}
		}
		return testkit.ModelReply{Message: &short, Pieces: 100}
	})
	c := "version: 1.2.8\nendpoints:\n  custom:\n    - { name: Scripted, baseURL: " + models.URL().String() + "/v1, apiKey: fake-key, models: { default: [fake-small], fetch: false }, titleConvo: false }\nmcpServers:\n"
	for i := range 50 {
		c += fmt.Sprintf("  server-%02d: { title: Server %02d, description: One of fifty., type: streamable-http, url: %q }\n", i, i, server)
	}
	return c
}
