package farend_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"patchbay"
	"patchbay/internal/testkit"
)

// TestDocument holds docs/far-end.md against the outcomes that TestMatrix wants: each
// case is there on each of its transports, once.
func TestDocument(t *testing.T) {
	raw, err := os.ReadFile("../../docs/far-end.md")
	if err != nil {
		t.Fatal(err)
	}
	type key struct {
		c  testkit.Case
		tr patchbay.Transport
	}
	told := map[key]outcome{}
	for line := range strings.Lines(string(raw)) {
		var cells []string
		for cell := range strings.SplitSeq(strings.Trim(strings.TrimSpace(line), "|"), "|") {
			cells = append(cells, strings.TrimSpace(cell))
		}
		c := testkit.Case(cells[0])
		if len(cells) != 7 || !slices.Contains(testkit.Cases(), c) {
			continue
		}
		transports := c.Transports()
		if cells[2] != "all" {
			transports = nil
			for name := range strings.SplitSeq(cells[2], ", ") {
				transports = append(transports, patchbay.Transport(name))
			}
		}
		for _, tr := range transports {
			k := key{c, tr}
			if _, twice := told[k]; twice {
				t.Errorf("%s over %s is there twice", c, tr)
			}
			told[k] = outcome{code: cells[3], status: patchbay.StatusName(cells[4]), reason: patchbay.Reason(strings.Trim(cells[5], "–"))}
		}
	}
	for _, c := range testkit.Cases() {
		for _, tr := range c.Transports() {
			k, want := key{c, tr}, expected(c, tr)
			want.text = ""
			if got, there := told[k]; !there || got != want {
				t.Errorf("docs/far-end.md says of %s over %s: %+v; it is %+v", c, tr, got, want)
			}
			delete(told, k)
		}
	}
	for k := range told {
		t.Errorf("docs/far-end.md has %s over %s, which is not played", k.c, k.tr)
	}
}
