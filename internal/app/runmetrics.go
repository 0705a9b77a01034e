package app

import (
	"context"
	"encoding/json"

	"github.com/prometheus/client_golang/prometheus"

	"patchbay"
)

// runMetrics count runs and tokens. Labels are of closed lists.
type runMetrics struct {
	runs   *prometheus.CounterVec
	tokens *prometheus.CounterVec
}

func newRunMetrics(to *prometheus.Registry) *runMetrics {
	m := &runMetrics{
		runs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "patchbay_runs_total", Help: "Times that a run came to a status, in this process.",
		}, []string{"status"}),
		tokens: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "patchbay_model_tokens_total", Help: "Tokens that models read and wrote, as their vendors count them.",
		}, []string{"direction"}),
	}
	to.MustRegister(m.runs, m.tokens)
	return m
}

// follow counts from the facts of runs, until ctx ends.
func (m *runMetrics) follow(ctx context.Context, events <-chan patchbay.Event) {
	for {
		select {
		case <-ctx.Done():
			return
		case ev, ok := <-events:
			if !ok {
				return
			}
			if fact, ok := ev.Data.(patchbay.RunFact); ok {
				m.count(&fact.RunEvent)
			}
		}
	}
}

func (m *runMetrics) count(e *patchbay.RunEvent) {
	var data struct {
		Status  patchbay.RunStatus `json:"status"`
		Message struct {
			Usage patchbay.Usage `json:"usage"`
		} `json:"message"`
	}
	if json.Unmarshal(e.Data, &data) != nil {
		return // of another form: nothing to count
	}
	switch e.Kind {
	case patchbay.RunEventStatus:
		m.runs.WithLabelValues(string(data.Status)).Inc()
	case patchbay.RunEventMessage:
		m.tokens.WithLabelValues("input").Add(float64(data.Message.Usage.Input))
		m.tokens.WithLabelValues("output").Add(float64(data.Message.Usage.Output))
	}
}

// countRuns keeps the metrics of runs.
func (a *App) countRuns(ctx context.Context) error {
	for ctx.Err() == nil {
		sub := a.bus.Subscribe(4096, func(ev patchbay.Event) bool {
			fact, ok := ev.Data.(patchbay.RunFact)
			return ok && (fact.Kind == patchbay.RunEventStatus || fact.Kind == patchbay.RunEventMessage)
		})
		a.metrics.runs.follow(ctx, sub.Events())
		sub.Close()
	}
	return nil
}
