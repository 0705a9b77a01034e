package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"patchbay"
	"patchbay/internal/auth"
	"patchbay/internal/store"
)

type options struct {
	data string
	n    int
	out  string
}

// maxAccounts keeps a slip of the finger from filling a disk.
const maxAccounts = 100_000

// seed writes the accounts and then, when they are in the database, their tokens.
func seed(ctx context.Context, o options) (err error) {
	if o.n < 1 || o.n > maxAccounts {
		return fmt.Errorf("seed: -n must be between 1 and %d", maxAccounts)
	}
	s, err := store.Open(ctx, store.Options{DataDir: o.data})
	if err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	defer func() { err = errors.Join(err, s.Close()) }()

	now := time.Now()
	all := make([]store.UserWithToken, o.n)
	var tokens strings.Builder
	for i := range all {
		token, hash := auth.MintAPIToken()
		tokens.WriteString(token + "\n")
		name := fmt.Sprintf("bench-%04d", i+1)
		all[i] = store.UserWithToken{
			User: &patchbay.User{
				Email: name + "@bench.example", EmailVerified: true,
				Name: "Bench " + name, Username: name, Role: patchbay.RoleUser, TermsAccepted: true, TermsAcceptedAt: now,
			},
			Token: &store.APIToken{Hash: hash, Name: "bench", CreatedAt: now},
		}
	}
	if err := s.InsertUsersWithTokens(ctx, all); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	if err := os.WriteFile(o.out, []byte(tokens.String()), 0o600); err != nil {
		return fmt.Errorf("seed: write the tokens: %w", err)
	}
	return nil
}
