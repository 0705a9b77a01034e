package netguard

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
)

// BlockedError is a refusal of the guard.
type BlockedError struct {
	Target string // host:port as it was asked for; never what a name resolved to
	Why    string // a clause: "it is not a public address"
	Line   string // the YAML line that would allow it; "" when nothing would
}

// Error names the target, the reason and the line to add.
func (e *BlockedError) Error() string {
	s := fmt.Sprintf("connections to %s are not allowed: %s", e.Target, e.Why)
	if e.Line != "" {
		s += "; to allow it, add to librechat.yaml: " + e.Line
	}
	return s
}

// TLSError means that the far end answered but no trusted encryption came about.
type TLSError struct {
	Host string
	Why  string // a clause that says what is wrong with it
	Err  error
}

// Error names the host and what is wrong.
func (e *TLSError) Error() string {
	return fmt.Sprintf("no secure connection to %s: %s", e.Host, e.Why)
}

// Unwrap returns the cause.
func (e *TLSError) Unwrap() error { return e.Err }

// LimitError means that the far end sent more than the cap of the request.
type LimitError struct {
	What  string // "body", "encoding"
	Limit int64  // bytes; 0 for an encoding that was not asked for
}

// Error names the cap.
func (e *LimitError) Error() string {
	if e.Limit == 0 {
		return "the server sent a compressed answer, which was not asked for"
	}
	return fmt.Sprintf("the server sent more than %d bytes", e.Limit)
}

// asTLS turns the standard library's many TLS errors into a *TLSError, and leaves
// other errors alone.
func asTLS(err error, host string) error {
	var (
		verify  *tls.CertificateVerificationError
		record  tls.RecordHeaderError
		alert   tls.AlertError
		name    x509.HostnameError
		unknown x509.UnknownAuthorityError
		invalid x509.CertificateInvalidError
	)
	why := ""
	switch {
	case errors.As(err, &name):
		why = "its certificate is for another name"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		why = "its certificate has expired or is not yet valid"
	case errors.As(err, &unknown):
		why = "its certificate is signed by an authority that this system does not trust"
	case errors.As(err, &invalid), errors.As(err, &verify):
		why = "its certificate is not valid"
	case errors.As(err, &record):
		why = "it does not speak TLS on this port"
	case errors.As(err, &alert):
		why = "it refused the handshake"
	default:
		return err
	}
	return &TLSError{Host: host, Why: why, Err: err}
}
