package conn

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"patchbay"
	"patchbay/internal/netguard"
	"patchbay/internal/transport"
)

// explain turns what a wire or the SDK says into the reason and the sentence that a
// person is shown. The far end's own text appears only shortened and printable.
func explain(server string, err error) *patchbay.ConnectError {
	ce := &patchbay.ConnectError{Server: server, Err: err}
	var known *patchbay.ConnectError
	var auth *transport.AuthError
	var status *transport.HTTPError
	var exit *transport.ExitError
	var command *transport.CommandError
	var limit *transport.LimitError
	var protocol *transport.ProtocolError
	var rpc *transport.RPCError
	var blocked *netguard.BlockedError
	var capped *netguard.LimitError
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &auth):
		explainAuth(ce, auth)
	case errors.As(err, &blocked):
		ce.Reason, ce.Message = patchbay.ReasonBlocked, sentence(blocked.Error())
	case errors.As(err, &status):
		explainStatus(ce, status)
	case errors.As(err, &exit):
		ce.Reason, ce.Message = patchbay.ReasonExited, sentence(exit.Error())
	case errors.As(err, &command):
		ce.Reason, ce.Message = patchbay.ReasonBadDefinition, sentence(command.Error())
	case errors.As(err, &limit):
		ce.Reason, ce.Message = patchbay.ReasonProtocol, sentence(limit.Error())
	case errors.As(err, &capped):
		ce.Reason, ce.Message = patchbay.ReasonProtocol, sentence(capped.Error())
	case errors.As(err, &protocol):
		ce.Reason, ce.Message = patchbay.ReasonProtocol, sentence(protocol.Error())
	case errors.As(err, &rpc):
		ce.Reason, ce.Message = patchbay.ReasonProtocol, "The server refused to connect: "+sentence(clip(rpc.Message, 200))
	case explainNet(ce, err):
	default:
		ce.Reason, ce.Message = patchbay.ReasonProtocol, "The server did not answer as an MCP server does: "+sentence(clip(err.Error(), 200))
	}
	return ce
}

func explainAuth(ce *patchbay.ConnectError, auth *transport.AuthError) {
	ce.Challenge = auth.Challenge
	if auth.Status == http.StatusUnauthorized {
		ce.Reason, ce.Message = patchbay.ReasonSigninRequired, "The server wants you to sign in."
		return
	}
	ce.Reason = patchbay.ReasonUnauthorized
	ce.Message = "The server refuses access (HTTP 403). Check the credentials and rights that the definition sends."
}

func explainStatus(ce *patchbay.ConnectError, e *transport.HTTPError) {
	ce.After = e.RetryAfter
	switch {
	case e.Status == http.StatusTooManyRequests:
		ce.Reason, ce.Message = patchbay.ReasonRateLimited, "The server says that it is asked too often (HTTP 429)."
	case e.Status == http.StatusNotFound, e.Status == http.StatusMethodNotAllowed:
		ce.Reason = patchbay.ReasonProtocol
		ce.Message = fmt.Sprintf("There is no MCP server at this url (HTTP %d). Check its path.", e.Status)
	case byProxy(e):
		ce.Reason = patchbay.ReasonCutByProxy
		ce.Message = fmt.Sprintf("A proxy in front of the server answered in its place (HTTP %d %s). Is the server behind it running?", e.Status, http.StatusText(e.Status))
	case e.Status >= 500:
		ce.Reason = patchbay.ReasonUnreachable
		ce.Message = sentence(e.Error())
	default:
		ce.Reason, ce.Message = patchbay.ReasonProtocol, sentence(e.Error())
	}
	if e.RetryAfter > 0 {
		ce.Message += " Try again in " + e.RetryAfter.String() + "."
	}
}

// explainNet names what the network said.
func explainNet(ce *patchbay.ConnectError, err error) bool {
	var dns *net.DNSError
	var op *net.OpError
	var tls *netguard.TLSError
	switch {
	case errors.As(err, &tls):
		ce.Reason, ce.Message = patchbay.ReasonTLS, sentence(tls.Error())
	case errors.As(err, &dns):
		ce.Reason, ce.Message = patchbay.ReasonUnreachable, "The host name cannot be resolved. Check the url."
	case errors.Is(err, syscall.ECONNREFUSED):
		ce.Reason, ce.Message = patchbay.ReasonUnreachable, "Nothing listens at this address (connection refused). Is the server running, and is the port right?"
	case errors.Is(err, context.DeadlineExceeded):
		ce.Reason, ce.Message = patchbay.ReasonTimeout, "The server did not answer in time."
	case errors.Is(err, transport.ErrLost), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		ce.Reason, ce.Message = patchbay.ReasonLost, "The server closed the connection."
	case errors.As(err, &op):
		ce.Reason, ce.Message = patchbay.ReasonUnreachable, "The server cannot be reached: "+sentence(clip(op.Err.Error(), 200))
	default:
		return false
	}
	return true
}

