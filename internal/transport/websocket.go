package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"

	"patchbay/internal/expand"
	"patchbay/internal/netguard"
)

// Times of a websocket. A dead one is found within pingEvery + pingWait.
const (
	pingEvery   = 20 * time.Second
	pingWait    = 20 * time.Second
	frameTime   = 30 * time.Second // for one message to leave
	foreignMost = 100              // messages that are no MCP
)

// socketWire is a websocket with one message per text message. MCP has no such
// transport of its own; the subprotocol `mcp` is what clients and servers use.
type socketWire struct {
	pipe
	conn    *websocket.Conn
	out     outbox
	max     int
	life    context.Context //nolint:containedctx // the wire is a run whose life it is
	cancel  context.CancelFunc
	running sync.WaitGroup
}

var _ Wire = (*socketWire)(nil)

func (f *Factory) openWebSocket(ctx context.Context, ep *expand.Endpoint, o OpenOptions) (Wire, error) {
	if ep.URL == nil {
		return nil, fmt.Errorf("transport: websocket without a URL")
	}
	var set headerSource
	set.init(f.common, ep, o.Token)
	h := set.get(nil).other.Clone()
	for _, name := range []string{"Content-Type", "Accept", "Accept-Encoding"} {
		h.Del(name) // of a request with a body
	}
	conn, resp, err := websocket.Dial(ctx, ep.URL.String(), &websocket.DialOptions{
		HTTPClient: &http.Client{
			Transport:     f.opts.Guard().RoundTripper(netguard.ClientOptions{Trust: ep.Trust, Proxy: ep.Proxy}),
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		HTTPHeader: h, Host: ep.Header.Get("Host"), Subprotocols: []string{"mcp"}, CompressionMode: websocket.CompressionDisabled,
	})
	if err != nil {
		return nil, dialError(resp, err)
	}
	conn.SetReadLimit(int64(f.opts.MaxMessage) + 1)
	w := &socketWire{conn: conn, max: f.opts.MaxMessage}
	w.pipe.init(o.Server, f.opts.Logger, f.opts.MaxMessage)
	w.out.init()
	w.send, w.recall = w.out.put, w.out.remove
	w.life, w.cancel = context.WithCancel(context.WithoutCancel(ctx))
	w.running.Go(func() { w.fail(w.read()) })
	w.running.Go(func() { w.fail(w.write()) })
	w.running.Go(func() { w.fail(w.ping()) })
	return w, nil
}

// dialError says why there was no handshake.
func dialError(resp *http.Response, err error) error {
	if resp == nil {
		return wayError(err)
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		return &AuthError{Status: resp.StatusCode, Challenge: resp.Header.Values("Www-Authenticate")}
	case http.StatusSwitchingProtocols:
		return protocolErrorf("the websocket handshake went wrong: %s", snippet([]byte(err.Error()), 200))
	}
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody)) // as much as came
	return httpError(resp, body)
}

// read takes messages until the socket ends.
func (w *socketWire) read() error {
	var buf []byte
	foreign := 0
	for {
		kind, r, err := w.conn.Reader(w.life)
		if err != nil {
			return socketError(err, w.max)
		}
		if buf, err = readMessage(r, buf[:0], w.max); err != nil {
			return socketError(err, w.max)
		}
		err = errForeign
		if kind == websocket.MessageText {
			err = w.receive(buf)
		}
		if errors.Is(err, errForeign) {
			if foreign++; foreign <= foreignMost {
				err = nil
			} else {
				err = protocolErrorf("the server sends other things than MCP messages")
			}
		}
		if err != nil {
			return err
		}
		if cap(buf) > keepBuffer {
			buf = nil
		}
	}
}

// readMessage reads one message of at most limit bytes into b.
func readMessage(r io.Reader, b []byte, limit int) ([]byte, error) {
	for {
		if len(b) == cap(b) {
			grown := make([]byte, len(b), grownSize(len(b), 512, limit+1))
			copy(grown, b)
			b = grown
		}
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if len(b) > limit {
			return nil, &LimitError{What: "message", Limit: int64(limit)}
		}
		if errors.Is(err, io.EOF) {
			return b, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// socketError turns the library's errors into ours.
func socketError(err error, limit int) error {
	var close websocket.CloseError
	var over *LimitError
	switch {
	case errors.As(err, &over):
		return err
	case errors.Is(err, websocket.ErrMessageTooBig):
		return &LimitError{What: "message", Limit: int64(limit)}
	case errors.As(err, &close):
		return fmt.Errorf("%w (websocket status %d %s)", ErrLost, close.Code, snippet([]byte(close.Reason), 100))
	case errors.Is(err, io.EOF):
		return ErrLost
	}
	return fmt.Errorf("%w: %w", ErrLost, err)
}

// write passes on what is in the outbox. A caller's context never gets here: its end in
// the middle of a message would end the socket.
func (w *socketWire) write() error {
	for {
		select {
		case <-w.out.filled:
		case <-w.life.Done():
			return ErrClosed
		}
		for _, m := range w.out.take() {
			ctx, cancel := context.WithTimeout(w.life, frameTime)
			err := w.conn.Write(ctx, websocket.MessageText, m.data)
			cancel()
			m.done()
			if err != nil {
				return socketError(err, w.max)
			}
		}
	}
}

// ping asks for a sign of life now and then.
func (w *socketWire) ping() error {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-w.life.Done():
			return ErrClosed
		}
		ctx, cancel := context.WithTimeout(w.life, pingWait)
		err := w.conn.Ping(ctx)
		cancel()
		if err != nil {
			return fmt.Errorf("%w: it no longer answers pings", ErrLost)
		}
	}
}

// fail ends the wire because of err.
func (w *socketWire) fail(err error) {
	w.finish(err)
	w.out.close(w.Err())
	w.cancel()
}

// Close implements mcp.Connection.
func (w *socketWire) Close() error {
	if w.finish(ErrClosed) {
		w.out.close(ErrClosed)
		// The library waits five seconds at most for the other side's goodbye.
		_ = w.conn.Close(websocket.StatusNormalClosure, "") // whether it heard does not matter
	}
	w.cancel()
	_ = w.conn.CloseNow() // as above
	w.running.Wait()
	return nil
}
