package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

const columnGap = "  "

// table prints rows in columns. On a terminal the last column is cut at the width of
// the window; elsewhere nothing is cut, so that grep finds what is there.
func (sh *shell) table(header []string, rows [][]string) {
	widths := make([]int, len(header))
	all := append([][]string{header}, rows...)
	for _, row := range all {
		for i := range row {
			row[i] = clean(row[i])
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
	}
	width := terminalWidth(sh.stdout)
	var b strings.Builder
	for _, row := range all {
		line := ""
		for i, cell := range row {
			if i > 0 {
				line += columnGap
			}
			line += cell
			if i < len(row)-1 {
				line += strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			}
		}
		b.WriteString(cut(strings.TrimRight(line, " "), width) + "\n")
	}
	io.WriteString(sh.stdout, b.String())
}

// cut shortens a line to width runes; 0 is no limit.
func cut(line string, width int) string {
	if width <= 0 || utf8.RuneCountInString(line) <= width {
		return line
	}
	return string([]rune(line)[:width-1]) + "…"
}

// printJSON prints v indented, without escaping what only HTML would mind.
func (sh *shell) printJSON(v any) error {
	encoder := json.NewEncoder(sh.stdout)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return fmt.Errorf("cannot print: %w", err)
	}
	return nil
}
