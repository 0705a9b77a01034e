package store

import (
	"context"
	"errors"
	"io/fs"
)

// MigrateTo takes the schema up or down to a version.
func (s *Store) MigrateTo(ctx context.Context, version int64) error {
	p, err := migrator(s.engine, s.sure.DB)
	if err != nil {
		return err
	}
	current, err := p.GetDBVersion(ctx)
	if err != nil {
		return err
	}
	if version < current {
		_, err = p.DownTo(ctx, version)
	} else {
		_, err = p.UpTo(ctx, max(version, 1))
	}
	return err
}

// Exec runs a statement.
func (s *Store) Exec(ctx context.Context, query string) error {
	_, err := s.sure.DB.ExecContext(ctx, query)
	return err
}

// Pragma returns a setting of each SQLite handle: the quick one and the sure one.
func (s *Store) Pragma(ctx context.Context, name string) (quick, sure string, err error) {
	err = errors.Join(
		s.db.DB.QueryRowContext(ctx, "PRAGMA "+name).Scan(&quick),
		s.sure.DB.QueryRowContext(ctx, "PRAGMA "+name).Scan(&sure))
	return quick, sure, err
}

// MigrationNames lists the migrations, in order.
func MigrationNames() ([]string, error) {
	entries, err := fs.ReadDir(migrationFiles, "migrations")
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, err
}
