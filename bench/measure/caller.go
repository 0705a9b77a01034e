package main

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"
)

// caller is one user of the load.
type caller interface {
	call(args []byte) ([]byte, error)
	close()
}

// restCaller calls over REST: patchbay, or the hop, which is asked alike.
type restCaller struct {
	c       *rawClient
	headers []string
	body    []byte
}

func newRestCaller(addr, path, token string, more ...string) *restCaller {
	return &restCaller{c: newRawClient(addr, path), headers: append([]string{
		"Authorization", "Bearer " + token, "Content-Type", "application/json", "Accept", "application/json",
	}, more...)}
}

func (r *restCaller) call(args []byte) ([]byte, error) {
	r.body = append(append(append(r.body[:0], `{"arguments":`...), args...), '}')
	resp, out, err := r.c.do(r.headers, r.body) //nolint:bodyclose // do has read the body to its end
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != 200 {
		return nil, fmt.Errorf("status %d: %.300s", resp.StatusCode, out)
	}
	return out, nil
}

func (r *restCaller) close() { r.c.close() }

// echo makes one call and checks that the answer is this caller's own.
func echo(c caller, who string, n int) error {
	text := who + "-" + strconv.Itoa(n) + "-0123456789abcdef0123456789abcdef"
	out, err := c.call([]byte(`{"text":"` + text + `"}`))
	if err == nil && !bytes.Contains(out, []byte(text)) {
		err = fmt.Errorf("somebody else's answer: %.200s", out)
	}
	return err
}

// load is what one step of load came to.
type load struct {
	Callers int
	PerSec  float64
	P50us   float64
	P99us   float64
	CPUus   float64 // of the program under test, a call; 0 when there is none
}

// run lets every caller call for d, each one call at a time. p may be nil.
func runLoad(callers []caller, d time.Duration, p *process) (load, error) {
	var wg sync.WaitGroup
	times := make([][]time.Duration, len(callers))
	errs := make([]error, len(callers))
	var before time.Duration
	if p != nil {
		before = p.cpu()
	}
	begin := time.Now()
	for i, c := range callers {
		wg.Go(func() {
			who := fmt.Sprintf("c%d", i)
			took := make([]time.Duration, 0, 1<<14)
			for n := 0; ; n++ {
				a := time.Now()
				if a.Sub(begin) > d {
					break
				}
				if errs[i] = echo(c, who, n); errs[i] != nil {
					break
				}
				took = append(took, time.Since(a))
			}
			times[i] = took
		})
	}
	wg.Wait()
	l := load{Callers: len(callers)}
	elapsed := time.Since(begin)
	for i, err := range errs {
		if err != nil {
			return l, fmt.Errorf("caller %d of %d: %w", i, len(callers), err)
		}
	}
	all := slices.Concat(times...)
	if len(all) == 0 {
		return l, fmt.Errorf("no call ended within %s", d)
	}
	slices.Sort(all)
	l.PerSec = float64(len(all)) / elapsed.Seconds()
	l.P50us, l.P99us = micros(quantile(all, .5)), micros(quantile(all, .99))
	if p != nil {
		l.CPUus = micros(p.cpu()-before) / float64(len(all))
	}
	return l, nil
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }

// quantile of a sorted list.
func quantile[T any](sorted []T, q float64) T { return sorted[int(q*float64(len(sorted)-1))] }

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	return quantile(slices.Sorted(slices.Values(values)), .5)
}
