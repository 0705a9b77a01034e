package transport_test

import (
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"patchbay"
	"patchbay/internal/netguard"
	"patchbay/internal/transport"
)

// TestHTTP2 runs the lane over TLS, where the streams of all calls share a socket.
func TestHTTP2(t *testing.T) {
	server := newSDKServer()
	h := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server.Server }, nil)
	proto := make(chan string, 1)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case proto <- r.Proto:
		default:
		}
		h.ServeHTTP(w, r)
	}))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	t.Cleanup(srv.Close)
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	g, err := netguard.New(netguard.Policy{RootCAs: roots})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.CloseIdle)
	f := newFactory(t, func(o *transport.Options) { o.Guard = func() transport.Guard { return g } })
	wire := open(t, f, endpoint(t, patchbay.TransportHTTP, srv.URL))
	session := connect(t, wire)
	if got := <-proto; got != "HTTP/2.0" {
		t.Errorf("spoke %s", got)
	}
	carries(t, server, session, wire)
}
