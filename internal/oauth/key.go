package oauth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"time"
)

// assertionLife is how long a signed assertion is good for.
const assertionLife = 2 * time.Minute

// Key signs in for us (private_key_jwt, RFC 7523).
type Key struct {
	Signer crypto.Signer // RSA, ECDSA P-256 or Ed25519
	ID     string        // kid; may be empty
}

// ReadKey reads a private key in PEM: PKCS#8, PKCS#1 or SEC 1. The error holds nothing of
// the key.
func ReadKey(text []byte, id string) (*Key, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("the key is not in PEM")
	}
	for _, parse := range []func([]byte) (any, error){
		x509.ParsePKCS8PrivateKey,
		func(b []byte) (any, error) { return x509.ParsePKCS1PrivateKey(b) },
		func(b []byte) (any, error) { return x509.ParseECPrivateKey(b) },
	} {
		if k, err := parse(block.Bytes); err == nil {
			if s, ok := k.(crypto.Signer); ok {
				key := &Key{Signer: s, ID: id}
				_, err := key.algorithm()
				return key, err
			}
		}
	}
	return nil, errors.New("the key is not a private key that can be read")
}

// algorithm is the JWS algorithm of the key.
func (k *Key) algorithm() (string, error) {
	if k == nil || k.Signer == nil {
		return "", errors.New("there is no key")
	}
	switch pub := k.Signer.Public().(type) {
	case *rsa.PublicKey:
		return "RS256", nil
	case ed25519.PublicKey:
		return "EdDSA", nil
	case *ecdsa.PublicKey:
		if pub.Curve == elliptic.P256() {
			return "ES256", nil
		}
	}
	return "", errors.New("the key is neither RSA, P-256 nor Ed25519")
}

// assertion is the signed statement that we are the client (RFC 7523 3).
func (k *Key) assertion(client, audience string, now time.Time) (string, error) {
	alg, err := k.algorithm()
	if err != nil {
		return "", err
	}
	head := map[string]string{"alg": alg, "typ": "JWT"}
	if k.ID != "" {
		head["kid"] = k.ID
	}
	input, err := joined(head, map[string]any{
		"iss": client, "sub": client, "aud": audience, "jti": random(), "iat": now.Unix(), "exp": now.Add(assertionLife).Unix(),
	})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(input))
	message, hash := sum[:], crypto.SHA256
	if alg == "EdDSA" {
		message, hash = []byte(input), crypto.Hash(0)
	}
	sig, err := k.Signer.Sign(rand.Reader, message, hash)
	if err != nil {
		return "", errors.New("the key does not sign")
	}
	if alg == "ES256" { // RFC 7518 3.4: two numbers of 32 bytes, not ASN.1
		var n struct{ R, S *big.Int }
		if _, err := asn1.Unmarshal(sig, &n); err != nil {
			return "", errors.New("the key does not sign")
		}
		sig = append(n.R.FillBytes(make([]byte, 32)), n.S.FillBytes(make([]byte, 32))...)
	}
	return input + "." + base64.RawURLEncoding.EncodeToString(sig), nil
}

func joined(head, claims any) (string, error) {
	h, err := json.Marshal(head)
	if err != nil {
		return "", err
	}
	c, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(h) + "." + base64.RawURLEncoding.EncodeToString(c), nil
}
