package auth

import (
	"context"
	"crypto/subtle"
	"fmt"
	"strings"
	"time"

	"patchbay"
	"patchbay/internal/store"
)

// How old snapshots may get while other processes can change accounts: from softAge
// on one caller asks the store, at hardAge nobody goes on without an answer.
const (
	softAge = time.Second
	hardAge = 2 * time.Second
)

// Authenticate returns who a token stands for; the caller fills in Door. It reads
// memory; the store is asked for a token that was not used lately, and once in a
// while, for all tokens together, whether another process changed an account.
// A token that is not valid (any more) is an unauthenticated error.
func (s *Service) Authenticate(ctx context.Context, token string) (patchbay.Actor, error) {
	h, ok := hashToken(token)
	if !ok {
		return patchbay.Actor{}, errToken()
	}
	if subtle.ConstantTimeCompare(h[:], s.operatorHash[:]) == 1 {
		return patchbay.Actor{Kind: patchbay.ActorOperator, Door: patchbay.DoorShell}, nil
	}
	if err := s.fresh(ctx); err != nil {
		return patchbay.Actor{}, err
	}
	v := s.snapshots.get(h)
	if v == nil {
		var err error
		if v, err = s.read(ctx, token, h); err != nil {
			return patchbay.Actor{}, err
		}
	}
	now := s.now().UnixMilli()
	switch {
	case v.expires != 0 && now >= v.expires:
		return patchbay.Actor{}, patchbay.Errorf(patchbay.CodeUnauthenticated, "This token has expired. Log in again, or make a new API token.")
	case v.actor.User.Disabled:
		return patchbay.Actor{}, patchbay.Errorf(patchbay.CodeUnauthenticated, "This account is disabled. Ask an administrator.")
	}
	if last := v.used.Load(); now-last >= usePace && v.used.CompareAndSwap(last, now) {
		s.noteUse(v.actor, now)
	}
	return v.actor, nil
}

func errToken() error {
	return patchbay.Errorf(patchbay.CodeUnauthenticated, "No valid token. Log in, or make an API token in the account's settings.")
}

func (s *Service) noteUse(a patchbay.Actor, now int64) {
	u := store.Use{ID: a.LoginID, At: time.UnixMilli(now)}
	if a.TokenID != "" {
		u.ID, u.Token = a.TokenID, true
	}
	s.uses.note(u)
}

// read asks the store for a token and keeps the answer.
func (s *Service) read(ctx context.Context, token string, h tokenHash) (*snapshot, error) {
	turn := s.snapshots.begin()
	v := new(snapshot)
	switch {
	case strings.HasPrefix(token, prefixLogin):
		l, u, err := s.store.LoginByHash(ctx, h.hex())
		if err != nil {
			return nil, unknownToken(ctx, err)
		}
		v.actor = patchbay.Actor{User: u, Kind: patchbay.ActorUser, LoginID: l.ID}
		v.expires = l.ExpiresAt.UnixMilli()
		v.used.Store(l.LastUsedAt.UnixMilli())
	case strings.HasPrefix(token, prefixAPI):
		t, u, err := s.store.APITokenByHash(ctx, h.hex())
		if err != nil {
			return nil, unknownToken(ctx, err)
		}
		v.actor = patchbay.Actor{User: u, Kind: patchbay.ActorUser, TokenID: t.ID, Scopes: t.Scopes}
		if !t.ExpiresAt.IsZero() {
			v.expires = t.ExpiresAt.UnixMilli()
		}
		if !t.LastUsedAt.IsZero() {
			v.used.Store(t.LastUsedAt.UnixMilli())
		}
	default:
		return nil, errToken()
	}
	s.snapshots.put(h, v, turn)
	return v, nil
}

func unknownToken(ctx context.Context, err error) error {
	if patchbay.CodeOf(err) == patchbay.CodeNotFound {
		return errToken()
	}
	return unavailable(ctx, err)
}

// unavailable is the error of a store that does not answer, unless it is the caller
// who went away.
func unavailable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("auth: %w", err)
	}
	return &patchbay.Error{Code: patchbay.CodeUnavailable, Message: "The database does not answer. Try again in a moment.", Err: err}
}

// fresh drops all snapshots when another process changed an account. It fails when
// that cannot be known: a token that was revoked elsewhere must not live on because
// the database is away.
func (s *Service) fresh(ctx context.Context) error {
	if !s.store.Shared() {
		return nil
	}
	age := s.now().Sub(time.UnixMilli(s.checkedAt.Load()))
	if age < softAge && age >= 0 {
		return nil
	}
	if age < hardAge && age >= 0 {
		if !s.freshMu.TryLock() {
			return nil // somebody is asking
		}
	} else {
		s.freshMu.Lock()
	}
	defer s.freshMu.Unlock()
	asked := s.now()
	if again := asked.Sub(time.UnixMilli(s.checkedAt.Load())); again < softAge && again >= 0 {
		return nil
	}
	epoch, err := s.store.Epoch(ctx)
	if err != nil {
		if age < hardAge && age >= 0 {
			return nil // not too old yet: the next one asks again
		}
		return unavailable(ctx, err)
	}
	if epoch != s.epoch {
		s.epoch = epoch
		s.snapshots.dropAll()
	}
	s.checkedAt.Store(asked.UnixMilli())
	return nil
}
