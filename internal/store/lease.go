package store

import (
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// nowExpr is the time that leases count by, in milliseconds: the database's own where
// several processes share it, read as the statement runs.
func (s *Store) nowExpr() bun.Safe {
	if s.Shared() {
		return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"
	}
	return bun.Safe(strconv.FormatInt(time.Now().UnixMilli(), 10))
}

// leaseEnd is the time d from now, by the clock that leases count by.
func (s *Store) leaseEnd(d time.Duration) bun.Safe {
	return s.nowExpr() + bun.Safe(" + "+strconv.FormatInt(max(d.Milliseconds(), 0), 10))
}

// free is the condition on a row with owner and lease_until that its owner has it no
// longer, for somebody called owner (PROCESS/ID). What owner has itself is not free. On
// SQLite there is one process: other processes have ended, and this one keeps what it
// has, however late it is.
func (s *Store) free(owner string) (cond string, args []any) {
	if s.Shared() {
		return "(owner <> '' AND owner <> ? AND lease_until <= ?)", []any{owner, s.nowExpr()}
	}
	process, _, _ := strings.Cut(owner, "/")
	like := contains(process + "/")
	return "(owner <> '' AND owner NOT LIKE ? ESCAPE '!')", []any{strings.TrimPrefix(like, "%")}
}
