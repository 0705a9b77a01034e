// Command measure measures patchbay where a side-by-side suite has no upstream for it,
// and writes down what was measured.
//
//	measure rows -patchbay BIN -seed BIN -out rows.json [-only calls,idle,…]
//	measure report -rows rows.json [-suite DIR] [-doc docs/performance.md]
//	measure upstream (-addr 127.0.0.1:PORT | -stdio)
//	measure hop -addr 127.0.0.1:PORT -up 127.0.0.1:PORT
//
// It owns an upstream of hand-written JSON for every transport and era, a plain hop in
// front of it, and the load. It does not own the side-by-side suite. Upstream and hop run
// as processes of their own, so that their time is not patchbay's; every address is
// loopback, and every process it starts is gone when it ends.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("say what: rows, report, upstream or hop")
	}
	switch args[0] {
	case "rows":
		return rows(ctx, args[1:])
	case "report":
		return report(ctx, args[1:])
	case "upstream":
		return upstream(ctx, args[1:])
	case "hop":
		return hop(ctx, args[1:])
	}
	return fmt.Errorf("%q is not known; say rows, report, upstream or hop", args[0])
}
