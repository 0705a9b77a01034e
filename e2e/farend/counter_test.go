package farend_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
)

// runCounter is an MCP server over stdio that notes every call in a file before anything
// else, so that what reached it is known after its end. Tool wait never answers, crash
// ends it at once, echo answers.
func runCounter(ledger string) int {
	file, err := os.OpenFile(ledger, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	in := bufio.NewReader(os.Stdin)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return 0
		}
		var m struct {
			ID     json.RawMessage `json:"id"`
			Method string          `json:"method"`
			Params struct {
				Name string `json:"name"`
			} `json:"params"`
		}
		if json.Unmarshal(line, &m) != nil || m.ID == nil || m.Method == "" {
			continue
		}
		result := ""
		switch m.Method {
		case "initialize":
			result = `{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"counter","version":"1"}}`
		case "tools/list":
			result = `{"tools":[{"name":"wait","inputSchema":{"type":"object"}},{"name":"crash","inputSchema":{"type":"object"}},{"name":"echo","inputSchema":{"type":"object"}}]}`
		case "tools/call":
			fmt.Fprintln(file, m.Params.Name)
			switch m.Params.Name {
			case "wait":
				continue
			case "crash":
				fmt.Fprintln(os.Stderr, "panic: out of cheese")
				return 7
			}
			result = `{"content":[{"type":"text","text":"counted"}]}`
		}
		if result == "" {
			fmt.Printf(`{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"no such method"}}`+"\n", m.ID)
			continue
		}
		fmt.Printf(`{"jsonrpc":"2.0","id":%s,"result":%s}`+"\n", m.ID, result)
	}
}

// counted is how many calls of a tool are in a counter's file.
func counted(t *testing.T, ledger, tool string) int {
	t.Helper()
	raw, err := os.ReadFile(ledger)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(raw)) {
		if strings.TrimSpace(line) == tool {
			n++
		}
	}
	return n
}

// tally counts the outcomes of many calls.
type tally struct{ ok, told, lost atomic.Int64 }

// add notes one outcome.
func (c *tally) add(err error) {
	switch codeOf(err) {
	case "ok":
		c.ok.Add(1)
	case noAnswer:
		c.lost.Add(1)
	default:
		c.told.Add(1)
	}
}

func (c *tally) String() string {
	return fmt.Sprintf("%d with a result, %d told of a failure, %d without an answer", c.ok.Load(), c.told.Load(), c.lost.Load())
}
