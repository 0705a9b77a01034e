package vault

import (
	"context"
	"fmt"

	"patchbay/internal/store"
)

const rotateBatch = 200

// Rotate seals everything that is under a previous key again under the current one,
// so that the previous key can be taken away. It returns how many values it sealed.
// A value that does not open stays as it is.
func (v *Vault) Rotate(ctx context.Context) (sealed int, err error) {
	key := v.box.KeyID()
	for _, rotate := range []func() (int, error){
		func() (int, error) {
			return rotateAll(func(last *store.Credential) ([]*store.Credential, error) {
				return v.store.CredentialsNotUnder(ctx, key, last, rotateBatch)
			}, func(c *store.Credential) (bool, error) {
				old := c.Sealed
				ok, err := v.reseal(&c.Sealed, &c.KeyID, place(c.User, c.Server, c.Kind, c.Name))
				if ok {
					err = v.store.ReplaceSealed(ctx, c, old)
				}
				return ok, err
			})
		},
		func() (int, error) {
			return rotateAll(func(last *store.OAuthToken) ([]*store.OAuthToken, error) {
				return v.store.OAuthTokensNotUnder(ctx, key, last, rotateBatch)
			}, func(t *store.OAuthToken) (bool, error) {
				old := t.Sealed
				ok, err := v.reseal(&t.Sealed, &t.KeyID, tokenPlace(t))
				if ok {
					err = v.store.ReplaceSealedToken(ctx, t, old)
				}
				return ok, err
			})
		},
		func() (int, error) {
			return rotateAll(func(last *store.OAuthRegistration) ([]*store.OAuthRegistration, error) {
				return v.store.OAuthRegistrationsNotUnder(ctx, key, last, rotateBatch)
			}, func(r *store.OAuthRegistration) (bool, error) {
				old := r.Sealed
				ok, err := v.reseal(&r.Sealed, &r.KeyID, registrationPlace(r))
				if ok {
					err = v.store.ReplaceSealedRegistration(ctx, r, old)
				}
				return ok, err
			})
		},
		func() (int, error) {
			return rotateAll(func(last *store.Flow) ([]*store.Flow, error) {
				after := ""
				if last != nil {
					after = last.ID
				}
				return v.store.FlowsNotUnder(ctx, key, after, rotateBatch)
			}, func(f *store.Flow) (bool, error) {
				old := f.Sealed
				ok, err := v.reseal(&f.Sealed, &f.KeyID, flowPlace(f))
				if ok {
					err = v.store.ReplaceSealedFlow(ctx, f, old)
				}
				return ok, err
			})
		},
	} {
		n, err := rotate()
		sealed += n
		if err != nil {
			return sealed, fmt.Errorf("vault: rotate: %w", err)
		}
	}
	return sealed, nil
}

// rotateAll seals the rows of one table again, in batches.
func rotateAll[R any](next func(last *R) ([]*R, error), one func(*R) (bool, error)) (sealed int, err error) {
	var last *R
	for {
		rows, err := next(last)
		if err != nil || len(rows) == 0 {
			return sealed, err
		}
		for _, r := range rows {
			ok, err := one(r)
			if err != nil {
				return sealed, err
			}
			if ok {
				sealed++
			}
		}
		last = rows[len(rows)-1]
	}
}

// reseal seals a value again. ok is false when it does not open: the reason is not of use
// here, its owner is told when it is read.
func (v *Vault) reseal(sealed, keyID *string, at string) (ok bool, err error) {
	plain, err := v.box.Open(*sealed, at)
	if err != nil {
		return false, nil
	}
	if *sealed, err = v.box.Seal(plain, at); err != nil {
		return false, err
	}
	*keyID = v.box.KeyID()
	return true, nil
}
