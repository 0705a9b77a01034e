package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"patchbay"
)

// printError says in one sentence what went wrong, and then what to do next.
func printError(w io.Writer, err error) {
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(w, "cancelled")
		return
	}
	if errors.Is(err, context.DeadlineExceeded) {
		fmt.Fprintln(w, "error: there was no answer in time; try again")
		return
	}
	var e *patchbay.Error
	if !errors.As(err, &e) {
		fmt.Fprintf(w, "error: %s\n", clean(err.Error()))
		return
	}
	fmt.Fprintf(w, "error: %s\n", clean(e.Message))
	for _, field := range e.Fields {
		fmt.Fprintf(w, "  %s: %s\n", clean(field.Path), clean(field.Message))
	}
	if details, ok := e.Detail["details"].(string); ok && details != "" {
		fmt.Fprintf(w, "  %s\n", clean(details))
	}
	if next := nextStep(e); next != "" {
		fmt.Fprintln(w, clean(next))
	}
}

// nextStep is what the person can do about an error, where its message cannot know it.
func nextStep(e *patchbay.Error) string {
	server, _ := e.Detail["serverName"].(string)
	if server == "" {
		server = "SERVER"
	}
	switch e.Code {
	case patchbay.CodeUnauthenticated:
		return "Give a valid token by --token or $PATCHBAY_TOKEN; `patchbay user token --email E --name NAME` makes one."
	case patchbay.CodeSigninRequired:
		if link, ok := e.Detail["oauthUrl"].(string); ok && link != "" {
			return "Open this address in your browser, then try again: " + link
		}
	case patchbay.CodeConnectFailed:
		if e.Detail["reason"] == string(patchbay.ReasonNeedsVariables) {
			return needsVariables(server, e)
		}
		return "`patchbay servers` shows its status."
	case patchbay.CodeNeedsVariables:
		return needsVariables(server, e)
	case patchbay.CodeToolNotFound:
		return fmt.Sprintf("`patchbay tools %s` lists what is there.", server)
	case patchbay.CodeNotFound:
		return "`patchbay servers` lists what you may see."
	case patchbay.CodeRateLimited, patchbay.CodeCapacity:
		if e.RetryAfter > 0 {
			return fmt.Sprintf("Try again in %s.", e.RetryAfter)
		}
	}
	return ""
}

func needsVariables(server string, e *patchbay.Error) string {
	name := "NAME"
	if missing := stringsOf(e.Detail["missingUserVars"]); len(missing) > 0 {
		name = missing[0]
	}
	return fmt.Sprintf("`patchbay vars %s` lists what it asks for; `patchbay vars %s set %s` sets one.", server, server, name)
}

func stringsOf(v any) []string {
	list, ok := v.([]any)
	if !ok {
		return nil
	}
	var all []string
	for _, item := range list {
		if s, ok := item.(string); ok {
			all = append(all, s)
		}
	}
	return all
}

// clean makes a text of somebody else's safe for a terminal and for one line: control
// characters, which could move the cursor or rename the window, become spaces.
func clean(s string) string {
	return strings.Join(strings.Fields(cleanLines(s)), " ")
}

// cleanLines is clean for text of several lines: it keeps line ends, tabs and spaces.
func cleanLines(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case r < 0x20, r >= 0x7f && r <= 0x9f: // C0, DEL, C1
			return ' '
		case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069: // direction overrides
			return -1
		}
		return r
	}, s)
}
