package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"patchbay/internal/config"
)

func newCheck(sh *shell) *cobra.Command {
	var strict, dump bool
	var file string
	cmd := &cobra.Command{
		Use:   "check [FILE]",
		Short: "Say what is wrong with a librechat.yaml",
		Long: `Prints every finding with its line and column. Exit code 1 says that the file, or an
entry in it, cannot be used. Warnings, notes and variables that are not set on this
machine do not fail the check, unless --strict. Without FILE, the file that serve would
use is checked.`,
		Example: `  patchbay check
  patchbay check librechat.yaml --strict
  patchbay check --dump`,
		Args: cobra.MaximumNArgs(1),
		RunE: sh.do(func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				if file != "" {
					return usagef("FILE and --config name the same thing; give one")
				}
				file = args[0]
			}
			loaded, err := sh.load(file)
			if loaded == nil {
				return err
			}
			var unusable *config.FileError
			if err != nil && !errors.As(err, &unusable) {
				return err
			}
			if file == "" && loaded.Env != nil {
				addProcess(loaded)
			}
			if err := sh.printCheck(loaded, err == nil, dump); err != nil {
				return err
			}
			if err != nil || loaded.Config.Bad(strict) {
				return errSilent
			}
			return nil
		}),
	}
	f := cmd.Flags()
	f.BoolVar(&strict, "strict", false, "fail on warnings, notes and variables that are not set, too")
	f.BoolVar(&dump, "dump", false, "print the configuration as understood, with defaults and without secrets")
	f.StringVar(&file, "config", "", "the file (default as for serve)")
	return sh.withJSON(cmd)
}

// addProcess adds what is wrong with the variables for serve itself.
func addProcess(loaded *config.Loaded) {
	process, err := loaded.Env.Process()
	c := *loaded.Config
	c.Findings = append(slices.Clone(c.Findings), process.Findings()...)
	if err != nil {
		c.Findings = append(c.Findings, config.Finding{Severity: config.SeverityError, Message: err.Error()})
	}
	loaded.Config = &c
}

// printCheck prints findings, one to a line, and what they add up to.
func (sh *shell) printCheck(loaded *config.Loaded, usable, dump bool) error {
	c := loaded.Config
	if sh.json {
		findings := c.Findings
		if findings == nil {
			findings = []config.Finding{}
		}
		return sh.printJSON(map[string]any{
			"file": loaded.Location.Path, "origin": loaded.Location.Origin,
			"ok": usable && !c.Bad(false), "servers": len(c.Servers), "findings": findings,
		})
	}
	count := map[config.Severity]int{}
	for _, f := range c.Findings {
		count[f.Severity]++
		f.File = fromHere(f.File)
		fmt.Fprintln(sh.stdout, cleanLines(f.String()))
	}
	if dump && usable {
		text, err := config.Dump(c)
		if err != nil {
			return err
		}
		fmt.Fprintf(sh.stdout, "%s", cleanLines(string(text)))
	}
	name := "the built-in default"
	if loaded.Location.Path != "" {
		name = fmt.Sprintf("%s (%s)", fromHere(loaded.Location.Path), loaded.Location.Origin)
	}
	if !usable {
		fmt.Fprintln(sh.stderr, "The file cannot be used.")
		return nil
	}
	fmt.Fprintf(sh.stderr, "%s: %s, %s, %s\n", name, plural(len(c.Servers), "server"),
		plural(count[config.SeverityError], "error"), plural(count[config.SeverityWarning], "warning"))
	return nil
}

// fromHere shortens a path below the working folder.
func fromHere(path string) string {
	here, err := os.Getwd()
	if err != nil || path == "" {
		return path
	}
	short, err := filepath.Rel(here, path)
	if err != nil || strings.HasPrefix(short, "..") {
		return path
	}
	return short
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
