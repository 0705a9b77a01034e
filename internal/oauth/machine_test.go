package oauth_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patchbay"
	"patchbay/internal/oauth"
	"patchbay/internal/testkit"
)

// machine is a world where nobody signs in.
func machine(t *testing.T, secret string) (*world, *oauth.Discovery, *oauth.Registration) {
	t.Helper()
	w := newWorld(t, testkit.AuthServerOptions{Clients: map[string]string{"fake-id": secret}}, testkit.ProtectOptions{})
	w.opts.Block = block(func(b *patchbay.OAuthConfig) {
		b.ClientID, b.ClientSecret, b.GrantTypes = "fake-id", secret, []string{"client_credentials"}
		if secret != "" {
			b.TokenURL = w.auth.Endpoint("token")
		}
	})
	w.renew(t)
	d, err := w.client.Discover(t.Context(), oauth.Challenge{})
	require.NoError(t, err)
	r, err := w.client.Register(t.Context(), d, false)
	require.NoError(t, err)
	return w, d, r
}

func TestClientCredentials(t *testing.T) {
	for _, method := range []string{oauth.AuthBasic, oauth.AuthPost} {
		t.Run(method, func(t *testing.T) {
			w, d, r := machine(t, "fake-secret")
			r.AuthMethod = method
			token, b, err := w.client.ClientCredentials(t.Context(), d, r, nil, []string{"read"})
			require.NoError(t, err)
			require.Equal(t, 200, w.call(t, token))
			require.Equal(t, []string{"read"}, token.Scopes)
			require.Empty(t, token.Refresh)
			require.True(t, w.client.Bound(b))
		})
	}
	t.Run("registered dynamically", func(t *testing.T) {
		w := newWorld(t, testkit.AuthServerOptions{}, testkit.ProtectOptions{}, func(o *oauth.Options) {
			o.Block = block(func(b *patchbay.OAuthConfig) { b.GrantTypes = []string{"client_credentials"} })
		})
		d, err := w.client.Discover(t.Context(), oauth.Challenge{})
		require.NoError(t, err)
		r, err := w.client.Register(t.Context(), d, false)
		require.NoError(t, err)
		token, _, err := w.client.ClientCredentials(t.Context(), d, r, nil, nil)
		require.NoError(t, err)
		require.Equal(t, 200, w.call(t, token))
		require.Contains(t, w.auth.RequestsTo("register")[0].Body, `"grant_types":["client_credentials"]`)
	})
}

func TestPrivateKeyJWT(t *testing.T) {
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	rs, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	for _, tt := range []struct {
		alg    string
		key    crypto.Signer
		verify func(input, sig []byte) bool
	}{
		{"ES256", ec, func(input, sig []byte) bool {
			sum := sha256.Sum256(input)
			return len(sig) == 64 && ecdsa.Verify(&ec.PublicKey, sum[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:]))
		}},
		{"RS256", rs, func(input, sig []byte) bool {
			sum := sha256.Sum256(input)
			return rsa.VerifyPKCS1v15(&rs.PublicKey, crypto.SHA256, sum[:], sig) == nil
		}},
		{"EdDSA", ed, func(input, sig []byte) bool { return ed25519.Verify(ed.Public().(ed25519.PublicKey), input, sig) }},
	} {
		t.Run(tt.alg, func(t *testing.T) {
			der, err := x509.MarshalPKCS8PrivateKey(tt.key)
			require.NoError(t, err)
			key, err := oauth.ReadKey(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), "fake-kid")
			require.NoError(t, err)
			w, d, r := machine(t, "")
			r.AuthMethod = oauth.AuthPrivateKeyJWT
			token, _, err := w.client.ClientCredentials(t.Context(), d, r, key, nil)
			require.NoError(t, err)
			require.Equal(t, 200, w.call(t, token))

			form := w.auth.RequestsTo("token")[0].Form
			require.Equal(t, "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", form.Get("client_assertion_type"))
			parts := strings.Split(form.Get("client_assertion"), ".")
			require.Len(t, parts, 3)
			sig, err := base64.RawURLEncoding.DecodeString(parts[2])
			require.NoError(t, err)
			require.True(t, tt.verify([]byte(parts[0]+"."+parts[1]), sig))
			var head, claims map[string]any
			for i, into := range []*map[string]any{&head, &claims} {
				raw, err := base64.RawURLEncoding.DecodeString(parts[i])
				require.NoError(t, err)
				require.NoError(t, json.Unmarshal(raw, into))
			}
			require.Equal(t, map[string]any{"alg": tt.alg, "typ": "JWT", "kid": "fake-kid"}, head)
			require.Equal(t, "fake-id", claims["sub"])
			require.Equal(t, "fake-id", claims["iss"])
			require.Equal(t, w.auth.Issuer(), claims["aud"])
			require.InDelta(t, 120, claims["exp"].(float64)-claims["iat"].(float64), 0)
			require.NotEmpty(t, claims["jti"])
		})
	}
	_, err = oauth.ReadKey([]byte("-----BEGIN PRIVATE KEY-----\nZmFrZQ==\n-----END PRIVATE KEY-----\n"), "")
	require.Error(t, err)
	_, err = oauth.ReadKey([]byte("fake-canary"), "")
	require.NotContains(t, err.Error(), "fake-canary")
	w, d, r := machine(t, "")
	r.AuthMethod = oauth.AuthPrivateKeyJWT
	_, _, err = w.client.ClientCredentials(t.Context(), d, r, nil, nil)
	require.Equal(t, patchbay.ReasonBadDefinition, asError(t, err).Reason)
}
