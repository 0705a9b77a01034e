package transport

import (
	"bytes"
	"errors"
	"io"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"patchbay"
	"patchbay/internal/expand"
)

// Bounds of a child's standard output and of its end.
const (
	garbageLines = 100     // lines that are no messages
	garbageBytes = 1 << 20 // bytes of such lines
	patience     = time.Second
	drainTime    = time.Second // for what a dead child has written
)

// stdioWire is a child process with a message per line.
type stdioWire struct {
	pipe
	child   *Child
	out     outbox
	err     *stderrTap // nil with `stderr: ignore`
	max     int
	ended   chan error // capacity two: what the reader and the writer met
	closing chan struct{}
	once    sync.Once
	stopped chan struct{}
}

var _ Wire = (*stdioWire)(nil)

func (f *Factory) openStdio(ep *expand.Endpoint, o OpenOptions) (Wire, error) {
	if f.opts.Spawner == nil {
		return nil, &CommandError{Command: firstOf(ep.Argv), Err: errors.New("programs may not be started here")}
	}
	child, err := f.opts.Spawner.Spawn(Spec{Argv: ep.Argv, Env: ep.Env, Dir: ep.Dir, NoStderr: ep.Stderr == patchbay.StderrIgnore})
	if err != nil {
		return nil, err
	}
	w := &stdioWire{child: child, max: f.opts.MaxMessage, ended: make(chan error, 2), closing: make(chan struct{}), stopped: make(chan struct{})}
	w.pipe.init(o.Server, f.opts.Logger, f.opts.MaxMessage)
	w.out.init()
	w.send, w.recall = w.out.put, w.out.remove
	if child.Stderr != nil {
		w.err = &stderrTap{server: o.Server, now: time.Now}
		if ep.Stderr != patchbay.StderrPipe {
			w.err.print = f.opts.Stderr
		}
	}
	go w.run()
	return w, nil
}

func firstOf(argv []string) string {
	if len(argv) == 0 {
		return ""
	}
	return argv[0]
}

// Stderr implements Wire.
func (w *stdioWire) Stderr() []byte {
	if w.err == nil {
		return nil
	}
	return w.err.bytes()
}

// Close implements mcp.Connection.
func (w *stdioWire) Close() error {
	w.finish(ErrClosed)
	w.once.Do(func() { close(w.closing) })
	<-w.stopped
	return nil
}

// run lives as long as the child.
func (w *stdioWire) run() {
	defer close(w.stopped)
	var readers, writer sync.WaitGroup
	readers.Go(func() { w.ended <- w.read() })
	writer.Go(w.write)
	if w.err != nil {
		readers.Go(func() { w.err.run(w.child.Stderr) })
	}
	var err error
	wait := patience
	select {
	case <-w.closing:
		err = ErrClosed
	case <-w.child.exited:
	case err = <-w.ended:
		wait = 0
		if errors.Is(err, io.EOF) || errors.Is(err, unix.EPIPE) {
			// Most of the time the end of a pipe is the end of the child.
			if err = ErrLost; w.child.exitedWithin(patience) {
				err = nil
			}
		}
	}
	if err != nil {
		w.finish(err)
		w.out.close(err)
		w.child.stop(wait)
	}
	// The whole group is dead. A process that left it may hold the pipes, so what is
	// still in them is waited for only so long.
	deadline := time.Now().Add(drainTime)
	_ = w.child.Stdout.SetReadDeadline(deadline) // a pipe always takes one
	if w.child.Stderr != nil {
		_ = w.child.Stderr.SetReadDeadline(deadline) // as above
	}
	readers.Wait()
	exit := w.child.exit
	if w.err != nil {
		exit.Stderr = w.err.last()
	}
	w.finish(&exit)
	w.out.close(&exit)
	w.child.closePipes()
	nudge(w.out.filled)
	writer.Wait()
}

// write passes on what is in the outbox, many messages at a time.
func (w *stdioWire) write() {
	var b []byte
	for {
		select {
		case <-w.out.filled:
		case <-w.Done():
			return
		}
		batch := w.out.take()
		b = b[:0]
		for _, m := range batch {
			b = append(append(b, m.data...), '\n')
			m.done()
		}
		if len(b) == 0 {
			continue
		}
		if _, err := w.child.Stdin.Write(b); err != nil {
			w.ended <- err
			return
		}
		if cap(b) > keepBuffer {
			b = nil
		}
	}
}

// read takes the child's lines until they end.
func (w *stdioWire) read() error {
	lines := lineReader{r: w.child.Stdout, max: w.max}
	garbage, garbageSize := 0, 0
	for {
		line, err := lines.next()
		if err != nil {
			return err
		}
		text := bytes.TrimSpace(stripANSI(line))
		if len(text) == 0 && len(line) < 2 {
			continue
		}
		err = errForeign
		if len(text) > 0 && (text[0] == '{' || text[0] == '[') {
			err = w.receive(text)
		}
		if err == nil || lines.cut {
			continue // half a message is what a crash leaves: how the program ended says more
		}
		var protocol *ProtocolError
		if !errors.Is(err, errForeign) && !(errors.As(err, &protocol) && !bytes.Contains(text[:min(len(text), 256)], []byte(`"jsonrpc"`))) {
			return err
		}
		garbage++
		garbageSize += len(line)
		if garbage > garbageLines || garbageSize > garbageBytes {
			return protocolErrorf("the program prints other things than MCP messages to its standard output: %q", snippet(text, 100))
		}
	}
}
