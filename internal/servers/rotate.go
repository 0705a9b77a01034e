package servers

import (
	"context"
	"fmt"

	"patchbay/internal/store"
)

// rotateBatch bounds the rows that are read at a time.
const rotateBatch = 100

// Rotate seals every definition that is under a previous key again under the current one.
// It returns how many; one that does not open stays as it is.
func (s *Service) Rotate(ctx context.Context) (sealed int, err error) {
	var last *store.Server
	for {
		rows, err := s.o.Store.ServersNotUnder(ctx, s.o.Box.KeyID(), last, rotateBatch)
		if err != nil || len(rows) == 0 {
			return sealed, err
		}
		for _, row := range rows {
			plain, err := s.o.Box.Open(row.Sealed, place(row.ID))
			if err != nil {
				continue // All says so when it is read
			}
			old := row.Sealed
			if row.Sealed, err = s.o.Box.Seal(plain, place(row.ID)); err != nil {
				return sealed, fmt.Errorf("servers: rotate: %w", err)
			}
			row.KeyID = s.o.Box.KeyID()
			if err := s.o.Store.ReplaceSealedServer(ctx, row, old); err != nil {
				return sealed, err
			}
			sealed++
		}
		last = rows[len(rows)-1]
	}
}
