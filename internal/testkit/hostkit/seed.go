package hostkit

import (
	"fmt"
	"testing"
	"time"

	"patchbay"
	"patchbay/internal/store"
)

// Seed writes n accounts with an API token each into a store that no instance has open,
// and returns the tokens, which mint makes with what is stored of them. The first is an
// administrator's.
func Seed(t testing.TB, o store.Options, n int, mint func() (token, hash string)) []string {
	t.Helper()
	s, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	now := time.Now()
	all := make([]store.UserWithToken, n)
	tokens := make([]string, n)
	for i := range all {
		token, hash := mint()
		tokens[i] = token
		name, role := PersonName(i), patchbay.RoleUser
		if i == 0 {
			role = patchbay.RoleAdmin
		}
		all[i] = store.UserWithToken{
			User: &patchbay.User{
				Email: name + "@example.com", EmailVerified: true, Name: name, Username: name,
				Role: role, TermsAccepted: true, TermsAcceptedAt: now,
			},
			Token: &store.APIToken{Hash: hash, Name: "test", CreatedAt: now},
		}
	}
	if err := s.InsertUsersWithTokens(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	return tokens
}

// PersonName is the name of an account that Seed makes.
func PersonName(i int) string { return fmt.Sprintf("person%03d", i) }
