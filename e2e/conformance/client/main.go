// Command client is patchbay's client side without a host around it: the connection pool,
// the sign-ins, the vault and the store of the product, with a follower of redirects in
// place of a person's browser. The official conformance suite runs it, with the server's
// URL as its last argument.
//
// It owns what a person would do (which tools to call, to sign in when asked) and nothing
// of the protocol. One process serves one scenario.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// scenario is what the suite says beside the URL.
type scenario struct {
	Name         string     `json:"name"`
	ClientID     string     `json:"client_id"`
	ClientSecret string     `json:"client_secret"`
	Issuer       string     `json:"issuer"`
	PrivateKey   string     `json:"private_key_pem"`
	Algorithm    string     `json:"signing_algorithm"`
	ToolCalls    []toolCall `json:"toolCalls"`
}

type toolCall struct {
	Name      string          `json:"name"`
	Arguments json.RawMessage `json:"arguments"`
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: client URL")
		os.Exit(2)
	}
	s := scenario{Name: os.Getenv("MCP_CONFORMANCE_SCENARIO")}
	if text := os.Getenv("MCP_CONFORMANCE_CONTEXT"); text != "" {
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			fmt.Fprintln(os.Stderr, "MCP_CONFORMANCE_CONTEXT:", err)
			os.Exit(2)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 25*time.Second)
	defer cancel()
	if err := play(ctx, os.Args[len(os.Args)-1], s); err != nil {
		fmt.Fprintln(os.Stderr, "client:", err)
		os.Exit(1)
	}
}
