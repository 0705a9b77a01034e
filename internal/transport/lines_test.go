package transport

import (
	"errors"
	"io"
	"strings"
	"testing"
)

// endless never has a line's end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// TestTooLongKeepsToItsCap: what is too long is refused without setting aside twice what
// one message may take.
func TestTooLongKeepsToItsCap(t *testing.T) {
	const most = 1 << 20
	var limit *LimitError
	l := &lineReader{r: endless{}, max: most}
	if _, err := l.next(); !errors.As(err, &limit) || len(l.buf) > most+1 {
		t.Errorf("a line: %v, with %d bytes set aside", err, len(l.buf))
	}
	e := newEventReader(io.MultiReader(strings.NewReader("data: "), endless{}), most)
	if _, err := e.next(); !errors.As(err, &limit) || len(e.buf) > most+3 {
		t.Errorf("an event: %v, with %d bytes set aside", err, len(e.buf))
	}
}

// TestMadeUpAnswers: a result that nobody asked for is not the end of a connection.
func TestMadeUpAnswers(t *testing.T) {
	for message, want := range map[string]bool{
		`{"jsonrpc":"2.0","id":null,"result":{}}`:                          true,
		`{"jsonrpc":"2.0","id":1.5,"result":{}}`:                           true,
		`{"jsonrpc":"2.0","id":-1,"result":{}}`:                            true,
		`{"jsonrpc":"2.0","id":"nobody","result":{}}`:                      true,
		`{"jsonrpc":"2.0","result":{}}`:                                    true,
		`{"jsonrpc":"2.0","id":7,"result":{}}`:                             false,
		`{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":""}}`: false,
		`{"jsonrpc":"2.0","id":"theirs","method":"ping"}`:                  false,
	} {
		e, err := scanEnvelope([]byte(message))
		if err != nil || e.madeUp() != want {
			t.Errorf("%s: made up %t, %v", message, e.madeUp(), err)
		}
	}
}
