package app

import (
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"patchbay"
)

// metrics are the process's Prometheus metrics. Labels are bounded: names of servers of
// the configuration file, and outcomes of a closed list. No user, tool or host is one.
type metrics struct {
	registry *prometheus.Registry
	calls    *prometheus.HistogramVec
	known    func(server string) bool
	runs     *runMetrics

	series sync.Map // series -> prometheus.Observer, so that a call looks up once
}

// newMetrics returns metrics; counts tells of connections by level when scraped, and
// known whether a server's name may be a label.
func newMetrics(counts func() map[patchbay.Level]int, known func(string) bool) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(), known: known,
		calls: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "patchbay_tool_call_seconds",
			Help:    "Time of tool calls, from the door to the answer, by server and outcome.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300},
		}, []string{"server", "outcome"}),
	}
	m.runs = newRunMetrics(m.registry)
	m.registry.MustRegister(m.calls, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		connectionGauge{counts: counts, desc: prometheus.NewDesc("patchbay_connections", "Open connections to MCP servers, by level.", []string{"level"}, nil)})
	return m
}

// CallDone implements tools.Meter.
func (m *metrics) CallDone(server, outcome string, took time.Duration) {
	if !m.known(server) {
		server = "" // made by people: as many names as people like
	}
	key := series{server, outcome}
	o, ok := m.series.Load(key)
	if !ok {
		o, _ = m.series.LoadOrStore(key, m.calls.WithLabelValues(server, outcome))
	}
	o.(prometheus.Observer).Observe(took.Seconds())
}

type series struct{ server, outcome string }

// handler serves the metrics in Prometheus' text form.
func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4})
}

// connectionGauge counts connections at the time of the scrape.
type connectionGauge struct {
	counts func() map[patchbay.Level]int
	desc   *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (g connectionGauge) Describe(ch chan<- *prometheus.Desc) { ch <- g.desc }

// Collect implements prometheus.Collector.
func (g connectionGauge) Collect(ch chan<- prometheus.Metric) {
	for level, n := range g.counts() {
		ch <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, float64(n), string(level))
	}
}
