package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"

	"patchbay"
)

// Origin is where a request came from, as far as the door knows.
type Origin struct {
	IP        string
	UserAgent string
}

// Bounds of what is kept of an origin.
const (
	maxIP        = 64
	maxUserAgent = 256
)

// clean returns o as it may be stored: bounded, printable text.
func (o Origin) clean() Origin {
	return Origin{IP: printable(o.IP, maxIP), UserAgent: printable(o.UserAgent, maxUserAgent)}
}

func printable(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			return -1
		}
		return r
	}, s)
	for len(s) > most {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return s
}

// network is what tries are counted by: an IPv4 address, or the /64 that one
// household has of IPv6.
func (o Origin) network() string {
	addr, err := netip.ParseAddr(o.IP)
	if err != nil {
		return "unknown"
	}
	addr = addr.Unmap().WithZone("")
	if addr.Is6() {
		if p, err := addr.Prefix(64); err == nil {
			return p.String()
		}
	}
	return addr.String()
}

// Keys of the limiter. An e-mail address is hashed: what anybody may write must not
// become a key of any length, or a list of addresses.
func keyEmail(email string) string {
	sum := sha256.Sum256([]byte(email))
	return "login email " + hex.EncodeToString(sum[:16])
}
func keyLoginIP(o Origin) string              { return "login ip " + o.network() }
func keyRegister(o Origin) string             { return "register ip " + o.network() }
func keySetup(o Origin) string                { return "setup ip " + o.network() }
func keyPassword(user patchbay.UserID) string { return "password " + string(user) }

// attempt counts a try and refuses it when there were too many.
func (s *Service) attempt(ctx context.Context, key string, limit int, window time.Duration) error {
	ok, wait, err := s.store.Attempt(ctx, key, limit, window, s.now())
	if err != nil {
		return err
	}
	if ok {
		return nil
	}
	// Whole seconds, rounded up, so that who waits that long is not refused again.
	wait = (wait + time.Second - 1).Truncate(time.Second)
	return &patchbay.Error{
		Code:       patchbay.CodeRateLimited,
		Message:    "Too many tries. Try again in " + wait.String() + ".",
		RetryAfter: wait,
	}
}
