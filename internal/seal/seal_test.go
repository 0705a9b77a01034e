package seal

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func key(b byte) []byte { return bytes.Repeat([]byte{b}, KeySize) }

func box(t testing.TB, current []byte, previous ...[]byte) *Box {
	t.Helper()
	b, err := New(current, previous...)
	require.NoError(t, err)
	return b
}

func TestRoundTrip(t *testing.T) {
	b := box(t, key(1))
	ad := Data("credentials", "u1", "yaml/a", "var")
	for _, plain := range []string{"", "x", "a value with ünïcode and \x00", strings.Repeat("k", 64<<10)} {
		sealed, err := b.Seal([]byte(plain), ad)
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(sealed, "v1."+b.KeyID()+"."))
		require.NotContains(t, sealed, "value")
		got, err := b.Open(sealed, ad)
		require.NoError(t, err)
		require.Equal(t, plain, string(got))
		again, err := b.Seal([]byte(plain), ad)
		require.NoError(t, err)
		require.NotEqual(t, sealed, again, "one value sealed twice must not look the same")
	}
}

func TestOpenRefuses(t *testing.T) {
	b := box(t, key(1))
	ad := Data("credentials", "u1", "yaml/a", "var")
	sealed, err := b.Seal([]byte("fake-secret"), ad)
	require.NoError(t, err)
	head := "v1." + b.KeyID() + "."
	raw, err := base64.RawStdEncoding.DecodeString(strings.TrimPrefix(sealed, head))
	require.NoError(t, err)
	flipped := bytes.Clone(raw)
	flipped[len(flipped)-1] ^= 1
	for _, tt := range []struct {
		name, sealed, ad string
		want             error
	}{
		{"another user's row", sealed, Data("credentials", "u2", "yaml/a", "var"), ErrRefused},
		{"another server's row", sealed, Data("credentials", "u1", "yaml/b", "var"), ErrRefused},
		{"another kind", sealed, Data("credentials", "u1", "yaml/a", "token"), ErrRefused},
		{"a flipped bit", head + base64.RawStdEncoding.EncodeToString(flipped), ad, ErrRefused},
		{"cut short", head + base64.RawStdEncoding.EncodeToString(raw[:10]), ad, ErrRefused},
		{"nothing sealed", head, ad, ErrRefused},
		{"another version", strings.Replace(sealed, "v1.", "v2.", 1), ad, ErrMalformed},
		{"another spelling", sealed + "\n", ad, ErrMalformed},
		{"plain text", "fake-secret", ad, ErrMalformed},
		{"empty", "", ad, ErrMalformed},
		{"no base64", head + "***", ad, ErrMalformed},
		{"too long", head + strings.Repeat("A", MaxSealed), ad, ErrMalformed},
		{"unknown key", strings.Replace(sealed, b.KeyID(), "000000000000", 1), ad, ErrUnknownKey},
	} {
		t.Run(tt.name, func(t *testing.T) {
			plain, err := b.Open(tt.sealed, tt.ad)
			require.ErrorIs(t, err, tt.want)
			require.Nil(t, plain)
			require.NotContains(t, err.Error(), "fake-secret")
		})
	}
}

func TestRotation(t *testing.T) {
	old := box(t, key(1))
	sealed, err := old.Seal([]byte("x"), "ad")
	require.NoError(t, err)
	both := box(t, key(2), key(1), key(2))
	require.Equal(t, []string{both.KeyID(), old.KeyID()}, both.KeyIDs())
	require.NotEqual(t, old.KeyID(), both.KeyID())
	got, err := both.Open(sealed, "ad")
	require.NoError(t, err)
	require.Equal(t, "x", string(got))
	require.Equal(t, old.KeyID(), KeyIDOf(sealed))
	_, err = box(t, key(2)).Open(sealed, "ad")
	require.ErrorIs(t, err, ErrUnknownKey)
}

func TestNewRefusesKeys(t *testing.T) {
	for _, k := range [][]byte{nil, {}, key(1)[:16], append(key(1), 1)} {
		_, err := New(k)
		require.Error(t, err)
		_, err = New(key(1), k)
		require.Error(t, err)
	}
}

func TestSealRefusesHugeValues(t *testing.T) {
	_, err := box(t, key(1)).Seal(make([]byte, MaxSealed), "")
	require.ErrorContains(t, err, "limit")
}

func TestDataIsUnambiguous(t *testing.T) {
	seen := map[string][]string{}
	for _, parts := range [][]string{
		{"a", "b"}, {"a|b"}, {"a%7Cb"}, {"a", "b", ""}, {"", "a", "b"}, {"a", "", "b"}, {"a%", "b"}, {"a%25", "b"}, {"a|", "b"},
	} {
		d := Data(parts...)
		require.NotContains(t, seen, d, "%q and %q", parts, seen[d])
		seen[d] = parts
	}
	require.Equal(t, "credentials|u1|yaml/a|var", Data("credentials", "u1", "yaml/a", "var"))
}

func FuzzOpen(f *testing.F) {
	b, err := New(key(1), key(2))
	if err != nil {
		f.Fatal(err)
	}
	// Written once and for all: what was sealed in the past has to open in the future.
	const good = "v1.1f54b43f0828.OpoUK1NyiDwykFk6lVyGMzsaN02dXDQ7gpGJ3nw"
	for _, s := range []string{good, "", "v1", "v1.", "v1..", "v1." + b.KeyID() + ".", "v1." + b.KeyID() + ".AAAA", good[:len(good)-1], good + "A"} {
		f.Add(s, "ad")
	}
	f.Fuzz(func(t *testing.T, sealed, ad string) {
		plain, err := b.Open(sealed, ad)
		switch {
		case sealed == good && ad == "ad":
			if err != nil || string(plain) != "x" {
				t.Fatalf("Open = %q, %v", plain, err)
			}
		case err == nil:
			t.Fatalf("opened %q, which nobody sealed", sealed)
		case !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrUnknownKey) && !errors.Is(err, ErrRefused):
			t.Fatalf("error of no known kind: %v", err)
		}
	})
}
