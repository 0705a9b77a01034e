package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// measured is what rows writes and report reads.
type measured struct {
	Command string
	Load    string // load average when it began
	Calls   []callRow
	Values  []value
	Failed  []string
	Left    []string // parts that were not asked for
}

// callRow is one step of load on one way to the upstream.
type callRow struct {
	Kind  string
	Way   string // direct, hop or patchbay
	Round int
	Load  load
}

// value is one figure that is not a load.
type value struct {
	Name string
	Is   float64
	Unit string
	Note string
}

type options struct {
	rounds   int
	step     time.Duration
	users    int
	many     int
	streams  int
	patchbay string
	seed     string
	out      string
	only     string
}

// maxRounds bounds the rounds of a load.
const maxRounds = 100

// maxTime bounds everything: a hung program must not hold the machine.
const maxTime = 30 * time.Minute

// rows measures the project's own rows and writes them to a file, what was measured so
// far after each part.
func rows(ctx context.Context, args []string) error {
	var o options
	fs := flag.NewFlagSet("rows", flag.ContinueOnError)
	fs.StringVar(&o.patchbay, "patchbay", "bin/patchbay", "the program to measure")
	fs.StringVar(&o.seed, "seed", "", "the program that fills a data folder")
	fs.StringVar(&o.out, "out", "rows.json", "file for the figures")
	fs.StringVar(&o.only, "only", "", "parts, comma separated: calls, idle, many, cold, changed")
	fs.IntVar(&o.rounds, "rounds", 5, "rounds of each load")
	fs.DurationVar(&o.step, "d", 2*time.Second, "duration of one load")
	fs.IntVar(&o.users, "users", 1000, "idle users")
	fs.IntVar(&o.many, "many", 10000, "idle connections")
	fs.IntVar(&o.streams, "streams", 500, "open event streams")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if o.rounds < 1 || o.rounds > maxRounds {
		return fmt.Errorf("-rounds %d is not between 1 and %d", o.rounds, maxRounds)
	}
	ctx, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "patchbay-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // what is left there is small
	m := &measured{Command: "measure rows", Load: loadAverage()}
	w := &world{ctx: ctx, dir: dir, self: self}
	if w.patchbay, err = filepath.Abs(o.patchbay); err != nil {
		return err
	}
	if w.seed, err = filepath.Abs(o.seed); err != nil {
		return err
	}
	parts := []struct {
		name string
		do   func(*world, options, *measured) error
	}{{"calls", calls}, {"idle", idle}, {"many", many}, {"cold", cold}, {"changed", changed}}
	var failed error
	for _, part := range parts {
		if !chosen(o.only, part.name) {
			m.Left = append(m.Left, part.name)
			fmt.Fprintf(os.Stderr, "skipping %s: it is not in -only\n", part.name)
			continue
		}
		if ctx.Err() != nil {
			m.Failed = append(m.Failed, part.name+": the time was over")
			fmt.Fprintf(os.Stderr, "skipping %s: the time is over\n", part.name)
			continue
		}
		err := part.do(w, o, m)
		w.stop()
		if err != nil {
			err = fmt.Errorf("%s: %w", part.name, err)
			failed = errors.Join(failed, err)
			m.Failed = append(m.Failed, err.Error())
		}
		if err := write(o.out, m); err != nil {
			return err
		}
	}
	if err := write(o.out, m); err != nil {
		return err
	}
	return errors.Join(failed, ctx.Err())
}

func write(file string, v any) error {
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, b, 0o644)
}

// add keeps a figure and shows it.
func (m *measured) add(name string, is float64, unit, note string) {
	m.Values = append(m.Values, value{name, is, unit, note})
	fmt.Fprintf(os.Stderr, "  %s: %.2f %s %s\n", name, is, unit, note)
}
