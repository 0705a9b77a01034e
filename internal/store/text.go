package store

import (
	"strings"

	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
)

// PostgreSQL has no NUL in text, and bun makes one a syntax error. What strangers
// write into a URL must find nothing instead, so it is written as the character for
// "not text" here, in the one place that all values pass; bun does the same with
// bytes that are not UTF-8. What is stored on purpose is checked before it gets here.
func sendable(s string) string { return strings.ReplaceAll(s, "\x00", "\uFFFD") }

type sqliteDialect struct{ *sqlitedialect.Dialect }

func (d sqliteDialect) AppendString(b []byte, s string) []byte {
	return d.Dialect.AppendString(b, sendable(s))
}

type postgresDialect struct{ *pgdialect.Dialect }

func (d postgresDialect) AppendString(b []byte, s string) []byte {
	return d.Dialect.AppendString(b, sendable(s))
}
