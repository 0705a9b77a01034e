package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

const (
	floor = "ref-hop"  // the suite's plain hop
	own   = "patchbay" // as the suite knows it
	pipes = "patchbay-stdio"
)

// report prints what was measured against the bars, and writes it between the marks of a
// document. The suite's figures and ours have marks of their own, so that a run of one
// leaves the other's alone.
func report(_ context.Context, args []string) error {
	fs := flag.NewFlagSet("report", flag.ContinueOnError)
	rowsFile := fs.String("rows", "", "file that rows wrote")
	dir := fs.String("suite", "", "folder with the suite's results")
	doc := fs.String("doc", "", "document that gets the figures between its marks")
	version := fs.String("version", "", "of patchbay")
	command := fs.String("command", "make bench", "what was run")
	if err := fs.Parse(args); err != nil {
		return err
	}
	head := func(load string) string {
		return fmt.Sprintf("Command: `%s`. Date: %s. patchbay %s, %s, %s/%s, %d CPUs (%s). Load average%s at the end: %s.\n\n",
			*command, time.Now().UTC().Format(time.DateOnly), *version, runtime.Version(), runtime.GOOS, runtime.GOARCH,
			runtime.NumCPU(), cpuModel(), load, loadAverage())
	}
	write := func(part, text string) error {
		fmt.Print(text, "\n")
		if *doc == "" {
			return nil
		}
		return between(*doc, part, text)
	}
	if *dir != "" {
		s, err := readSuite(*dir)
		if err != nil {
			return err
		}
		if err := write(partSuite, head("")+(&reporter{suite: s}).suiteText()); err != nil {
			return err
		}
	}
	if *rowsFile == "" {
		return nil
	}
	b, err := os.ReadFile(*rowsFile)
	if err != nil {
		return err
	}
	r := &reporter{}
	if err := json.Unmarshal(b, &r.rows); err != nil {
		return fmt.Errorf("%s: %w", *rowsFile, err)
	}
	return write(partRows, head(" at the beginning: "+r.rows.Load+";")+r.rowsText())
}

// Parts of a document that are written by report.
const (
	partSuite = "side by side"
	partRows  = "our own rows"
)

// marks returns the lines around a part.
func marks(part string) (begin, end string) {
	return "<!-- " + part + ": written by make bench -->\n", "<!-- end of " + part + " -->\n"
}

func between(file, part, text string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	begin, end := marks(part)
	head, rest, ok := strings.Cut(string(b), begin)
	if !ok {
		return fmt.Errorf("%s has no line %q", file, begin)
	}
	_, foot, ok := strings.Cut(rest, end)
	if !ok {
		return fmt.Errorf("%s has no line %q", file, end)
	}
	return os.WriteFile(file, []byte(head+begin+"\n"+text+"\n"+end+foot), 0o644)
}

type reporter struct {
	rows  measured
	suite *suite
	out   strings.Builder
}

const barHead = "| what | bar | measured | |\n|---|---|---|---|\n"

func (r *reporter) suiteText() string {
	r.out.WriteString(barHead)
	r.suiteBars()
	r.suiteTable()
	return r.out.String()
}

func (r *reporter) rowsText() string {
	r.out.WriteString(barHead)
	r.rowBars()
	r.callTable()
	for _, f := range r.rows.Failed {
		fmt.Fprintf(&r.out, "\nNot measured: %s\n", f)
	}
	if len(r.rows.Left) > 0 {
		fmt.Fprintf(&r.out, "\nLeft out of this run: %s\n", strings.Join(r.rows.Left, ", "))
	}
	return r.out.String()
}

// bar writes one line of the table of bars. least says that more is better.
func (r *reporter) bar(what, bar string, is, limit float64, least bool, shown string) {
	met := "met"
	if least && is < limit || !least && is > limit {
		met = "**not met**"
	}
	fmt.Fprintf(&r.out, "| %s | %s | %s | %s |\n", what, bar, shown, met)
}

