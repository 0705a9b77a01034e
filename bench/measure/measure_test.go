package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every kind that has a URL answers its own caller, direct and through the hop.
func TestWays(t *testing.T) {
	up := httptest.NewServer(newServer().handler())
	ctx, cancel := context.WithCancel(t.Context())
	defer func() {
		cancel() // the hop's links
		up.CloseClientConnections()
		up.Close()
	}()
	addr := strings.TrimPrefix(up.URL, "http://")
	h := &hopServer{ctx: ctx, up: addr, way: &http.Transport{}}
	front := httptest.NewServer(h)
	defer front.Close()
	for _, k := range append(kinds(), quietKind()) {
		if k.path == "" {
			continue // a child of this binary, which is the test's
		}
		t.Run(k.name, func(t *testing.T) {
			l, err := openLink(t.Context(), k, addr, "u1", newRawClient(addr, k.path))
			require.NoError(t, err)
			defer l.close()
			require.NoError(t, echo(l, "direct", 1))
			if k.quiet {
				return // the hop has no row for it
			}
			c := newRestCaller(strings.TrimPrefix(front.URL, "http://"), "/"+k.name, "u1")
			defer c.close()
			require.NoError(t, echo(c, "hop", 1))
			require.NoError(t, echo(c, "hop", 2))
		})
	}
}

func TestReport(t *testing.T) {
	side := func(perSec, p50, p99, cpu float64) suitePeer {
		var p suitePeer
		p.Rounds = make([]struct{ Direct, Peer []suiteLoad }, 1)
		for _, n := range levels() {
			p.Rounds[0].Direct = append(p.Rounds[0].Direct, suiteLoad{Callers: n, PerSec: 40000, P50us: 50})
			p.Rounds[0].Peer = append(p.Rounds[0].Peer, suiteLoad{Callers: n, PerSec: perSec, P50us: p50, P99us: p99, CPUus: cpu})
		}
		return p
	}
	r := &reporter{
		suite: &suite{rounds: []map[string]suitePeer{{floor: side(10000, 150, 10, 60), own: side(7000, 180, 20, 90)}}},
		rows: measured{
			Values: []value{{"memory per idle user, none held", 13, "KiB", ""}, {"anonymous memory after start, SQLite", 8, "MiB", ""}},
			Calls:  []callRow{{"stdio", "direct", 0, load{Callers: 16, PerSec: 5}}},
			Failed: []string{"changed: nothing came"},
			Left:   []string{"cold"},
		},
	}
	text := r.suiteText() + r.rowsText()
	for _, want := range []string{
		"| calls/s at 16 callers | ≥ 0.75 × ref-hop | 0.70 × (1 rounds: 0.70) | **not met** |",
		"| CPU per call at 16 callers | ≤ 1.6 × ref-hop | 1.50 × (1 rounds: 1.50) | met |",
		"| added p50 at one caller | ≤ 1.4 × ref-hop | 1.30 × (1 rounds: 1.30) | met |",
		"| p99 at 64 callers | ≤ 1.5 × ref-hop | 2.00 × (1 rounds: 2.00) | **not met** |",
		"| memory per idle user, none held | ≤ 12 KiB | 13.0 KiB | **not met** |",
		"| anonymous memory after start, SQLite | ≤ 30 MiB | 8.0 MiB | met |",
		"Not measured: changed: nothing came",
		"Left out of this run: cold",
	} {
		require.Contains(t, text, want)
	}
}

func TestBetween(t *testing.T) {
	file := filepath.Join(t.TempDir(), "doc.md")
	begin, end := marks(partRows)
	other, otherEnd := marks(partSuite)
	suite := other + "\nthe suite's\n\n" + otherEnd
	require.NoError(t, os.WriteFile(file, []byte("head\n"+suite+begin+"old\n"+end+"foot\n"), 0o600))
	require.NoError(t, between(file, partRows, "new\n"))
	require.NoError(t, between(file, partRows, "newer\n"))
	got, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, "head\n"+suite+begin+"\nnewer\n\n"+end+"foot\n", string(got))
	require.NoError(t, os.WriteFile(file, []byte("no marks"), 0o600))
	require.ErrorContains(t, between(file, partRows, "new"), "has no line")
}