// explainCall turns the error of one call, which took so long, into what its caller is
// told.
func (l *live) explainCall(tool string, err error, took time.Duration) error {
	var own *patchbay.Error
	var rpc *transport.RPCError
	var call *transport.CallError
	var status *transport.HTTPError
	var limit *transport.LimitError
	var protocol *transport.ProtocolError
	detail := map[string]any{"serverName": l.server()}
	fail := func(code patchbay.Code, message string) error {
		return &patchbay.Error{Code: code, Message: message, Detail: detail, Err: err}
	}
	switch {
	case errors.As(err, &own):
		return own
	case errors.Is(err, errCallTimeout):
		return fail(patchbay.CodeTimeout, fmt.Sprintf("No answer from %s within %s. If the tool is slow, raise `timeout` of the server.", l.server(), l.timeout))
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.As(err, &rpc):
		detail["rpc"] = rpcDetail(rpc)
		return fail(patchbay.CodeServerError, l.server()+" answered with an error: "+sentence(clip(rpc.Message, 1024)))
	case errors.As(err, &limit):
		return fail(patchbay.CodeProtocol, sentence(limit.Error()))
	case errors.As(err, &protocol):
		return fail(patchbay.CodeProtocol, sentence(protocol.Error()))
	case errors.As(err, &call) && call.Sent && (!answered(err) || gatewayTimeout(err)):
		message := fmt.Sprintf("The connection to %s was lost while %q ran. Nobody knows whether it was carried out, so it was not sent again.", l.server(), clip(tool, 64))
		if l.wasCut(err, took) {
			detail["reason"] = patchbay.ReasonCutByProxy
			message += " " + cutSentence(took)
		}
		return fail(patchbay.CodeUnknownFate, message)
	case errors.As(err, &status) && status.Status == http.StatusTooManyRequests:
		ce := explain(l.server(), err)
		return &patchbay.Error{Code: patchbay.CodeRateLimited, Message: ce.Message, Detail: detail, RetryAfter: max(ce.After, time.Second), Err: err}
	}
	return explain(l.server(), err)
}

// A proxy in front of a server shows in two ways. (1) It answers in the server's place:
// 502 and 504 say so by themselves, 503 when its body is a web page, which no MCP server
// answers with. (2) It cuts what takes too long: a stream or a line that waited for an
// answer breaks after the same time, five seconds or more, twice in a row (see cuts).
// Both are ReasonCutByProxy; anything else that breaks is ReasonLost, because a server
// that crashes looks the same.

// byProxy reports that a proxy answered in the server's place.
func byProxy(e *transport.HTTPError) bool {
	switch e.Status {
	case http.StatusBadGateway, http.StatusGatewayTimeout:
		return true
	case http.StatusServiceUnavailable:
		return e.HTML
	}
	return false
}

// gatewayTimeout reports that a proxy gave up waiting: the server may be at work still.
func gatewayTimeout(err error) bool {
	var status *transport.HTTPError
	return errors.As(err, &status) && status.Status == http.StatusGatewayTimeout
}

// wasCut reports whether what broke one call was a proxy's time limit.
func (l *live) wasCut(err error, took time.Duration) bool {
	if gatewayTimeout(err) {
		return true
	}
	e := l.entry
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.cuts.note(took)
}

func cutSentence(d time.Duration) string {
	return "Something between here and the server, such as a proxy, seems to cut what takes longer than " +
		d.Round(time.Second).String() + ": raise its time limit."
}

// cutByProxy is the reason of a connection that breaks after the same time each time.
func cutByProxy(err *patchbay.ConnectError, d time.Duration) *patchbay.ConnectError {
	cut := *err
	cut.Reason, cut.Message = patchbay.ReasonCutByProxy, err.Message+" "+cutSentence(d)
	return &cut
}

// answered reports whether the far end turned the call down with a status, so that it
// is known not to have run.
func answered(err error) bool {
	var auth *transport.AuthError
	var status *transport.HTTPError
	return errors.As(err, &auth) || errors.As(err, &status)
}

// rpcDetail is a server's JSON-RPC error for the answer. Its data is the server's own.
func rpcDetail(e *transport.RPCError) map[string]any {
	d := map[string]any{"code": e.Code, "message": clip(e.Message, 1024)}
	if len(e.Data) > 0 && len(e.Data) <= 64<<10 && json.Valid(e.Data) {
		d["data"] = e.Data
	}
	return d
}

// clip makes foreign text one printable line of at most n bytes.
func clip(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if len(s) > n {
		s = strings.ToValidUTF8(s[:n], "") + "…"
	}
	return s
}

// sentence makes s begin with a capital and end with a full stop.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return s
	}
	if !strings.ContainsAny(s[len(s)-1:], ".!?") && !strings.HasSuffix(s, "…") {
		s += "."
	}
	if s[0] >= 'a' && s[0] <= 'z' {
		s = string(s[0]-'a'+'A') + s[1:]
	}
	return s
}
