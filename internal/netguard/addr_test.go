package netguard

import (
	"net/netip"
	"testing"
)

func TestLiteral(t *testing.T) {
	tests := []struct {
		host    string
		want    string // "" for none
		numeric bool
	}{
		{"127.0.0.1", "127.0.0.1", true},
		{"127.1", "127.0.0.1", true},
		{"0x7f.1", "127.0.0.1", true},
		{"0177.0.0.1", "127.0.0.1", true},
		{"2130706433", "127.0.0.1", true},
		{"0x7f000001", "127.0.0.1", true},
		{"017700000001", "127.0.0.1", true},
		{"127.0.0.1.", "127.0.0.1", true},
		{"[::1]", "::1", true},
		{"::ffff:a9fe:a9fe", "::ffff:169.254.169.254", true},
		{"fe80::1%eth0", "fe80::1%eth0", true},
		{"1.2.3.4.5", "", true},
		{"256.1.1.1", "", true},
		{"99999999999", "", true},
		{"example.com", "", false},
		{"1.example.com", "", false},
		{"0x7g", "", false},
		{"a.0x1", "", true},
	}
	for _, tt := range tests {
		t.Run(tt.host, func(t *testing.T) {
			ip, numeric := literal(tt.host)
			got := ""
			if ip.IsValid() {
				got = ip.String()
			}
			if got != tt.want || numeric != tt.numeric {
				t.Errorf("got %q %v, want %q %v", got, numeric, tt.want, tt.numeric)
			}
		})
	}
}

func TestIsPublic(t *testing.T) {
	for host, want := range map[string]bool{
		"1.1.1.1": true, "8.8.8.8": true, "2606:4700::1111": true, "64:ff9b::8.8.8.8": true, "::ffff:8.8.8.8": true,
		"127.0.0.1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false, "100.64.0.1": false,
		"0.0.0.0": false, "255.255.255.255": false, "224.0.0.1": false, "198.18.0.1": false,
		"::": false, "::1": false, "fe80::1": false, "fe80::1%eth0": false, "fc00::1": false, "fd12::1": false, "ff02::1": false,
		"::ffff:127.0.0.1": false, "::ffff:a9fe:a9fe": false, "::127.0.0.1": false,
		"64:ff9b::127.0.0.1": false, "64:ff9b::a9fe:a9fe": false, "64:ff9b:1::1": false,
		"2002:7f00:1::": false, "2001::1": false, "2001:db8::1": false, "3fff::1": false,
	} {
		if got := isPublic(netip.MustParseAddr(host)); got != want {
			t.Errorf("%s: %v, want %v", host, got, want)
		}
	}
}

// FuzzLiteral holds that no spelling of an address goes unnoticed that the standard
// library would take for one.
func FuzzLiteral(f *testing.F) {
	for _, s := range []string{"127.0.0.1", "0x7f.1", "::1", "1.2.3", "a.b", "", "0x", "0.0.0.0x1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, host string) {
		ip, numeric := literal(host)
		if ip.IsValid() && !numeric {
			t.Errorf("%q is %v but not numeric", host, ip)
		}
		if want, err := netip.ParseAddr(host); err == nil && want != ip {
			t.Errorf("%q is %v, want %v", host, ip, want)
		}
	})
}
