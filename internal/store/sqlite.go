package store

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	_ "modernc.org/sqlite" // the driver "sqlite", without cgo
)

// databaseFile is the SQLite file's name in the data folder.
const databaseFile = "patchbay.db"

// Bounds of the SQLite handles. Readers do not wait for the writer (WAL); a page
// cache belongs to each connection, so there are few of them and they close when idle.
const (
	sqliteReaders   = 4
	sqliteCacheKiB  = 512
	sqliteBusyMS    = 10_000
	sqliteIdle      = time.Minute
	sqliteWALPages  = 1000
	sqliteJournalKB = 4096
)

// openSQLite opens the file twice: synchronous is a setting of the connection, and
// only what must not be lost pays for a sync to disk.
func (s *Store) openSQLite(dir string) error {
	lock, err := lockFolder(dir)
	if err != nil {
		return err
	}
	s.lock = lock
	path, err := filepath.Abs(filepath.Join(dir, databaseFile))
	if err != nil {
		return err
	}
	// SQLite gives its -wal and -shm files the mode of the file itself.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("database file: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("database file: %w", err)
	}
	if s.db, err = sqliteHandle(path, "NORMAL", sqliteReaders); err != nil {
		return err
	}
	s.sure, err = sqliteHandle(path, "FULL", 1)
	return err
}

func sqliteHandle(path, synchronous string, conns int) (*bun.DB, error) {
	q := url.Values{
		"_txlock": {"immediate"}, // a transaction that reads first would else fail when it writes
		"_pragma": {
			fmt.Sprintf("busy_timeout(%d)", sqliteBusyMS),
			"journal_mode(WAL)",
			"foreign_keys(1)",
			"synchronous(" + synchronous + ")",
			fmt.Sprintf("cache_size(-%d)", sqliteCacheKiB),
			fmt.Sprintf("wal_autocheckpoint(%d)", sqliteWALPages),
			fmt.Sprintf("journal_size_limit(%d)", sqliteJournalKB<<10),
		},
	}
	dsn := (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String()
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	db.SetConnMaxIdleTime(sqliteIdle)
	return bun.NewDB(db, sqliteDialect{sqlitedialect.New()}), nil
}
