package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"
)

// Options say where the rows live.
type Options struct {
	// DataDir is the data folder; made with mode 0700 when it is not there. On
	// PostgreSQL it may be empty: the store itself keeps nothing there.
	DataDir string
	// DatabaseURL, when set, is a postgres:// URL and switches the engine.
	DatabaseURL string
	// Logger gets what the migrations do. Nil: nothing is logged.
	Logger *slog.Logger
}

// Engine is the kind of database.
type Engine string

// The engines.
const (
	EngineSQLite   Engine = "sqlite"
	EnginePostgres Engine = "postgres"
)

// Store is an open database.
type Store struct {
	engine Engine
	db     *bun.DB // reads, and writes that may be lost with the machine's power
	sure   *bun.DB // writes that may not; the same as db on PostgreSQL
	lock   *folderLock
	listen *pgx.ConnConfig // for Listen's connection; nil on SQLite

	mu      sync.Mutex
	seen    int64 // newest version of the accounts that Epoch has accounted for
	foreign int64 // how often another process moved it
}

// Open opens the database and brings its schema up to date. On SQLite it takes the
// data folder for this process alone: a *LockedError says who else has it.
func Open(ctx context.Context, o Options) (s *Store, err error) {
	defer wrap(&err, "store: open")
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.DataDir == "" && o.DatabaseURL == "" {
		return nil, errors.New("neither a data folder nor a database URL is given")
	}
	if o.DataDir != "" {
		if err := makeDataDir(ctx, o.DataDir, o.Logger); err != nil {
			return nil, err
		}
	}
	s = &Store{engine: EngineSQLite}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
			s = nil
		}
	}()
	if o.DatabaseURL != "" {
		s.engine = EnginePostgres
		err = s.openPostgres(o.DatabaseURL)
	} else {
		err = s.openSQLite(o.DataDir)
	}
	if err != nil {
		return s, err
	}
	if err := s.db.PingContext(ctx); err != nil {
		return s, fmt.Errorf("reach the database: %w", err)
	}
	if err := migrate(ctx, s.engine, s.sure.DB, o.Logger); err != nil {
		return s, err
	}
	s.seen, err = accountsVersion(ctx, s.db)
	return s, err
}

// makeDataDir makes the data folder, private to this user, or makes an empty one
// private. A folder that holds other things is left as it is, with a warning: it may
// be somebody's home or /tmp. The files in it that matter have mode 0600 anyway.
func makeDataDir(ctx context.Context, dir string, log *slog.Logger) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		err = os.MkdirAll(dir, 0o700)
	}
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	const openToOthers = 0o077
	if info.Mode().Perm()&openToOthers == 0 {
		return nil
	}
	if len(entries) == 0 && info.Mode()&fs.ModeSticky == 0 && os.Chmod(dir, 0o700) == nil {
		return nil
	}
	log.WarnContext(ctx, "the data folder may be entered by other users of this machine; run chmod 700 on it", "folder", dir, "mode", info.Mode().String())
	return nil
}

// Engine returns the kind of database.
func (s *Store) Engine() Engine { return s.engine }

// Shared reports whether other processes may change the rows while this one runs.
func (s *Store) Shared() bool { return s.engine == EnginePostgres }

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) (err error) {
	defer wrap(&err, "store: ping")
	return s.db.PingContext(ctx)
}

// Close ends all connections and gives the data folder back.
func (s *Store) Close() error {
	var errs []error
	if s.sure != nil && s.sure != s.db {
		errs = append(errs, s.sure.Close())
	}
	if s.db != nil {
		errs = append(errs, s.db.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.release())
	}
	return errors.Join(errs...)
}

// durably runs fn in one transaction whose commit is on disk when durably returns.
func (s *Store) durably(ctx context.Context, fn func(ctx context.Context, tx bun.Tx) error) error {
	return s.sure.RunInTx(ctx, &sql.TxOptions{}, fn)
}
