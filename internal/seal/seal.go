// Package seal keeps small secrets unreadable outside this process: AES-256-GCM
// under the instance's key, bound to the row that holds them. It owns the sealed
// form, the key file and rotation from previous keys; it does not own where sealed
// values are stored. A Box is immutable and safe for concurrent use.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// KeySize is the length of a key in bytes.
const KeySize = 32

// MaxSealed bounds what Open reads: far above any value that the vault accepts.
const MaxSealed = 1 << 20

const version = "v1"

// What Open fails with. Neither says anything of the content.
var (
	ErrMalformed  = errors.New("seal: not a sealed value")
	ErrUnknownKey = errors.New("seal: sealed under a key that is not configured; set CREDS_KEY or CREDS_KEY_PREVIOUS to the key it was sealed with")
	ErrRefused    = errors.New("seal: value was changed, or belongs to another row")
)

// Box seals under its current key and opens under that and the previous ones.
type Box struct {
	current string
	ids     []string
	keys    map[string]cipher.AEAD
}

// New returns a Box. Each key is KeySize random bytes; previous keys only open.
func New(current []byte, previous ...[]byte) (*Box, error) {
	b := &Box{keys: make(map[string]cipher.AEAD, 1+len(previous))}
	for i, key := range append([][]byte{current}, previous...) {
		if len(key) != KeySize {
			return nil, fmt.Errorf("seal: key %d has %d bytes, not %d", i+1, len(key), KeySize)
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, fmt.Errorf("seal: %w", err)
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, fmt.Errorf("seal: %w", err)
		}
		id := keyID(key)
		if _, ok := b.keys[id]; !ok {
			b.ids = append(b.ids, id)
		}
		b.keys[id] = aead
	}
	b.current = b.ids[0]
	return b, nil
}

// keyID names a key without revealing it.
func keyID(key []byte) string {
	sum := sha256.Sum256(append([]byte("patchbay key id\x00"), key...))
	return hex.EncodeToString(sum[:6])
}

// KeyID returns the id of the key that Seal uses.
func (b *Box) KeyID() string { return b.current }

// KeyIDs returns the ids of all keys that Open knows, the current one first.
func (b *Box) KeyIDs() []string { return slices.Clone(b.ids) }

// Seal returns plain as `v1.<keyid>.<base64>`, bound to ad (see Data): only Open
// with the same ad gives it back.
func (b *Box) Seal(plain []byte, ad string) (string, error) {
	if len(plain) > MaxSealed/2 {
		return "", fmt.Errorf("seal: value of %d bytes is over the limit of %d", len(plain), MaxSealed/2)
	}
	sealed := b.keys[b.current].Seal(nil, nil, plain, []byte(ad))
	return version + "." + b.current + "." + base64.RawStdEncoding.EncodeToString(sealed), nil
}

// Open returns what Seal was given. It fails with ErrMalformed, ErrUnknownKey or
// ErrRefused.
func (b *Box) Open(sealed, ad string) ([]byte, error) {
	if len(sealed) > MaxSealed {
		return nil, ErrMalformed
	}
	v, rest, _ := strings.Cut(sealed, ".")
	id, text, ok := strings.Cut(rest, ".")
	if v != version || !ok {
		return nil, ErrMalformed
	}
	aead, ok := b.keys[id]
	if !ok {
		return nil, ErrUnknownKey
	}
	raw, err := base64.RawStdEncoding.Strict().DecodeString(text)
	if err != nil || strings.ContainsAny(text, "\r\n") { // the decoder skips line ends
		return nil, ErrMalformed
	}
	plain, err := aead.Open(nil, nil, raw, []byte(ad))
	if err != nil {
		return nil, ErrRefused
	}
	return plain, nil
}

// KeyIDOf returns the id of the key that a value was sealed under, "" when it is no
// sealed value.
func KeyIDOf(sealed string) string {
	v, rest, _ := strings.Cut(sealed, ".")
	id, _, ok := strings.Cut(rest, ".")
	if v != version || !ok {
		return ""
	}
	return id
}

// Data builds associated data, `table|user|server|kind`: the place that a value
// belongs to. Parts are escaped, so that no two places have the same data.
func Data(parts ...string) string {
	escaped := make([]string, len(parts))
	for i, p := range parts {
		escaped[i] = escaper.Replace(p)
	}
	return strings.Join(escaped, "|")
}

// escaper is stateless and safe for concurrent use.
var escaper = strings.NewReplacer("%", "%25", "|", "%7C")
