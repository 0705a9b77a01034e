package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// Migrations are append-only: one that was released is never edited.
//
//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrate brings the schema up to date. Replicas that start together take turns.
func migrate(ctx context.Context, engine Engine, db *sql.DB, log *slog.Logger) error {
	p, err := migrator(engine, db)
	if err != nil {
		return err
	}
	current, target, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	if current > target {
		return fmt.Errorf("the database was written by a newer patchbay (schema %d, this one knows %d); run that version, or restore a backup", current, target)
	}
	done, err := p.Up(ctx)
	if err != nil {
		return fmt.Errorf("migrate the schema: %w", err)
	}
	for _, m := range done {
		log.InfoContext(ctx, "schema migrated", "engine", string(engine), "migration", m.Source.Path, "took", m.Duration)
	}
	return nil
}

func migrator(engine Engine, db *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, err
	}
	opts := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger())}
	switch engine {
	case EngineSQLite:
		return goose.NewProvider(goose.DialectSQLite3, db, files, opts...)
	case EnginePostgres:
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 120))
		if err != nil {
			return nil, err
		}
		return goose.NewProvider(goose.DialectPostgres, db, files, append(opts, goose.WithSessionLocker(locker))...)
	}
	return nil, errors.New("unknown engine " + string(engine))
}
