//go:build patchbay_pgx

package store

import (
	"database/sql"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

func postgresDriver(cfg pgx.ConnConfig) (*sql.DB, error) { return stdlib.OpenDB(cfg), nil }
