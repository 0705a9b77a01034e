package store

import (
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// Bounds of the PostgreSQL pool of one process.
const (
	postgresConns = 16
	postgresIdle  = 4
	postgresLife  = time.Hour
	idleFor       = 5 * time.Minute
)

func (s *Store) openPostgres(url string) error {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		// The parser's error may quote the URL, and the URL holds a password.
		return errors.New("DATABASE_URL is not a PostgreSQL URL; it looks like postgres://USER:PASSWORD@HOST:5432/DATABASE")
	}
	// bun writes values into the query text, so a cache of prepared statements would
	// only ever miss.
	cfg.DefaultQueryExecMode = pgx.QueryExecModeExec
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "patchbay"
	}
	// bun escapes quotes by doubling, which is all there is to escape only so.
	cfg.RuntimeParams["standard_conforming_strings"] = "on"
	s.listen = cfg
	db := stdlib.OpenDB(*cfg)
	db.SetMaxOpenConns(postgresConns)
	db.SetMaxIdleConns(postgresIdle)
	db.SetConnMaxIdleTime(idleFor)
	db.SetConnMaxLifetime(postgresLife)
	s.db = bun.NewDB(db, postgresDialect{pgdialect.New()})
	s.sure = s.db
	return nil
}
