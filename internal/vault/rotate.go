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
	var last *store.Credential
	for {
		rows, err := v.store.CredentialsNotUnder(ctx, v.box.KeyID(), last, rotateBatch)
		if err != nil {
			return sealed, fmt.Errorf("vault: rotate: %w", err)
		}
		if len(rows) == 0 {
			return sealed, nil
		}
		for _, c := range rows {
			ok, err := v.reseal(ctx, c)
			if err != nil {
				return sealed, fmt.Errorf("vault: rotate: %w", err)
			}
			if ok {
				sealed++
			}
		}
		last = rows[len(rows)-1]
	}
}

func (v *Vault) reseal(ctx context.Context, c *store.Credential) (ok bool, err error) {
	at := place(c.User, c.Server, c.Kind, c.Name)
	plain, err := v.box.Open(c.Sealed, at)
	if err != nil {
		return false, nil // the reason is not of use here: Vars tells its owner
	}
	old := c.Sealed
	if c.Sealed, err = v.box.Seal(plain, at); err != nil {
		return false, err
	}
	c.KeyID = v.box.KeyID()
	return true, v.store.ReplaceSealed(ctx, c, old)
}
