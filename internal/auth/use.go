package auth

import (
	"sync"
	"time"

	"patchbay/internal/store"
)

// usePace is how coarse times of last use are.
const usePace = int64(time.Minute / time.Millisecond)

// uses are the times of last use that are not written yet.
type uses struct {
	most int

	mu sync.Mutex
	by map[string]store.Use // by id
}

func newUses(most int) uses { return uses{most: most, by: make(map[string]store.Use)} }

// note takes a use. When nobody takes them out it fills up and then forgets: a time
// of last use is worth no memory.
func (u *uses) note(use store.Use) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if _, known := u.by[use.ID]; known || len(u.by) < u.most {
		u.by[use.ID] = use
	}
}

func (u *uses) take() []store.Use {
	u.mu.Lock()
	defer u.mu.Unlock()
	taken := make([]store.Use, 0, len(u.by))
	for _, use := range u.by {
		taken = append(taken, use)
	}
	clear(u.by)
	return taken
}
