package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// suiteLoad and suitePeer are what is read of the suite's results.
type suiteLoad struct {
	Callers int     `json:"callers"`
	Errors  int     `json:"errors"`
	PerSec  float64 `json:"per_sec"`
	P50us   float64 `json:"p50_us"`
	P99us   float64 `json:"p99_us"`
	CPUus   float64 `json:"cpu_us_per_call"`
}

type suitePeer struct {
	Name   string `json:"name"`
	Rounds []struct{ Direct, Peer []suiteLoad }
	Idle   struct {
		RSSkB []int   `json:"rss_kb"`
		Steps []int   `json:"steps"`
		P50ms float64 `json:"first_call_p50_ms"`
		P99ms float64 `json:"first_call_p99_ms"`
		Err   string  `json:"error"`
	} `json:"idle"`
	IdleStats map[string]int `json:"idle_upstream_stats"`
	ColdMs    map[string][]float64
	Skipped   string `json:"skipped"`
	Errors    []string
}

// suite is the results of all rounds: file round-N.json has one round of every peer, side
// by side, and rest.json what is measured once.
type suite struct {
	rounds []map[string]suitePeer
	rest   map[string]suitePeer
}

func readSuite(dir string) (*suite, error) {
	s := &suite{}
	files, err := filepath.Glob(filepath.Join(dir, "round-*.json"))
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	for _, f := range files {
		peers, err := readPeers(f)
		if err != nil {
			return nil, err
		}
		s.rounds = append(s.rounds, peers)
	}
	if s.rest, err = readPeers(filepath.Join(dir, "rest.json")); os.IsNotExist(err) {
		err = nil // load alone was measured
	}
	return s, err
}

func readPeers(file string) (map[string]suitePeer, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var list []suitePeer
	if err := json.Unmarshal(b, &list); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	peers := map[string]suitePeer{}
	for _, p := range list {
		peers[p.Name] = p
	}
	return peers, nil
}

// step returns a peer's load of one round at so many callers, and direct's beside it.
func (p suitePeer) step(callers int) (direct, peer suiteLoad, ok bool) {
	for _, r := range p.Rounds {
		for i := range r.Peer {
			if r.Peer[i].Callers == callers {
				return r.Direct[i], r.Peer[i], r.Peer[i].Errors == 0
			}
		}
	}
	return direct, peer, false
}

// over returns f of each round in which both peers have the step.
func (s *suite) over(a, b string, callers int, f func(da, a, db, b suiteLoad) float64) []float64 {
	var all []float64
	for _, round := range s.rounds {
		da, pa, okA := round[a].step(callers)
		db, pb, okB := round[b].step(callers)
		if okA && okB {
			all = append(all, f(da, pa, db, pb))
		}
	}
	return all
}

// each returns f of each round of one peer.
func (s *suite) each(name string, callers int, f func(direct, peer suiteLoad) float64) []float64 {
	return s.over(name, name, callers, func(d, p, _, _ suiteLoad) float64 { return f(d, p) })
}
