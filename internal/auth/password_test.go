package auth

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patchbay"
)

func TestHashAndVerify(t *testing.T) {
	h, err := newHasher(Cost{})
	require.NoError(t, err)
	phc, err := h.hash(t.Context(), "correct horse ünï")
	require.NoError(t, err)
	require.Regexp(t, `^\$argon2id\$v=19\$m=65536,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`, phc)
	again, err := h.hash(t.Context(), "correct horse ünï")
	require.NoError(t, err)
	require.NotEqual(t, phc, again, "each hash has a salt of its own")
	for password, want := range map[string]bool{"correct horse ünï": true, "correct horse uni": false, "": false} {
		got, err := h.verify(t.Context(), password, phc)
		require.NoError(t, err)
		require.Equal(t, want, got, password)
	}
}

// TestVerifyReadsOtherCosts pins that raising the cost locks nobody out.
func TestVerifyReadsOtherCosts(t *testing.T) {
	h, err := newHasher(Cost{MemoryKiB: 16, Passes: 1})
	require.NoError(t, err)
	phc, err := h.hash(t.Context(), "x")
	require.NoError(t, err)
	stronger, err := newHasher(Cost{MemoryKiB: 64, Passes: 3})
	require.NoError(t, err)
	ok, err := stronger.verify(t.Context(), "x", phc)
	require.NoError(t, err)
	require.True(t, ok, "a hash says itself what it cost")
}

func TestNoHashIsNeverRight(t *testing.T) {
	h, err := newHasher(Cost{MemoryKiB: 16, Passes: 1})
	require.NoError(t, err)
	for _, password := range []string{"", "x"} {
		ok, err := h.verify(t.Context(), password, "")
		require.NoError(t, err)
		require.False(t, ok)
	}
}

func TestStoredHashesAreChecked(t *testing.T) {
	salt, key := strings.Repeat("A", 22), strings.Repeat("A", 43)
	good := "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + key
	_, err := parsePHC(good)
	require.NoError(t, err)
	for name, phc := range map[string]string{
		"nothing":          "x",
		"another kind":     strings.Replace(good, "argon2id", "argon2i", 1),
		"another version":  strings.Replace(good, "v=19", "v=16", 1),
		"all the memory":   strings.Replace(good, "m=64", "m=4294967295", 1),
		"no memory":        strings.Replace(good, "m=64", "m=0", 1),
		"for ever":         strings.Replace(good, "t=1", "t=100000", 1),
		"no pass":          strings.Replace(good, "t=1", "t=0", 1),
		"no lane":          strings.Replace(good, "p=1", "p=0", 1),
		"too many lanes":   strings.Replace(good, "p=1", "p=300", 1),
		"more behind":      strings.Replace(good, "p=1", "p=1,x=2", 1),
		"negative":         strings.Replace(good, "t=1", "t=-1", 1),
		"another spelling": strings.Replace(good, "m=64", "m=+64", 1),
		"salt too short":   strings.Replace(good, salt, "AAAA", 1),
		"key too short":    strings.Replace(good, key, "AAAA", 1),
		"no base64":        strings.Replace(good, key, strings.Repeat("*", 43), 1),
		"one part more":    good + "$",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parsePHC(phc)
			require.ErrorIs(t, err, errPHC)
		})
	}
}

func FuzzParsePHC(f *testing.F) {
	f.Add("$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$" + strings.Repeat("A", 43))
	f.Add("$argon2id$v=19$m=65536,t=2,p=1$$")
	f.Add("")
	f.Fuzz(func(t *testing.T, phc string) {
		p, err := parsePHC(phc)
		if err != nil {
			return
		}
		if p.cost.MemoryKiB > maxMemoryKiB || p.cost.Passes > maxPasses || p.lanes > maxLanes || p.lanes == 0 || len(p.salt) < 8 || len(p.key) < 16 {
			t.Fatalf("%q is let through: %+v", phc, p)
		}
	})
}

// TestHashingIsBounded fills the two slots and the queue by hand.
func TestHashingIsBounded(t *testing.T) {
	h, err := newHasher(Cost{MemoryKiB: 16, Passes: 1})
	require.NoError(t, err)
	var leave []func()
	for range hashesAtOnce {
		l, err := h.enter(t.Context())
		require.NoError(t, err)
		leave = append(leave, l)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	gone := errors.New("the client went away")
	waiting := make(chan error)
	for range hashesWaiting {
		go func() {
			_, err := h.hash(ctx, "x")
			waiting <- err
		}()
	}
	for len(h.queue) < cap(h.queue) {
		select {
		case err := <-waiting:
			t.Fatalf("did not wait: %v", err)
		default:
		}
	}
	_, err = h.hash(t.Context(), "x")
	require.Equal(t, patchbay.CodeCapacity, patchbay.CodeOf(err))
	cancel(gone)
	for range hashesWaiting {
		require.ErrorIs(t, <-waiting, gone)
	}
	for _, l := range leave {
		l()
	}
	_, err = h.hash(t.Context(), "x")
	require.NoError(t, err)
}

func TestCostIsChecked(t *testing.T) {
	for _, c := range []Cost{{MemoryKiB: 4, Passes: 1}, {MemoryKiB: 16}, {MemoryKiB: 1 << 30, Passes: 1}, {MemoryKiB: 16, Passes: 1000}} {
		_, err := newHasher(c)
		require.Error(t, err)
	}
}

// BenchmarkHash is what one login costs.
func BenchmarkHash(b *testing.B) {
	h, err := newHasher(Cost{})
	require.NoError(b, err)
	for b.Loop() {
		if _, err := h.hash(b.Context(), "correct horse"); err != nil {
			b.Fatal(err)
		}
	}
}
