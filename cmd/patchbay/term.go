package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// terminalWidth is the width of the window that a stream is shown in, 0 for none.
func terminalWidth(stream io.Writer) int {
	f, ok := stream.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0 // a file or a pipe
	}
	return width
}

// isTerminal reports whether a stream is a person's.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// maxSecret bounds what is read as one value.
const maxSecret = 64 << 10

// readSecret reads a value from stdin. A person is asked for it and types it unseen; of
// a file or pipe it is all there is, without the line end that editors and echo add.
func (sh *shell) readSecret(prompt string) (string, error) {
	if !isTerminal(sh.stdin) {
		data, err := io.ReadAll(io.LimitReader(sh.stdin, maxSecret+1))
		if err != nil {
			return "", fmt.Errorf("cannot read stdin: %w", err)
		}
		return checkSecret(strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r"))
	}
	fmt.Fprint(sh.stderr, prompt)
	line, err := term.ReadPassword(int(sh.stdin.(*os.File).Fd()))
	fmt.Fprintln(sh.stderr)
	if err != nil {
		return "", fmt.Errorf("cannot read the terminal: %w", err)
	}
	return checkSecret(string(line))
}

func checkSecret(s string) (string, error) {
	if s == "" {
		return "", usagef("stdin holds no value")
	}
	if len(s) > maxSecret {
		return "", usagef("the value on stdin is larger than %d bytes", maxSecret)
	}
	return s, nil
}
