package patchbay

import "log/slog"

// Secret is a text that does not show itself, however it is printed, logged or encoded.
// Two secrets are equal when their texts are.
type Secret struct{ text string }

// NewSecret holds a text.
func NewSecret(text string) Secret { return Secret{text} }

// Reveal returns the text itself, for the place it goes to.
func (s Secret) Reveal() string { return s.text }

// Empty reports whether there is no text.
func (s Secret) Empty() bool { return s.text == "" }

// Equal reports whether two secrets are the same text.
func (s Secret) Equal(t Secret) bool { return s == t }

// String says that there is a text, or that there is none.
func (s Secret) String() string {
	if s.text == "" {
		return ""
	}
	return "[secret]"
}

// GoString is String: %#v shows no more than %v.
func (s Secret) GoString() string { return s.String() }

// LogValue is String for logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText is String for JSON and the like.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
