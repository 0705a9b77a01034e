//go:build !patchbay_pgx

package store

import (
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5"
)

// The driver's package needs a module that go.mod does not list yet; until it does,
// the tag patchbay_pgx builds it in.
func postgresDriver(pgx.ConnConfig) (*sql.DB, error) {
	return nil, errors.New("this build has no PostgreSQL driver; unset DATABASE_URL, or build with -tags patchbay_pgx")
}
