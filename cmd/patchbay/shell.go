package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"patchbay/internal/config"
)

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// shell is one run of the command line: its streams, its environment and the flags that
// many commands share.
type shell struct {
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	env    []string

	snapshot *config.Env // made by environ

	began bool // a command runs: what fails from here on is not wrong use
	flags instanceFlags
	json  bool
}

// run executes one command line and returns the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, env []string) int {
	sh := &shell{stdin: stdin, stdout: stdout, stderr: stderr, env: env}
	root := newRoot(sh)
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitDone
	}
	var usage *usageError
	if !sh.began || errors.As(err, &usage) {
		fmt.Fprintf(stderr, "%s: %s\nSee %s --help.\n", cmd.CommandPath(), clean(strings.TrimSpace(err.Error())), cmd.CommandPath())
		return exitUsage
	}
	if errors.Is(err, errSilent) {
		return exitFailed
	}
	printError(stderr, err)
	return exitFailed
}

// errSilent ends a command with exit code 1 when everything was said already.
var errSilent = errors.New("failed")

// usageError is wrong use that only the running command could see.
type usageError struct{ message string }

func (e *usageError) Error() string { return e.message }

func usagef(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

// do marks the moment from which on a failure is not wrong use.
func (sh *shell) do(f func(cmd *cobra.Command, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		sh.began = true
		return f(cmd, args)
	}
}
