package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
)

// Prefixes say what a token is, to people and to scanners for leaked secrets.
const (
	prefixLogin    = "pbl_"
	prefixAPI      = "pbt_"
	prefixOperator = "pbo_"
)

// tokenBytes is the random part of every token.
const tokenBytes = 32

// tokenLen is the length of every token with a prefix.
const tokenLen = 4 + (tokenBytes*8+5)/6

// tokenHash is what stays of a token, in memory and in the database. A token has 256
// random bits, so one pass of SHA-256 cannot be searched backwards.
type tokenHash [sha256.Size]byte

// hex is the form in the database.
func (h tokenHash) hex() string { return hex.EncodeToString(h[:]) }

// mint makes a random token.
func mint(prefix string) string {
	var b [tokenBytes]byte
	_, _ = rand.Read(b[:]) // never fails: it ends the process instead
	return prefix + base64.RawURLEncoding.EncodeToString(b[:])
}

// hashToken hashes a token without allocating. ok is false for what cannot be one.
func hashToken(token string) (h tokenHash, ok bool) {
	if len(token) != tokenLen {
		return h, false
	}
	var b [tokenLen]byte
	copy(b[:], token)
	return sha256.Sum256(b[:]), true
}

// MintAPIToken returns a new API token and the hash that the store keeps of it, for
// whoever writes many of them at once; everybody else calls CreateToken.
func MintAPIToken() (token, hash string) {
	token = mint(prefixAPI)
	h, _ := hashToken(token) // one that was just made has the right length
	return token, h.hex()
}
