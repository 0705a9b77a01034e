package transport_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"patchbay/internal/transport"
)

// child is what the test binary does when it plays a server.
func child(script string) {
	switch script {
	case "sdk":
		serveStdio()
	case "banner":
		fmt.Print("\x1b[32mStarting up…\x1b[0m\n\n=====\nlistening {not json}\n{\"level\":\"info\",\"msg\":\"ready\"}\n")
		serveStdio()
	case "garbage":
		for {
			if _, err := fmt.Println("what is this"); err != nil {
				return
			}
		}
	case "longline":
		chunk := strings.Repeat("x", 1<<20)
		for {
			if _, err := fmt.Print(chunk); err != nil {
				return
			}
		}
	case "exit":
		fmt.Fprintln(os.Stderr, "\x1b[31mno licence found\x1b[0m")
		os.Exit(7)
	case "stubborn":
		signal.Ignore(syscall.SIGTERM)
		fmt.Fprintln(os.Stderr, "ready")
		select {}
	case "thin":
		thinChild()
	case "reaper":
		if err := transport.RunReaper(os.Stdin); err != nil {
			os.Exit(1)
		}
	default:
		rawChild(script)
	}
}

func serveStdio() {
	s := newSDKServer()
	if err := s.Run(context.Background(), &mcp.StdioTransport{}); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}

// rawChild is a server of a few lines that answers tools/call as the script says.
func rawChild(script string) {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		var m struct {
			ID     json.RawMessage `json:"id"`
			Method string          `json:"method"`
			Params json.RawMessage `json:"params"`
		}
		if json.Unmarshal(line, &m) != nil || m.ID == nil {
			continue
		}
		answer := func(result string) { fmt.Printf("{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":%s}\n", m.ID, result) }
		switch {
		case m.Method == "initialize":
			answer(`{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"raw","version":"1"}}`)
			continue
		case m.Method != "tools/call":
			fmt.Printf("{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":{\"code\":-32601,\"message\":\"no\"}}\n", m.ID)
			continue
		}
		switch script {
		case "raw":
			answer(rawResult)
		case "params":
			quoted, _ := json.Marshal(string(m.Params))
			answer(`{"content":[{"type":"text","text":` + string(quoted) + `}]}`)
		case "env":
			quoted, _ := json.Marshal(strings.Join(os.Environ(), "\n"))
			answer(`{"content":[{"type":"text","text":` + string(quoted) + `}]}`)
		case "fork":
			sleep := exec.Command("sleep", "1000")
			if err := sleep.Start(); err != nil {
				os.Exit(1)
			}
			answer(fmt.Sprintf(`{"content":[{"type":"text","text":"%d"}]}`, sleep.Process.Pid))
		case "die":
			fmt.Fprintln(os.Stderr, "panic: out of cheese")
			os.Exit(3)
		case "utf8":
			answer("{\"content\":[{\"type\":\"text\",\"text\":\"\xff\xfe\"}]}")
		case "twice":
			answer(`{"content":[{"type":"text","text":"one"}]}`)
			answer(`{"content":[{"type":"text","text":"two"}]}`)
			fmt.Println(`{"jsonrpc":"2.0","id":1099511699999,"result":{}}`)
		case "duplicate":
			fmt.Printf("{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":{},\"result\":{}}\n", m.ID)
		case "deep":
			answer(`{"content":` + strings.Repeat("[", 10000) + strings.Repeat("]", 10000) + `}`)
		case "log":
			fmt.Println(`{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"hello"}}`)
			answer(`{"content":[{"type":"text","text":"logged"}]}`)
		case "noise":
			for i := range 5000 {
				fmt.Fprintf(os.Stderr, "noise \x1b[1m%d\x1b[0m\x07\n", i)
			}
			answer(`{"content":[{"type":"text","text":"quiet"}]}`)
		}
	}
}

// thinChild answers every call at once, many to a write.
func thinChild() {
	in := bufio.NewReaderSize(os.Stdin, 64<<10)
	out := bufio.NewWriterSize(os.Stdout, 64<<10)
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return
		}
		i := bytes.Index(line, []byte(`"id":`))
		if i < 0 {
			continue
		}
		id := line[i+5:]
		id = id[:bytes.IndexByte(id, ',')]
		result := `{"content":[{"type":"text","text":"0123456789abcdef0123456789abcdef0123456789abcdef"}],"isError":false}`
		if bytes.Contains(line, []byte(`"initialize"`)) {
			result = `{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"thin","version":"1"}}`
		}
		for _, s := range []string{`{"jsonrpc":"2.0","id":`, string(id), `,"result":`, result, "}\n"} {
			_, _ = out.WriteString(s)
		}
		if in.Buffered() == 0 && out.Flush() != nil {
			return
		}
	}
}

// rawResult has what decoding and encoding again would change: order, white space, a
// number no double holds, escapes, unknown members.
const rawResult = `{"zeta": 1,"content":[ {"type":"text","text":"a\u0062\/c"} ],"n":9007199254740993,"e":1.0e2,"_meta":{"x.y/z":[]},"future":{"a":null}}`