// suiteBars are the bars of the side-by-side suite: medians over its rounds of the ratio
// inside each round.
func (r *reporter) suiteBars() {
	ratio := func(what, bar string, callers int, limit float64, least bool, f func(da, a, db, b suiteLoad) float64) {
		all := r.suite.over(own, floor, callers, f)
		if len(all) == 0 {
			fmt.Fprintf(&r.out, "| %s | %s | not measured | |\n", what, bar)
			return
		}
		m := median(all)
		r.bar(what, bar, m, limit, least, fmt.Sprintf("%.2f × (%d rounds: %s)", m, len(all), list(all)))
	}
	for _, n := range []int{16, 64} {
		ratio(fmt.Sprintf("calls/s at %d callers", n), "≥ 0.75 × ref-hop", n, .75, true,
			func(_, a, _, b suiteLoad) float64 { return a.PerSec / b.PerSec })
	}
	ratio("CPU per call at 16 callers", "≤ 1.6 × ref-hop", 16, 1.6, false,
		func(_, a, _, b suiteLoad) float64 { return a.CPUus / b.CPUus })
	ratio("added p50 at one caller", "≤ 1.4 × ref-hop", 1, 1.4, false,
		func(da, a, db, b suiteLoad) float64 { return (a.P50us - da.P50us) / (b.P50us - db.P50us) })
	ratio("p99 at 64 callers", "≤ 1.5 × ref-hop", 64, 1.5, false,
		func(_, a, _, b suiteLoad) float64 { return a.P99us / b.P99us })
	var stdio []float64
	for _, round := range r.suite.rounds {
		_, p, ok := round[pipes].step(16)
		_, h, also := round[own].step(16)
		if ok && also {
			stdio = append(stdio, p.PerSec/h.PerSec)
		}
	}
	if len(stdio) > 0 {
		r.bar("stdio calls/s at 16 callers, a process per user", "≥ streamable HTTP's", median(stdio), 1, true,
			fmt.Sprintf("%.2f × (%s)", median(stdio), list(stdio)))
	}
	p, h := r.suite.rest[own], r.suite.rest[floor]
	if n := len(p.Idle.RSSkB); n > 1 {
		users := float64(p.Idle.Steps[n-1] - p.Idle.Steps[0])
		per := float64(p.Idle.RSSkB[n-1]-p.Idle.RSSkB[0]) / users
		r.bar("memory per idle user, inbound socket held (RSS)", "≤ 45 KiB", per, 45, false, fmt.Sprintf("%.0f KiB (%.0f users)", per, users))
	}
	if h.Idle.P50ms > 0 && p.Idle.P50ms > 0 {
		is := p.Idle.P50ms / h.Idle.P50ms
		r.bar("a new user's first call", "≤ 3 × ref-hop", is, 3, false, fmt.Sprintf("%.2f × (%.2f to %.2f ms)", is, p.Idle.P50ms, h.Idle.P50ms))
	}
	for _, k := range []string{"http", "stdio"} {
		if len(p.ColdMs[k]) > 0 { // the bar takes bare spawning off: see our own row
			fmt.Fprintf(&r.out, "| cold start to ten servers ready, %s, the suite's, whole | | %.0f ms | |\n", k, median(p.ColdMs[k]))
		}
	}
}

// limitsOf are the bars of our own rows, by the beginning of a row's name.
func limitsOf(name string) (limit float64, ok bool) {
	for prefix, limit := range map[string]float64{
		"anonymous memory after start":    30,
		"memory per idle user, none held": 12,
		"memory per idle user, inbound":   45,
		"anonymous memory with 10000":     200,
		"cold start to ten servers ready": 100,
		"list_changed to event":           20,
	} {
		if strings.HasPrefix(name, prefix) {
			return limit, true
		}
	}
	return 0, false
}

func (r *reporter) rowBars() {
	if all := r.ratios("stdio", "http-events", own, 16); len(all) > 0 {
		r.bar("stdio calls/s at 16 callers, REST door", "≥ streamable HTTP's", median(all), 1, true, fmt.Sprintf("%.2f × (%s)", median(all), list(all)))
	}
	for _, v := range r.rows.Values {
		shown := fmt.Sprintf("%.1f %s", v.Is, v.Unit)
		if v.Note != "" {
			shown += " (" + v.Note + ")"
		}
		limit, ok := limitsOf(v.Name)
		if !ok {
			fmt.Fprintf(&r.out, "| %s | | %s | |\n", v.Name, shown)
			continue
		}
		r.bar(v.Name, fmt.Sprintf("≤ %.0f %s", limit, v.Unit), v.Is, limit, false, shown)
	}
}

