// Package netguard is the one way out: the dialer and HTTP client of everything that
// patchbay sends. It owns what an address of a trust class may reach, judged on the
// resolved address at the moment of connecting, the caps on what comes back, the
// rules for redirects, and the outbound proxy.
//
// It does not own what is sent, nor retries. A Guard is immutable and safe for
// concurrent use; a changed policy is a new Guard.
package netguard
