package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"patchbay"
	"patchbay/internal/client"
)

func newCall(sh *shell) *cobra.Command {
	var (
		output string
		raw    bool
		body   patchbay.CallBody
	)
	cmd := &cobra.Command{
		Use:   "call SERVER TOOL [JSON | @FILE | -]",
		Short: "Call a tool",
		Long: `Calls a tool with the arguments given as a JSON object, in a file (@FILE) or on
stdin (-). Progress goes to stderr, the result to stdout: text as it is, structured
content as JSON, images and the like by kind and size. Exit code 1 says that the call, or
the tool, failed. Ctrl-C cancels the call.`,
		Example: `  patchbay call demo add '{"a":1,"b":2}'
  patchbay call demo picture --output picture.png
  echo '{"from":3}' | patchbay call demo countdown -
  patchbay call demo table --json | jq .structuredContent`,
		Args: cobra.RangeArgs(2, 3),
		RunE: sh.do(func(cmd *cobra.Command, args []string) error {
			arguments, err := sh.readArguments(args[2:])
			if err != nil {
				return err
			}
			c, err := sh.connect()
			if err != nil {
				return err
			}
			defer c.Close()
			progress := newProgress(sh.stderr)
			result, err := c.Call(cmd.Context(), client.CallRequest{
				Server: args[0], Tool: args[1], Args: arguments, Body: body, Observer: progress.note,
			})
			progress.end()
			if err != nil {
				return withServer(err, args[0])
			}
			return sh.printResult(result, raw, output)
		}),
	}
	f := cmd.Flags()
	f.StringVarP(&output, "output", "o", "", "save the image, sound or file of the result here")
	f.BoolVar(&raw, "json", false, "print the result as the server sent it")
	f.StringVar(&body.ConversationID, "conversation-id", "", "for servers that ask for it: {{LIBRECHAT_BODY_CONVERSATIONID}}")
	f.StringVar(&body.ParentMessageID, "parent-message-id", "", "for {{LIBRECHAT_BODY_PARENTMESSAGEID}}")
	f.StringVar(&body.MessageID, "message-id", "", "for {{LIBRECHAT_BODY_MESSAGEID}}")
	return sh.withInstance(cmd)
}

// maxArguments is what an instance takes at most, and some more: it says so itself.
const maxArguments = 64 << 20

// readArguments returns the arguments as written. Only that they are one JSON object is
// looked at, so that numbers keep their digits.
func (sh *shell) readArguments(args []string) (json.RawMessage, error) {
	if len(args) == 0 {
		return nil, nil
	}
	data := []byte(args[0])
	where := "the arguments"
	switch file, isFile := strings.CutPrefix(args[0], "@"); {
	case args[0] == "-":
		where = "stdin"
		var err error
		if data, err = io.ReadAll(io.LimitReader(sh.stdin, maxArguments)); err != nil {
			return nil, fmt.Errorf("cannot read stdin: %w", err)
		}
	case isFile:
		where = file
		var err error
		if data, err = os.ReadFile(file); err != nil {
			return nil, usagef("cannot read the arguments: %v", err)
		}
	}
	data = bytes.TrimSpace(data)
	if !json.Valid(data) {
		return nil, usagef("%s: not valid JSON%s", where, jsonPlace(data))
	}
	if data[0] != '{' {
		return nil, usagef("%s: must be a JSON object, as in '{\"a\":1}'", where)
	}
	return data, nil
}

// jsonPlace says where JSON stops being valid.
func jsonPlace(data []byte) string {
	var v any
	var syntax *json.SyntaxError
	if !errors.As(json.Unmarshal(data, &v), &syntax) || int(syntax.Offset) > len(data) {
		return ""
	}
	before := data[:syntax.Offset]
	line := bytes.Count(before, []byte("\n")) + 1
	column := len(before) - bytes.LastIndexByte(before, '\n') - 1
	return fmt.Sprintf(" at %d:%d", line, max(column, 1))
}

// withServer puts the server's name into an error that does not say it, for the hint on
// what to do next.
func withServer(err error, server string) error {
	var e *patchbay.Error
	if !errors.As(err, &e) || e.Detail["serverName"] != nil {
		return err
	}
	named := *e
	named.Detail = map[string]any{"serverName": server}
	for k, v := range e.Detail {
		named.Detail[k] = v
	}
	return &named
}
