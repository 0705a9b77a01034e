// Command seed fills an empty data folder with accounts and API tokens for load tests:
// a thousand users in seconds, because none of them gets a password to hash.
//
//	seed -data DIR -n 1200 -out FILE
//
// FILE gets one API token a line, readable by its owner alone. The accounts are
// bench-0001@bench.example and so on, with verified addresses and the role USER. Nothing
// may run on the data folder meanwhile.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	var o options
	flag.StringVar(&o.data, "data", "data", "data folder")
	flag.IntVar(&o.n, "n", 1200, "how many accounts")
	flag.StringVar(&o.out, "out", "tokens", "file that gets the tokens, one a line")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "seed: %q is not a flag\n", flag.Arg(0))
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := seed(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