// suiteTable is the medians themselves.
func (r *reporter) suiteTable() {
	r.out.WriteString("\nThe suite, medians of its rounds:\n\n" +
		"| | p50 µs at 1 (direct) | calls/s at 16 | of direct | calls/s at 64 | of direct | p99 ms at 64 | CPU µs a call at 16 |\n|---|---|---|---|---|---|---|---|\n")
	for _, name := range []string{floor, own, pipes} {
		at := func(n int, f func(d, p suiteLoad) float64) float64 { return median(r.suite.each(name, n, f)) }
		if at(16, func(_, p suiteLoad) float64 { return p.PerSec }) == 0 {
			continue
		}
		perSec := func(_, p suiteLoad) float64 { return p.PerSec }
		share := func(d, p suiteLoad) float64 { return p.PerSec / d.PerSec }
		fmt.Fprintf(&r.out, "| %s | %.0f (%.0f) | %.0f | %.2f | %.0f | %.2f | %.1f | %.0f |\n", name,
			at(1, func(_, p suiteLoad) float64 { return p.P50us }), at(1, func(d, _ suiteLoad) float64 { return d.P50us }),
			at(16, perSec), at(16, share), at(64, perSec), at(64, share),
			at(64, func(_, p suiteLoad) float64 { return p.P99us / 1e3 }), at(16, func(_, p suiteLoad) float64 { return p.CPUus }))
	}
}

// callTable is our own rows: every transport, three ways.
func (r *reporter) callTable() {
	if len(r.rows.Calls) == 0 {
		return
	}
	r.out.WriteString("\nOur own rows, medians; direct / plain hop / patchbay:\n\n" +
		"| transport | p50 µs at 1 | calls/s at 16 | calls/s at 64 | of the hop's at 16, at 64 | p99 ms at 64 | CPU µs a call at 16 (hop / patchbay) |\n|---|---|---|---|---|---|---|\n")
	for _, k := range kinds() {
		at := func(way string, n int, f func(load) float64) float64 {
			var all []float64
			for _, c := range r.rows.Calls {
				if c.Kind == k.name && c.Way == way && c.Load.Callers == n {
					all = append(all, f(c.Load))
				}
			}
			return median(all)
		}
		three := func(n int, f func(load) float64, format string) string {
			return fmt.Sprintf(format+" / "+format+" / "+format, at("direct", n, f), at("hop", n, f), at("patchbay", n, f))
		}
		perSec := func(l load) float64 { return l.PerSec }
		if at("direct", 16, perSec) == 0 {
			continue
		}
		cpu := func(l load) float64 { return l.CPUus }
		fmt.Fprintf(&r.out, "| %s | %s | %s | %s | %.2f, %.2f | %s | %.0f / %.0f |\n", k.what,
			three(1, func(l load) float64 { return l.P50us }, "%.0f"), three(16, perSec, "%.0f"), three(64, perSec, "%.0f"),
			median(r.ratios(k.name, k.name, "hop", 16)), median(r.ratios(k.name, k.name, "hop", 64)),
			three(64, func(l load) float64 { return l.P99us / 1e3 }, "%.1f"), at("hop", 16, cpu), at("patchbay", 16, cpu))
	}
}

// ratios returns, for each round that has both, patchbay's calls/s of one kind over
// those of a kind by a way.
func (r *reporter) ratios(kind, other, way string, callers int) (all []float64) {
	at := func(kind, way string, round int) float64 {
		for _, c := range r.rows.Calls {
			if c.Kind == kind && c.Way == way && c.Round == round && c.Load.Callers == callers {
				return c.Load.PerSec
			}
		}
		return 0
	}
	for round := range maxRounds {
		if a, b := at(kind, own, round), at(other, way, round); a > 0 && b > 0 {
			all = append(all, a/b)
		}
	}
	return all
}

func list(values []float64) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = fmt.Sprintf("%.2f", v)
	}
	return strings.Join(words, " ")
}
