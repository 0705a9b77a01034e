package doctor

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"time"

	"patchbay"
	"patchbay/internal/expand"
	"patchbay/internal/netguard"
)

const reachTimeout = 15 * time.Second

// reach looks whether the address can be reached: by its name, through the guard, with
// its certificate. Nothing of the definition's headers is sent.
func (x *examination) reach(ctx context.Context, ep *expand.Endpoint) bool {
	ctx, cancel := context.WithTimeout(ctx, reachTimeout)
	defer cancel()
	at := *ep.URL
	at.User, at.RawQuery, at.Fragment = nil, "", ""
	at.Scheme = strings.Replace(at.Scheme, "ws", "http", 1)
	begin := time.Now()
	seen := &sights{}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, seen.trace()), http.MethodHead, at.String(), nil)
	if err != nil {
		x.step(begin, Step{Name: "address", Asked: at.Host, Answer: "It is not one that can be asked."})
		x.conclude(patchbay.ReasonBadDefinition, "Correct the url of the server.", patchbay.ActionNone)
		return false
	}
	client := x.o.Guard().Client(netguard.ClientOptions{
		Trust: ep.Trust, Origin: ep.URL, Proxy: ep.Proxy, MaxBody: 64 << 10, Timeout: reachTimeout, NoRedirects: true,
	})
	resp, err := client.Do(req)
	for _, s := range seen.steps() {
		x.step(begin, s)
	}
	if err != nil {
		reason, why := unreachable(err, at.Host)
		x.step(begin, Step{Name: "address", Asked: shown(&at), Answer: why})
		action := patchbay.ActionRetry
		if reason == patchbay.ReasonBlocked {
			action = patchbay.ActionNone
		}
		x.conclude(reason, why, action)
		return false
	}
	_ = resp.Body.Close() // a HEAD has none
	x.step(begin, Step{Name: "address", Asked: "HEAD " + shown(&at), Status: resp.StatusCode, OK: true, Answer: "Something answers there."})
	return true
}

func shown(u *url.URL) string { return u.Scheme + "://" + u.Host + u.EscapedPath() }

// unreachable says what the network, or the guard, has against an address.
func unreachable(err error, host string) (patchbay.Reason, string) {
	var blocked *netguard.BlockedError
	var bad *netguard.TLSError
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.As(err, &blocked):
		return patchbay.ReasonBlocked, blocked.Error()
	case errors.As(err, &bad):
		return patchbay.ReasonTLS, bad.Error()
	case errors.As(err, &dns):
		return patchbay.ReasonUnreachable, "The name " + host + " cannot be resolved. Check the url, or the network's name server."
	case errors.Is(err, context.DeadlineExceeded):
		return patchbay.ReasonTimeout, fmt.Sprintf("%s did not answer within %s. Is it running, and does a firewall stand between?", host, reachTimeout)
	case errors.As(err, &op) && op.Op == "dial":
		return patchbay.ReasonUnreachable, "Nothing can be reached at " + host + ". Is the server running, and is the port right?"
	}
	return patchbay.ReasonLost, host + " closed the connection without an answer. Is this an address of an MCP server?"
}

// sights collects what the network did. Its hooks may be called by several goroutines.
type sights struct {
	mu    sync.Mutex
	found []Step
}

func (s *sights) add(step Step) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.found = append(s.found, step)
}

func (s *sights) steps() []Step {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Step(nil), s.found...)
}

func (s *sights) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSDone: func(i httptrace.DNSDoneInfo) {
			if i.Err == nil {
				s.add(Step{Name: "name", OK: true, Answer: fmt.Sprintf("It resolves to %d address(es).", len(i.Addrs))})
			}
		},
		ConnectDone: func(_, addr string, err error) {
			if err == nil {
				s.add(Step{Name: "network", Asked: addr, OK: true, Answer: "It takes connections."})
			}
		},
		TLSHandshakeDone: func(c tls.ConnectionState, err error) {
			if err == nil && len(c.PeerCertificates) > 0 {
				cert := c.PeerCertificates[0]
				s.add(Step{Name: "certificate", OK: true, Answer: fmt.Sprintf("%s, valid until %s.", tls.VersionName(c.Version), cert.NotAfter.UTC().Format(time.DateOnly))})
			}
		},
		GotConn: func(i httptrace.GotConnInfo) {
			if i.Reused {
				s.add(Step{Name: "network", OK: true, Answer: "A connection to it is open already."})
			}
		},
	}
}
