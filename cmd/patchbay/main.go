// Command patchbay is the host and its shell: `patchbay serve` runs an instance, the
// other commands talk to one, or work on its configuration and data folder.
//
// It owns the command line: flags, what is printed, exit codes (0 done, 1 failed, 2 wrong
// use). What commands do is done by the packages below. One process runs one command;
// nothing here is called concurrently except the observer of a running call.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	// The first signal asks to stop. AfterFunc gives signals back their usual effect, so
	// the second one ends the process at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ()))
}
