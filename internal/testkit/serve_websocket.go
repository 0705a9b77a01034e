package testkit

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// serveSocket plays on a websocket, subprotocol mcp.
func (s *Scripted) serveSocket(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"mcp"}})
	if err != nil {
		return // Accept has answered
	}
	c.SetReadLimit(maxRequestBody)
	ctx, stop := context.WithCancel(s.ctx)
	l := &socketLine{c: c, life: ctx}
	if s.p.Case == Flaps {
		defer time.AfterFunc(s.p.Every, l.cut).Stop()
	}
	id := rand.Text()
	var running sync.WaitGroup
	for {
		_, data, err := c.Read(ctx)
		if err != nil {
			break
		}
		var m message
		if json.Unmarshal(data, &m) != nil {
			continue
		}
		running.Go(func() { s.p.take(l, id, &m) })
	}
	stop()
	_ = c.CloseNow() // it is over, whoever ended it
	running.Wait()
}

// socketLine is a websocket as a line.
type socketLine struct {
	c    *websocket.Conn
	life context.Context //nolint:containedctx // the life of the connection
}

func (l *socketLine) send(message io.Reader) error {
	w, err := l.c.Writer(l.life, websocket.MessageText)
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, message); err != nil {
		return err
	}
	return w.Close()
}

// raw sends the bytes as a message of their own: a websocket has nothing less.
func (l *socketLine) raw(p []byte) error { return l.c.Write(l.life, websocket.MessageText, p) }

func (l *socketLine) half(p []byte) error {
	w, err := l.c.Writer(l.life, websocket.MessageText)
	if err != nil {
		return err
	}
	_, err = w.Write(p)
	return err
}

func (l *socketLine) cut()                 { _ = l.c.CloseNow() } // it is gone, that is the point
func (l *socketLine) ctx() context.Context { return l.life }
