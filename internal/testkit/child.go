package testkit

import (
	"encoding/json"
	"os"
	"testing"
)

// childMark stands among the arguments of a child process. Arguments, not environment:
// what starts MCP servers may keep the environment from them.
const childMark = "testkit-child"

// Child turns this process into a scripted server when Command started it, and then
// never returns. A test package that uses Command calls it first in its TestMain:
//
//	func TestMain(m *testing.M) {
//		testkit.Child()
//		goleak.VerifyTestMain(m)
//	}
func Child() {
	for i, arg := range os.Args {
		if arg != childMark || len(os.Args) < i+3 {
			continue
		}
		var s Settings
		if err := json.Unmarshal([]byte(os.Args[i+2]), &s); err != nil {
			os.Exit(2)
		}
		playStdio(Case(os.Args[i+1]), s)
	}
}

// Command is a program and its arguments.
type Command struct {
	Path string
	Args []string
}

// Command returns what starts the case over stdio: this very test binary, which must
// call Child. Nothing is built for it.
func (c Case) Command(tb testing.TB, s Settings) Command {
	tb.Helper()
	path, err := os.Executable()
	if err != nil {
		tb.Fatalf("testkit: find this test binary: %v", err)
	}
	settings, err := json.Marshal(s)
	if err != nil {
		tb.Fatalf("testkit: encode settings: %v", err)
	}
	// The first argument keeps a package that forgot Child from running its tests again.
	return Command{Path: path, Args: []string{"-test.run=^$", childMark, string(c), string(settings)}}
}
