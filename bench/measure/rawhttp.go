package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const callTimeout = 30 * time.Second

// rawClient is one keep-alive connection that costs the load as little as can be.
type rawClient struct {
	host, path string
	conn       net.Conn
	in         *bufio.Reader
	buf        []byte
}

func newRawClient(host, path string) *rawClient { return &rawClient{host: host, path: path} }

func (c *rawClient) close() {
	if c.conn != nil {
		_ = c.conn.Close() // nothing is under way
		c.conn = nil
	}
}

// do sends one request and reads its answer.
func (c *rawClient) do(headers []string, body []byte) (*http.Response, []byte, error) {
	if c.conn == nil {
		conn, err := net.DialTimeout("tcp", c.host, 5*time.Second) //nolint:noctx // a measured call has no context: what bounds it is the step
		if err != nil {
			return nil, nil, err
		}
		c.conn, c.in = conn, bufio.NewReaderSize(conn, 4<<10)
	}
	b := append(c.buf[:0], "POST "+c.path+" HTTP/1.1\r\nHost: "+c.host+"\r\n"...)
	for i := 0; i+1 < len(headers); i += 2 {
		b = append(append(append(append(b, headers[i]...), ": "...), headers[i+1]...), "\r\n"...)
	}
	b = strconv.AppendInt(append(b, "Content-Length: "...), int64(len(body)), 10)
	b = append(append(b, "\r\n\r\n"...), body...)
	c.buf = b
	_ = c.conn.SetDeadline(time.Now().Add(callTimeout)) // cannot fail on an open socket
	resp, out, err := c.exchange(b)
	if err != nil || resp.Close {
		c.close()
	}
	return resp, out, err
}

func (c *rawClient) exchange(request []byte) (*http.Response, []byte, error) {
	if _, err := c.conn.Write(request); err != nil {
		return nil, nil, err
	}
	resp, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return nil, nil, err
	}
	out, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close() // read to its end
	return resp, out, err
}

// post implements poster.
func (c *rawClient) post(_ context.Context, headers []string, body []byte) (kind, session string, answer []byte, err error) {
	resp, out, err := c.do(headers, body)
	if err != nil {
		return "", "", nil, err
	}
	return taken(resp, out)
}

func taken(resp *http.Response, out []byte) (kind, session string, answer []byte, err error) {
	if resp.StatusCode/100 != 2 {
		return "", "", nil, fmt.Errorf("status %d: %.200s", resp.StatusCode, out)
	}
	kind, _, _ = strings.Cut(resp.Header.Get("Content-Type"), ";")
	return kind, resp.Header.Get("Mcp-Session-Id"), out, nil
}
