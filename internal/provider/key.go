package provider

import "log/slog"

// Key is a provider's API key. However it is printed, logged or encoded, it does not
// show itself; Reveal is for the header it goes into.
type Key struct{ secret string }

// NewKey holds a key.
func NewKey(secret string) Key { return Key{secret} }

// Reveal returns the key itself.
func (k Key) Reveal() string { return k.secret }

// Empty reports whether there is no key.
func (k Key) Empty() bool { return k.secret == "" }

// String says that there is a key, or that there is none.
func (k Key) String() string {
	if k.secret == "" {
		return ""
	}
	return hiddenKey
}

// GoString is String: %#v shows no more than %v.
func (k Key) GoString() string { return k.String() }

// LogValue is String for logs.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText is String for JSON and the like.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

const hiddenKey = "[key]"
