package netguard

import (
	"net/netip"
	"strconv"
	"strings"

	"code.dny.dev/ssrf"
)

// nat64 is the well-known prefix that carries an IPv4 address in its last four bytes
// (RFC 6052).
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

// public judges addresses by the special-purpose registries of the IANA.
var public = ssrf.New(ssrf.WithAnyNetwork(), ssrf.WithAnyPort())

// isPublic reports whether ip is an address of the public internet, whatever way it
// is written: mapped and NAT64 forms are judged by the IPv4 address within, 6to4 and
// Teredo are refused by the registry, zones never lead to the internet.
func isPublic(ip netip.Addr) bool {
	if !ip.IsValid() || ip.Zone() != "" {
		return false
	}
	ip = ip.Unmap()
	if nat64.Contains(ip) {
		b := ip.As16()
		ip = netip.AddrFrom4([4]byte(b[12:]))
	}
	return public.SafeAddr(ip) == nil
}

// literal returns the address that host spells, in any spelling that a resolver or an
// URL parser of the far end might take for an address: "127.0.0.1", "::1", "0x7f.1",
// "2130706433", "0177.0.0.1". isNumeric is true for a host that can only be meant as
// an address, also when it is not a valid one.
func literal(host string) (ip netip.Addr, isNumeric bool) {
	host = strings.TrimPrefix(strings.TrimSuffix(host, "]"), "[")
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip, true // before the root's dot is cut: a zone may end in one
	}
	host = strings.TrimSuffix(host, ".")
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip, true
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	if _, ok := number(last); !ok {
		return netip.Addr{}, strings.Contains(host, ":")
	}
	parts := strings.Split(host, ".")
	if len(parts) > 4 {
		return netip.Addr{}, true
	}
	var v uint64
	for i, p := range parts {
		n, ok := number(p)
		max := uint64(0xff)
		if i == len(parts)-1 {
			max = uint64(0xffffffff) >> (8 * uint(i))
			v = v<<(8*uint(4-i)) | n
		} else {
			v = v<<8 | n
		}
		if !ok || n > max {
			return netip.Addr{}, true
		}
	}
	return netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}), true
}

// number reads one part of an address the way inet_aton does: decimal, 0octal, 0xhex.
func number(s string) (uint64, bool) {
	base := 10
	switch {
	case len(s) > 2 && (s[:2] == "0x" || s[:2] == "0X"):
		s, base = s[2:], 16
	case s == "0x" || s == "0X":
		return 0, true
	case len(s) > 1 && s[0] == '0':
		s, base = s[1:], 8
	}
	if s == "" || s[0] == '+' || s[0] == '-' || strings.Contains(s, "_") {
		return 0, false
	}
	n, err := strconv.ParseUint(s, base, 33)
	if err != nil {
		// Digits that do not fit are still meant as a number.
		return 1 << 33, strings.Trim(s, "0123456789") == ""
	}
	return n, true
}
