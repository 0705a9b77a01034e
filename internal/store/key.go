package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"patchbay/internal/seal"
)

const (
	keyCheckName  = "key_check"
	keyCheckPlain = "patchbay"
)

// sealedUnder lists the keys that something is sealed under. A sign-in that ran out before
// it was finished is of no use under any key.
const sealedUnder = `SELECT key_id FROM credentials
UNION SELECT key_id FROM oauth_tokens WHERE key_id <> ''
UNION SELECT key_id FROM oauth_registrations
UNION SELECT key_id FROM servers
UNION SELECT key_id FROM oauth_flows WHERE key_id <> '' AND expires_at > ?
ORDER BY key_id`

// CheckKey fails when rows exist that box cannot open: going on would lose people's
// credentials. It leaves a row that is sealed under the current key, which tells a
// wrong key from an empty database at the next start.
func (s *Store) CheckKey(ctx context.Context, box *seal.Box) (err error) {
	defer wrap(&err, "store: check key")
	return s.durably(ctx, func(ctx context.Context, tx bun.Tx) error {
		var ids []string
		if err := tx.NewRaw(sealedUnder, millis(time.Now())).Scan(ctx, &ids); err != nil {
			return err
		}
		known := box.KeyIDs()
		for _, id := range ids {
			if !slices.Contains(known, id) {
				return wrongKey(known, id)
			}
		}
		return proveKey(ctx, tx, box, len(ids) > 0)
	})
}

// proveKey opens the row that an earlier start left, and writes it anew when it is
// missing or under another key. A row that does not open matters only when there is
// something that would be lost.
func proveKey(ctx context.Context, tx bun.Tx, box *seal.Box, used bool) error {
	ad := seal.Data("meta", "", "", keyCheckName)
	var sealed string
	err := tx.NewRaw("SELECT value FROM meta WHERE key = ?", keyCheckName).Scan(ctx, &sealed)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if sealed != "" {
		_, err := box.Open(sealed, ad)
		if err != nil && used {
			return wrongKey(box.KeyIDs(), seal.KeyIDOf(sealed))
		}
		if err == nil && seal.KeyIDOf(sealed) == box.KeyID() {
			return nil
		}
	}
	if sealed, err = box.Seal([]byte(keyCheckPlain), ad); err != nil {
		return err
	}
	_, err = tx.NewRaw("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", keyCheckName, sealed).Exec(ctx)
	return err
}

func wrongKey(have []string, want string) error {
	return fmt.Errorf("credentials in the database are sealed under key %s, and the configured keys are %s; set CREDS_KEY (or CREDS_KEY_PREVIOUS, to rotate) to the key that was used before, or restore the key file", want, strings.Join(have, ", "))
}
